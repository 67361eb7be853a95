// The gallery: every scenario and study that comes with vxlane is run, pairs are compared, its page is looked at by a real browser, and docs/gallery gets the
// picture, what it shows in a sentence, how long it took on this machine, and the command. `npm run gallery`; needs Chromium.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { argv, env, execPath, stderr } from 'node:process'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAIN = join(ROOT, 'dist/src/cli/main.js')
const GALLERY = join(ROOT, 'docs/gallery')

const yamlIn = folder =>
  readdirSync(join(ROOT, folder))
    .filter(name => name.endsWith('.yaml'))
    .map(name => join(folder, name))

/** The first sentence of a file's opening comment. */
function aboutOf(file) {
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n')
  const comment = []
  for (const line of lines) {
    if (!line.startsWith('#')) break
    if (!line.startsWith('# yaml-language-server')) comment.push(line.replace(/^# ?/, ''))
  }
  const [, sentence] = /^(.*?[.?!])(\s|$)/s.exec(`${comment.join(' ')} `) ?? [null, comment.join(' ')]
  return sentence
}

/** Runs one; its page and the wall time. */
function made(file, kind, folder) {
  const out = join(folder, `${kind}-${basename(file, '.yaml')}`)
  const started = performance.now()
  const { status, stderr: said } = spawnSync(execPath, [MAIN, kind, file, '--out', out, '-q'], { cwd: ROOT, encoding: 'utf8' })
  if (status !== 0 && status !== 3) throw new Error(`${file} ended with ${status}: ${said}`)
  return { page: join(out, 'report.html'), seconds: (performance.now() - started) / 1000 }
}

/** Pairs of scenarios whose runs tell more side by side; what to look at, the first part of the page that is there. */
const PAIRS = [
  {
    a: 'snat-one-destination',
    b: 'snat-nat-gateway',
    about: 'The same calls to one destination, through a load balancer with fixed ports for each node and through a NAT gateway.',
  },
]

/** Compares the folders of two runs; its page and the wall time. */
function compared({ a, b }, folder) {
  const page = join(folder, `compare-${a}-${b}.html`)
  const started = performance.now()
  const sides = [a, b].map(name => join(folder, `run-${name}`))
  const { status, stderr: said } = spawnSync(execPath, [MAIN, 'compare', ...sides, '--html', page], { cwd: ROOT, encoding: 'utf8' })
  if (status !== 0) throw new Error(`comparing ${a} and ${b} ended with ${status}: ${said}`)
  return { page, seconds: (performance.now() - started) / 1000 }
}

/** The parts of a page worth a picture, the first that is there: what ran out, what was lost, how a study's map looks, how it went. */
const TELLING = [
  '#maps',
  '#snat figure',
  '#drops figure',
  '#connections figure',
  '#resources figure',
  '#time figure',
  '#journey',
  '.verdict',
]

/** Of a comparison: what ran out in one and not in the other, else what differs most. */
const DIFFERING = ['#limits figure', '#numbers figure', '.verdict']

async function picture(browser, page, file, telling = TELLING) {
  const tab = await browser.newPage({ viewport: { width: 900, height: 700 }, deviceScaleFactor: 1 })
  await tab.goto(`file://${page}`)
  await tab.waitForTimeout(300)
  for (const selector of telling) {
    const part = tab.locator(selector).first()
    if ((await part.count()) === 0) continue
    await part.screenshot({ path: file })
    break
  }
  await tab.close()
}

async function gallery() {
  const only = argv.slice(2)
  const place = mkdtempSync(join(tmpdir(), 'vxlane-gallery-'))
  mkdirSync(GALLERY, { recursive: true })
  const browser = await chromium.launch({ executablePath: env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
  const parts = []
  try {
    for (const [kind, folder] of [
      ['run', 'scenarios'],
      ['study', 'scenarios/studies'],
    ]) {
      for (const file of yamlIn(folder)) {
        const name = `${kind === 'study' ? 'study-' : ''}${basename(file, '.yaml')}`
        if (only.length > 0 && !only.includes(name)) continue
        const { page, seconds } = made(file, kind, place)
        await picture(browser, page, join(GALLERY, `${name}.png`))
        parts.push(
          `## ${name}\n\n${aboutOf(file)}\n\n\`vxlane ${kind} ${file}\`, ${seconds.toFixed(1)} s here.\n\n![${aboutOf(file)}](${name}.png)\n`,
        )
        stderr.write(`${name}: ${seconds.toFixed(1)} s\n`)
      }
    }
    for (const pair of PAIRS) {
      const name = `compare-${pair.a}-${pair.b}`
      if (only.length > 0 && !only.includes(name)) continue
      for (const side of [pair.a, pair.b]) if (!existsSync(join(place, `run-${side}`))) made(`scenarios/${side}.yaml`, 'run', place)
      const { page, seconds } = compared(pair, place)
      await picture(browser, page, join(GALLERY, `${name}.png`), DIFFERING)
      parts.push(
        `## ${name}\n\n${pair.about}\n\n\`vxlane compare results/${pair.a} results/${pair.b} --html comparison.html\`, ${seconds.toFixed(1)} s here once both have run.\n\n![${pair.about}](${name}.png)\n`,
      )
      stderr.write(`${name}: ${seconds.toFixed(1)} s\n`)
    }
  } finally {
    await browser.close()
    rmSync(place, { recursive: true, force: true })
  }
  if (only.length === 0) {
    const head =
      '# Gallery\n\nEvery scenario and study that comes with vxlane, and runs side by side: what it shows, the command, how long it took on the machine that made this page\n' +
      '(two cores), and the part of its `report.html` that tells most. Made by `npm run gallery`; `docs/scenarios.md` has what each prints.\n'
    writeFileSync(join(GALLERY, 'README.md'), `${head}\n${parts.join('\n')}`)
  }
}

await gallery()
