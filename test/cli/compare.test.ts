// `vxlane compare` as a user meets it: two benchmarks, two runs, a mix; words, JSON, Markdown, exit codes.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { SavedBench } from '../../src/bench/saved.js'
import { compareBenches } from '../../src/compare/benches.js'
import { run } from '../../src/index.js'
import { toJson } from '../../src/run/json.js'
import { bench, drawsOf, inTurn, samplesOf, workload } from '../compare/make-bench.js'

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vxlane-compare-'))
const at = (name: string) => join(folder, name)

function compare(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'compare', ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { code: status, out: stdout, err: stderr }
}

const draws = drawsOf('cli')
const one = (name: string, factor = 1, exact?: SavedBench['workloads'][0]['exact']) =>
  workload(name, samplesOf(draws, { factor, rounds: 12 }), exact)
const [a, b] = inTurn(
  [one('encap'), one('egress'), one('gone|away')],
  [one('encap', 1.1), one('egress', 1, { packets: 999, digest: 'd2' })],
)

beforeAll(async () => {
  for (const [name, saved] of [
    ['a.json', a],
    ['b.json', b],
    ['c.json', bench('c', [one('egress')])],
  ] as const)
    writeFileSync(at(name), JSON.stringify(saved))
  const scenario = { apiVersion: 'vxlane/v1', name: 'tiny', duration: '1ms', cluster: { agentPoolProfiles: [{ name: 'np', count: 1 }] } }
  const result = await run(scenario, { workers: 0 })
  writeFileSync(at('run.json'), toJson(result))
  writeFileSync(at('scenario.yaml'), JSON.stringify(scenario))
  writeFileSync(at('moved.json'), toJson({ ...result, digest: 'f'.repeat(32), checkpoints: result.checkpoints.map(() => 'f'.repeat(32)) }))
  writeFileSync(at('other.json'), toJson({ ...result, totals: { ...result.totals, sent: 7 } }))
})

