// vxlane bench as a user meets it, in the smallest size.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readSavedBench } from '../../src/bench/saved.js'
import { SUITE } from '../../src/bench/suite.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MAIN = join(ROOT, 'dist/src/cli/main.js')
const folder = mkdtempSync(join(tmpdir(), 'vxlane-bench-cli-'))
const env = { ...process.env, NO_COLOR: '1' }

function bench(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'bench', ...words], { encoding: 'utf8', env })
  return { code: status, out: stdout, err: stderr }
}

test('--list says what each does', () => {
  const { code, out } = bench('all', '--list')
  expect(code).toBe(0)
  const lines = out.trimEnd().split('\n')
  expect(lines.map(line => line.split(' ')[0])).toEqual(SUITE.map(({ name }) => name))
  for (const line of lines) expect(line).toMatch(/^\S+ +(workload|kernel) +(quick)? +\S.{20,}$/)
  expect(bench('kernels', '--list').out.split('\n')).toHaveLength(8)
})

describe('usage', () => {
  test.each([
    [['fibb'], 'vxlane: there is no benchmark fibb; did you mean fib?'],
    [['fib,conection', '--runs', '1'], 'vxlane: there is no benchmark conection; did you mean connections?'],
    [['fib', '--runs', '0'], 'It is a whole number from 1 to 1000.'],
    [['fib', '--runs', 'many'], 'It is a whole number from 1 to 1000.'],
    [['fib', '--floor', '5%'], 'vxlane: --floor and --markdown say how to compare; add --against'],
    [['fib', '--against', 'x', '--json', '--markdown'], '--json and --markdown both go to standard output'],
    [['fib', '--against', 'no.json'], 'no.json: FileNotRead: there is no such file'],
    [['fib', '--against', join(ROOT, 'docs')], 'docs: NotABuild: there is no vxlane in this folder; '],
    [['fib', '--save', '-'], 'vxlane: --save takes a file; --json prints what it would hold'],
    [['fib', '--save', tmpdir()], 'is a folder; name a file for the samples'],
    [['fib', '--save', '/dev/null/x'], 'vxlane: cannot write /dev/null/x: a file stands in the place of a folder\n'],
  ])('%j', (words, said) => {
    const { code, out, err } = bench(...words)
    expect(err).toContain(said)
    expect(err).not.toMatch(/\n {4}at /)
    expect([code, out]).toEqual([2, ''])
  })
})

test('text, and the file that --save writes', () => {
  const file = join(folder, 'a.json')
  const { code, out, err } = bench('histogram', '--size', 'smoke', '--runs', '1', '--save', file)
  const saved = readSavedBench(file)
  expect([code, saved.workloads.map(({ name }) => name), saved.suite]).toEqual([0, ['histogram'], '1/smoke'])
  expect(out).toContain(`build ${saved.engine.build}, suite 1/smoke`)
  expect(out).toMatch(/\nhistogram +262,144 +values +\S+ +\S+ +0\.0 % +\S+ +0\.0 % +\S+ [kMG] +\S+ (us|ms|s)\n/)
  expect(out).toMatch(/\nhistogram +recorded 262,144, p50 /)
  expect(err).toMatch(/^sample 1 of 2, histogram, ETA unknown\n/)
})

test('--json prints what would be saved, and nothing else', () => {
  const file = join(folder, 'b.json')
  const { code, out, err } = bench('fib', '--size', 'smoke', '--runs', '2', '--quiet', '--json', '--save', file)
  expect([code, err]).toEqual([0, ''])
  expect(out).toBe(readFileSync(file, 'utf8'))
  expect(JSON.parse(out)).toEqual(readSavedBench(file))
})

test('^C ends it, and what was finished is kept', async () => {
  const file = join(folder, 'c.json')
  const child = spawn(process.execPath, [MAIN, 'bench', 'fib', '--size', 'smoke', '--runs', '1000', '--save', file], { env })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  // The first sample is the warm-up: when the third begins, there is one to keep.
  const hasOne = (): boolean => [...err.matchAll(/sample (\d+) of/g)].some(([, number]) => Number(number) >= 3)
  while (!hasOne()) await new Promise(resolve => setTimeout(resolve, 50))
  child.kill('SIGINT')
  const code = await new Promise(resolve => child.once('close', resolve))
  expect(code).toBe(130)
  const { samples } = readSavedBench(file).workloads[0]
  expect(samples.length).toBeGreaterThan(0)
  expect(samples.length).toBeLessThan(1000)
  expect(err).toContain(`interrupted; ${samples.length} sample${samples.length === 1 ? ' is' : 's are'} kept in ${file}\n`)
})

