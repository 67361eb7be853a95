// Fills the documents with what the program really prints: `npm run docs`. Each ```console block has commands, "$ …", which are run
// in order in a folder of the document's own; what they print takes the place of what stood there. So no number in a document is
// written by hand, and `test/docs.test.ts` fails when one is no longer true. What depends on the machine (the "engine" line) is cut out.
//
//   <!-- as FILE -->      the next fenced block is written to that file first
//   <!-- long -->         the next console block takes long: run only with --long
//   <!-- about: NAME -->  the next paragraph is the opening comment of scenarios/NAME.yaml
//   <!-- found: NAME -->  the next line is a sentence about results/NAME (see findings.mjs)
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { FINDINGS } from './findings.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAIN = join(ROOT, 'dist/src/cli/main.js')
export const DOCUMENTS = ['README.md', 'docs/scenarios.md', 'docs/compare.md', 'docs/distributed.md', 'docs/kubernetes.md']

/** A place to run commands in: `vxlane` on the path, the scenarios beside. */
function makePlace() {
  const folder = mkdtempSync(join(tmpdir(), 'vxlane-docs-'))
  const shim = join(folder, '.bin')
  mkdirSync(shim)
  writeFileSync(join(shim, 'vxlane'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`)
  chmodSync(join(shim, 'vxlane'), 0o755)
  cpSync(join(ROOT, 'scenarios'), join(folder, 'scenarios'), { recursive: true })
  // What `kubectl get … -A -o yaml` printed somewhere.
  cpSync(join(ROOT, 'test/golden/sample-cluster/all.yaml'), join(folder, 'all.yaml'))
  return { folder, env: { ...process.env, PATH: `${shim}${delimiter}${process.env.PATH}`, NO_COLOR: '1', CI: '1', LC_ALL: 'C.UTF-8' } }
}

const hasTshark = () => spawnSync('tshark', ['--version']).status === 0

/** Redis and the packages of the queue. */
const hasQueue = () =>
  spawnSync('redis-server', ['--version']).status === 0 && ['bullmq', 'ioredis'].every(name => existsSync(join(ROOT, 'node_modules', name)))

/** What a command prints, without what depends on the machine. */
function outputOf(command, place) {
  const { start } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts
  const line = command === 'npm start' ? start.replace('node dist/src/cli/main.js', 'vxlane') : command
  // The messages of tshark about its own user are nobody's business.
  const quiet = line.replace(/\btshark\b([^|]*)/, 'tshark$1 2>/dev/null ')
  const { stdout } = spawnSync('bash', ['-c', `{ ${quiet}\n} 2>&1`], {
    cwd: place.folder,
    env: place.env,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  return (
    stdout
      .replace(/^.*, ETA .*\n/gm, '')
      // Workers may take their time to start.
      .replace(/^(no worker of vxlane|\d+ workers? (is|are) here now).*\n/gm, '')
      .replace(/^(engine +).*$/gm, '$1…')
      .replace(/[ \t]+$/gm, '')
      .trimEnd()
  )
}

/** Commands of a console block; a backslash continues one on the next line. */
function commandsOf(body) {
  const commands = []
  let open = false
  for (const line of body.split('\n')) {
    if (open) commands[commands.length - 1] += `\n${line}`
    else if (line.startsWith('$ ')) commands.push(line.slice(2))
    open = (open || line.startsWith('$ ')) && line.endsWith('\\')
  }
  return commands
}

function runBlock(body, place) {
  if (/^\$ tshark/m.test(body) && !hasTshark()) return body
  if (/^\$ redis-server/m.test(body) && !hasQueue()) return body
  return commandsOf(body)
    .map(command => `$ ${command}\n${outputOf(command.replaceAll('\\\n', ' '), place)}`.trimEnd())
    .join('\n')
}

/** The opening comment of a scenario, its lines joined to paragraphs. */
function aboutOf(name) {
  const lines = readFileSync(join(ROOT, 'scenarios', `${name}.yaml`), 'utf8').split('\n')
  const comment = lines.slice(0, lines.indexOf('')).filter(line => !line.includes('$schema'))
  return comment
    .map(line => line.replace(/^# ?/, ''))
    .join('\n')
    .split('\n\n')
    .flatMap(paragraph => (paragraph.includes('\n  ') ? [] : [paragraph.replaceAll('\n', ' ')]))
    .join(' ')
    .replaceAll('\n', ' ')
    .trim()
}

function foundIn(name, place, before) {
  try {
    return FINDINGS[name](JSON.parse(readFileSync(join(place.folder, 'results', name, 'result.json'), 'utf8')))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return before
  }
}

const BLOCK = /((?:<!-- [^>]+ -->\n)*)```(\w+)\n([\s\S]*?)\n```|<!-- (about|found): ([\w/-]+) -->\n(.*)/g

/** The document with everything that is generated made anew. `long`: the blocks that take long, too. */
export function render(text, { long = false } = {}) {
  const place = makePlace()
  try {
    return text.replace(BLOCK, (whole, marks, language, body, kind, name, before) => {
      if (kind === 'about') return `<!-- about: ${name} -->\n${aboutOf(name)}`
      if (kind === 'found') return `<!-- found: ${name} -->\n${foundIn(name, place, before)}`
      const file = /<!-- as (\S+) -->/.exec(marks)?.[1]
      if (file) writeFileSync(join(place.folder, file), `${body}\n`)
      if (language !== 'console' || (marks.includes('<!-- long -->') && !long)) return whole
      return `${marks}\`\`\`console\n${runBlock(body, place)}\n\`\`\``
    })
  } finally {
    rmSync(place.folder, { recursive: true, force: true })
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const document of DOCUMENTS) {
    const path = join(ROOT, document)
    const before = readFileSync(path, 'utf8')
    const after = render(before, { long: argv.includes('--long') })
    if (after !== before) writeFileSync(path, after)
    process.stdout.write(`${document}: ${after === before ? 'as it was' : 'renewed'}\n`)
  }
}
