// A saved benchmark is read whole or refused with every mistake located.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { benchJsonSchema, readSavedBench, type SavedBench } from '../../src/bench/saved.js'

const folder = mkdtempSync(join(tmpdir(), 'vxlane-bench-'))
const written = (content: unknown): string => {
  const file = join(folder, `${Math.trunc(performance.now() * 1e6)}.json`)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  return file
}

const SAVED: SavedBench = {
  schemaVersion: 1,
  kind: 'bench',
  suite: '1/smoke',
  engine: { version: '0.2.0', node: 'v20.20.2', build: 'abc' },
  machine: { cpu: 'x', cores: 2, memoryBytes: 2 ** 33, os: 'linux' },
  workloads: [
    {
      name: 'fib',
      kind: 'kernel',
      unit: 'lookups',
      units: 1000,
      exact: { lookups: 1000, checksum: '9f' },
      samples: [{ round: 0, ns: 10, calibrationNs: 5 }],
    },
  ],
  order: 'alone',
}

const messageOf = (file: string): string => {
  try {
    readSavedBench(file)
  } catch (error) {
    return (error as Error).message
  }
  return 'read'
}

describe('reading a saved benchmark', () => {
  it('gives what was written', () => {
    expect(readSavedBench(written(SAVED))).toEqual(SAVED)
    const paired: SavedBench = { ...SAVED, order: 'ABBA', pairedWith: 'def' }
    expect(readSavedBench(written(paired))).toEqual(paired)
  })

  it('does not mind fields of later versions', () => {
    expect(readSavedBench(written({ ...SAVED, colour: 'blue' }))).toEqual(SAVED)
  })

  it('locates every mistake at once', () => {
    const [fib] = SAVED.workloads
    const broken = { ...SAVED, order: 'BAAB', workloads: [{ ...fib, units: 0, samples: [{ round: 0, ns: 'fast', calibrationNs: 5 }] }] }
    const file = written(broken)
    const lines = messageOf(file).split('\n')
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(line.startsWith(`${file}:`)).toBe(true)
    expect(lines[0]).toMatch(/:\d+:\d+: OutOfRange: 0 is too small/)
    expect(lines[1]).toMatch(/:\d+:\d+: WrongType: expected a number, found text/)
    expect(lines[2]).toMatch(/:\d+:\d+: BadValue: "BAAB" is not allowed here; write alone or ABBA/)
  })

  it('refuses one name for two workloads, and a workload without samples', () => {
    const [fib] = SAVED.workloads
    const message = messageOf(written({ ...SAVED, workloads: [fib, { ...fib, samples: [] }] }))
    expect(message).toContain('DuplicateName: there are two workloads called fib')
    expect(message).toContain('NoSamples: fib has no samples')
  })

  it.each([
    ['{"kind": "run", "schemaVersion": 1}', 'BadValue: "run" is not allowed here; write bench'],
    ['{"kind": "bench"', 'YamlSyntax'],
    ['', 'WrongType'],
  ])('%j is no saved benchmark', (text, said) => {
    expect(messageOf(written(text))).toContain(said)
  })

  it('says that a file is not there', () => {
    expect(messageOf(join(folder, 'nothing.json'))).toContain('FileNotRead: there is no such file')
  })
})

it('has a JSON Schema that names what must be there', () => {
  expect(benchJsonSchema()).toMatchObject({
    title: 'vxlane bench',
    required: expect.arrayContaining(['suite', 'engine', 'machine', 'workloads']),
  })
})