describe('--against', () => {
  const smoke = ['--size', 'smoke', '--quiet']

  test('its own build: the same counters, in turn, and both are kept', () => {
    const file = join(folder, 'd.json')
    const { code, out, err } = bench('histogram', ...smoke, '--runs', '2', '--against', ROOT, '--save', file, '--json')
    const { of, method, workloads, a, b } = JSON.parse(out)
    expect([code, err, of, method]).toEqual([0, '', 'benches', 'paired'])
    expect(workloads).toMatchObject([{ name: 'histogram', exact: [], units: { a: 262_144, b: 262_144 } }])
    expect(a).toEqual(b)
    const [mine, other] = [readSavedBench(file), readSavedBench(join(folder, 'd.against.json'))]
    expect([mine.pairedWith, other.pairedWith]).toEqual([other.engine.build, mine.engine.build])
    const turns = [other, mine].map(({ workloads: [{ samples }] }) => samples.map(({ turn }) => turn))
    expect(turns).toEqual([
      [2, 5],
      [3, 4],
    ])
  })

  test('a saved file: what it has, and that it says less', () => {
    const file = join(folder, 'e.json')
    bench('histogram', ...smoke, '--runs', '1', '--save', file)
    const { code, out, err } = bench('fib,histogram', ...smoke, '--runs', '1', '--against', file)
    expect([code, err]).toEqual([0, `not in ${file}, so not measured: fib\n`])
    expect(out).toMatch(/^INCONCLUSIVE {2}1 inconclusive\n/)
    expect(out).toContain('The builds did not take turns')
    expect(bench('fib', ...smoke, '--against', file)).toEqual({
      code: 2,
      out: '',
      err: `vxlane: ${file} has none of these benchmarks; it has histogram\n`,
    })
    const full = bench('histogram', '--against', file)
    expect([full.code, full.err]).toEqual([2, expect.stringMatching(/e\.json:4:12: OtherSuite: 1\/smoke is another suite than 1\/full: /)])
  })

  /** A build that does the same work in no time, or dies of it. */
  function otherBuild(name: string, sample: string): string {
    const place = join(folder, name, 'dist/src/bench')
    mkdirSync(place, { recursive: true })
    const about = { protocol: 1, suite: '1/smoke', engine: { version: '9', node: 'v20', build: name }, names: ['histogram'] }
    const program = `const { ask } = JSON.parse(process.argv[2])
if (ask === 'about') console.log(${JSON.stringify(JSON.stringify(about))}); else { ${sample} }`
    writeFileSync(join(place, 'child.js'), program)
    return join(folder, name)
  }

  test('a build that was faster: exit 4', () => {
    const { units, exact } = readSavedBench(join(folder, 'd.json')).workloads[0]
    const answer = { protocol: 1, units, exact, ns: 1000, wallNs: 1000, calibrationNs: 25e6 }
    const build = otherBuild('faster', `console.log(${JSON.stringify(JSON.stringify(answer))})`)
    const { code, out } = bench('histogram', ...smoke, '--runs', '6', '--against', build)
    expect(code).toBe(4)
    expect(out).toMatch(/^REGRESSED {2}1 regressed\n/)
  })

  test('a build that dies: exit 1, and where', () => {
    const build = otherBuild('dying', `throw new Error('out of luck')`)
    const { code, err } = bench('histogram', ...smoke, '--against', build)
    expect([code, err]).toEqual([1, `vxlane: benchmark histogram of ${build}: the process ended with code 1: Error: out of luck\n`])
  })
})

test('docs/bench.md lists what --list lists', () => {
  expect(readFileSync(join(ROOT, 'docs/bench.md'), 'utf8')).toContain(`<!-- list -->\n\`\`\`\n${bench('--list').out}\`\`\`\n`)
})
