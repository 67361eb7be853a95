// What `vxlane report` and `vxlane compare` say of files that are not what they take: one sentence a file, exactly this one, exit code 2.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { readJson, UnreadableResult } from '../../src/cli/read-result.js'
import { run } from '../../src/index.js'
import { toJson } from '../../src/run/json.js'

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vxlane-read-'))
const write = (name: string, content: string | Buffer): void => writeFileSync(join(folder, name), content)

function vxlane(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], { cwd: folder, encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}
const refused = (...sentences: string[]) => ({ code: 2, out: '', err: sentences.map(sentence => `vxlane: ${sentence}\n`).join('') })

beforeAll(async () => {
  const scenario = { apiVersion: 'vxlane/v1', name: 'tiny', duration: '1ms', cluster: { agentPoolProfiles: [{ name: 'np', count: 1 }] } }
  const result = await run(scenario, { workers: 0 })
  for (const name of ['nothing', 'study', 'run']) mkdirSync(join(folder, name))
  write('run/result.json', toJson(result))
  mkdirSync(join(folder, 'run', 'series.msgpack'))
  write('study/summary.json', '{"kind":"study"}')
  write('bench.json', '{"kind":"bench"}')
  write('empty.json', ' \n')
  write('series.msgpack', Buffer.from([0xd4, 0x72, 0x40, 0x93]))
  write('page.html', '<!doctype html>')
  write('list.json', '[1, 2]')
  write('half.json', toJson(result).slice(0, 500))
  write('journey.json', '{"kind":"journey"}')
  write('scenario.json', '{"apiVersion":"vxlane/v1"}')
  write('later.json', toJson({ ...result, schemaVersion: 2 }))
  write('lacking.json', toJson({ ...result, totals: { ...result.totals, sent: undefined } }))
})

const REPORT = 'name what vxlane run --out or vxlane study wrote, or vxlane compare --json printed'
const COMPARE = 'name what vxlane run --out or vxlane bench --save wrote'
const PATH = 'check the path, it counts from the current folder'
const AGAIN = 'run its scenario again with vxlane run --out'

/** What both commands say; behind it stands what they take. */
const BOTH: readonly (readonly [string, string])[] = [
  ['empty.json', 'empty.json is empty'],
  ['series.msgpack', 'series.msgpack is not JSON'],
  ['page.html', 'page.html is not JSON'],
  ['half.json', 'half.json is damaged: its JSON breaks off or has a mistake'],
]
/** The same, to the end of the sentence. */
const ALIKE: readonly (readonly [string, string])[] = [
  ['nowhere', `cannot read nowhere: there is no such file; ${PATH}`],
  ['', `cannot read "": there is no such file; ${PATH}`],
  ['list.json/x', `cannot read list.json/x: there is no such file: another one stands in the place of its folder; ${PATH}`],
  ['later.json', `later.json is no result that this version writes: schemaVersion: 2 is not allowed here; ${AGAIN}`],
  ['lacking.json', `lacking.json is no result that this version writes: totals.sent: "sent" is missing; ${AGAIN}`],
]

test.each([
  ...ALIKE,
  ...BOTH.map(([name, said]) => [name, `${said}; ${REPORT}`] as const),
  ['nothing', `the folder nothing holds neither result.json nor summary.json; ${REPORT}`],
  ['list.json', `list.json is neither the result of a run or study nor a comparison; ${REPORT}`],
  ['bench.json', `bench.json is neither the result of a run or study nor a comparison but a saved benchmark; ${REPORT}`],
  ['journey.json', `journey.json is neither the result of a run or study nor a comparison but a packet's journey; ${REPORT}`],
  ['study', 'study/summary.json is no summary that this version writes; call vxlane study on its folder again'],
])('vxlane report %j', (name, said) => {
  expect(vxlane('report', name)).toEqual(refused(said))
})

describe('vxlane compare', () => {
  test.each([
    ...ALIKE,
    ...BOTH.map(([name, said]) => [name, `${said}; ${COMPARE}`] as const),
    ['nothing', `the folder nothing holds no result.json; ${COMPARE}`],
    ['list.json', `list.json is neither the result of a run nor a saved benchmark; ${COMPARE}`],
    ['scenario.json', `scenario.json is neither the result of a run nor a saved benchmark; ${COMPARE}`],
    ['study', `the folder study holds no result.json, but the summary of a study; ${COMPARE}`],
    [
      'study/summary.json',
      `study/summary.json is neither the result of a run nor a saved benchmark but the summary of a study; ${COMPARE}`,
    ],
  ])('%j', (name, said) => {
    expect(vxlane('compare', 'run', name)).toEqual(refused(said))
  })
  test('says what is wrong with either side, at once', () => {
    expect(vxlane('compare', 'nowhere', 'empty.json')).toEqual(refused(ALIKE[0][1], `empty.json is empty; ${COMPARE}`))
    expect(vxlane('compare', 'lacking.json', 'later.json')).toEqual(refused(ALIKE[4][1], ALIKE[3][1]))
    expect(vxlane('compare', 'nowhere', 'nowhere')).toEqual(refused(ALIKE[0][1]))
    write('other.json', '{"kind":"bench","suite":3}')
    const { code, err } = vxlane('compare', 'bench.json', 'other.json')
    expect(code).toBe(2)
    expect(err.match(/^(bench|other)\.json:1:1: MissingKey: "machine" is missing/gm)).toEqual([
      'bench.json:1:1: MissingKey: "machine" is missing',
      'other.json:1:1: MissingKey: "machine" is missing',
    ])
  })
})

test('a benchmark is measured against a benchmark', () => {
  const { code, out, err } = vxlane('bench', 'fib', '--against', 'run/result.json')
  expect([code, out, err]).toEqual([2, '', 'run/result.json:3:11: BadValue: "run" is not allowed here; write bench\n'])
})

test('a series that cannot be read leaves its charts out', () => {
  expect(vxlane('report', 'run')).toEqual({ code: 0, out: '', err: 'run/report.html\n' })
})

test('what may not be read, and a mark before the JSON', () => {
  const forbidden = (): string => {
    throw Object.assign(new Error('EACCES: permission denied, open'), { code: 'EACCES' })
  }
  expect(() => readJson('x.json', COMPARE, forbidden)).toThrow(new UnreadableResult(`cannot read x.json: permission is missing; ${PATH}`))
  expect(readJson('x.json', COMPARE, () => '\ufeff{"kind":"run"}')).toEqual({ kind: 'run' })
})
