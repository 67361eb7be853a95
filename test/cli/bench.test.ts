// vxlane bench as a user meets it, in the smallest size.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readSavedBench } from '../../src/bench/saved.js'
import { SUITE } from '../../src/bench/suite.js'

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
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
    [['fib', '--save', tmpdir()], 'is a folder; name a file for the samples'],
    [['fib', '--save', '/dev/null/x'], 'vxlane: cannot write /dev/null/x'],
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
  expect(out).toMatch(/\nhistogram +524,288 +values +\S+ +\S+ +0\.0 % +\S+ +0\.0 % +\S+ [kMG] +\S+ (us|ms|s)\n/)
  expect(out).toMatch(/\nhistogram +recorded 524,288, p50 /)
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
  expect(err).toContain(`interrupted; ${samples.length} samples are kept in ${file}\n`)
})