describe('two benchmarks', () => {
  test('in a terminal: the verdict first, then times, then what is other work; exit 4 on a regression', () => {
    const { code, out } = compare('a.json', 'b.json')
    expect(code).toBe(4)
    expect(out).toMatch(/^REGRESSED {2}1 regressed, 1 different work, 1 only in A\n/)
    expect(out).toMatch(/^encap +per packet +1 ms +1.1 ms +\+\d+\.\d % +\+\d+\.\d % to \+\d+\.\d % +< 0.0001 +\d+\.\d % +regressed$/m)
    expect(out).toMatch(/^egress: different work\n {2}packets +1,000 +999\n {2}digest +d1 +d2$/m)
    expect(out).toContain("method: builds took turns (A B B A), Wilcoxon's signed ranks over pairs; p after Holm over 1 workload")
    expect(compare('b.json', 'a.json')).toMatchObject({ code: 0, out: expect.stringMatching(/improved/) })
  })
  test('as JSON: the object of the library', () => {
    const { code, out } = compare('a.json', 'b.json', '--json')
    expect([code, JSON.parse(out)]).toEqual([4, JSON.parse(toJson(compareBenches(a, b)))])
  })
  test('as Markdown: a table, names that cannot break it, the rest folded away', () => {
    const { code, out } = compare('a.json', 'b.json', '--markdown')
    expect(code).toBe(4)
    expect(out).toMatch(/^### vxlane bench: regressed\n/)
    const rows = out.split('\n').filter(line => line.startsWith('|'))
    expect(rows[0]).toBe('| workload | A | B | B over A | 95 % interval | verdict |')
    for (const row of rows.slice(0, 5)) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(8)
    expect(out).toContain('gone\\|away')
    expect(out).toContain('| **regressed** |')
    expect(out.match(/<details>/g)).toHaveLength(1)
    expect(out.trimEnd().endsWith('</details>')).toBe(true)
  })
  test('as Markdown in a file, beside JSON on standard output', () => {
    const { out } = compare('a.json', 'b.json', '--json', '--markdown', 'c.md')
    expect(JSON.parse(out)).toMatchObject({ of: 'benches' })
    expect(readFileSync(at('c.md'), 'utf8')).toBe(compare('a.json', 'b.json', '--markdown', '-').out)
    expect(compare('a.json', 'b.json', '--json', '--markdown')).toMatchObject({ code: 2, err: expect.stringContaining('name a file') })
  })
  test('as a page, beside the text or instead of it; the same out of the saved comparison', () => {
    expect(compare('a.json', 'b.json', '--html', 'page.html')).toMatchObject({ code: 4, out: expect.stringMatching(/^REGRESSED/) })
    const page = readFileSync(at('page.html'), 'utf8')
    expect(page).toMatch(/^<!doctype html>[\s\S]*REGRESSED/)
    expect(compare('a.json', 'b.json', '--html', '-').out).toMatch(/^<!doctype html>/)
    expect(compare('a.json', 'b.json', '--html', '-', '--json')).toMatchObject({ code: 2, err: expect.stringContaining('name a file') })
    writeFileSync(at('saved.json'), compare('a.json', 'b.json', '--json').out)
    const made = spawnSync(process.execPath, [MAIN, 'report', 'saved.json'], { cwd: folder, encoding: 'utf8' })
    expect(made).toMatchObject({ status: 0, stderr: 'saved.html\n' })
    const command = (html: string) => html.replace(/<pre>vxlane compare.*?<\/pre>/, '')
    expect(command(readFileSync(at('saved.html'), 'utf8'))).toBe(command(page))
  })
  test('the floor is a share', () => {
    expect(compare('a.json', 'b.json', '--floor', '30%')).toMatchObject({ code: 0, out: expect.stringContaining('floor 30 %') })
    for (const floor of ['3', '200%']) expect(compare('a.json', 'b.json', `--floor=${floor}`)).toMatchObject({ code: 2, out: '' })
  })
})

describe('what cannot be compared', () => {
  test('a run and a benchmark', () => {
    expect(compare('run.json', 'a.json')).toMatchObject({
      code: 2,
      out: '',
      err: 'vxlane: run.json is a run, a.json a benchmark; compare two of a kind\n',
    })
  })
  test('options of the other kind', () => {
    const refused = (words: string) => ({ code: 2, out: '', err: `vxlane: ${words}\n` })
    expect(compare('run.json', 'run.json', '--floor', '5%')).toEqual(refused('--floor is for two benchmarks; these are two runs'))
    for (const option of ['--events', '--build-a=.', '--build-b=.', '--scenarios=x'])
      expect(compare('a.json', 'b.json', option)).toEqual(refused(`${option.split('=')[0]} is for two runs; these are two benchmarks`))
  })
  test('what is neither, is not there, or is damaged: a sentence, located', () => {
    writeFileSync(at('x.json'), '{"kind":"plan"}')
    writeFileSync(at('y.json'), JSON.stringify({ ...a, workloads: [{ name: 'x' }] }, null, 2))
    writeFileSync(at('z.json'), '{"kind":"bench",')
    expect(compare('x.json', 'a.json').err).toContain('x.json is neither the result of a run nor a saved benchmark')
    expect(compare('missing.json', 'a.json').err).toBe(
      'vxlane: cannot read missing.json: there is no such file; check the path, it counts from the current folder\n',
    )
    expect(compare('y.json', 'a.json').err).toMatch(/^y\.json:\d+:\d+: /)
    for (const name of ['y', 'z']) {
      const { code, out, err } = compare('a.json', `${name}.json`)
      expect([code, out, err.includes('    at ')]).toEqual([2, '', false])
    }
  })
})

describe('two runs', () => {
  test('equal, changed (exit 4), and as Markdown', () => {
    expect(compare('run.json', 'run.json')).toMatchObject({ code: 0, out: expect.stringMatching(/^EQUAL/) })
    expect(compare('run.json', 'other.json')).toMatchObject({ code: 4, out: expect.stringMatching(/^CHANGED[\s\S]*totals\.sent/) })
    expect(compare('run.json', 'other.json', '--markdown').out).toMatch(/^### vxlane run: changed\n[\s\S]*\| totals\.sent \| 0 \| 7 \|/)
  })
  test('--events repeats both, and says what is missing for it', () => {
    expect(compare('run.json', 'moved.json', '--events')).toMatchObject({ code: 2, err: expect.stringContaining('--scenarios A B') })
    const same = compare('run.json', 'moved.json', '--scenarios', 'scenario.yaml', 'scenario.yaml')
    expect(same).toMatchObject({ code: 2, err: expect.stringContaining('b was made by another build') })
  })
})

test('the workflow of the documents uses options that there are', () => {
  const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(new URL('../../docs/compare.md', import.meta.url), 'utf8')) ?? []
  const steps: { run?: string }[] = parse(yaml).jobs.compare.steps
  const [line] = steps.flatMap(({ run: words }) => (words?.includes('main.js bench') ? [words] : []))
  const { stdout } = spawnSync(process.execPath, [MAIN, 'bench', '--help'], { encoding: 'utf8' })
  for (const [option] of line.matchAll(/--[a-z]+/g)) expect(stdout).toContain(option)
})
