// The journal on disk: what is finished stays, what a kill tore off is cut, nothing is written twice.
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PointFacts } from '../../src/study/facts.js'
import { type JournalEntry, openJournal } from '../../src/study/journal.js'

const facts: PointFacts = {
  kind: 'plan',
  addressing: 'overlay',
  simulatedNs: 0,
  nodes: 3,
  pods: { running: 0, waiting: 0 },
  podEvents: 0,
  waits: null,
  eventCounts: {},
  refused: null,
  fits: true,
  maxNodes: 256,
  maxPods: 1,
  bindingResource: 'podCidr',
  timeToExhaustion: null,
  resources: [],
}
const entry = (id: string): JournalEntry => ({ id, kind: 'plan', seed: 1, set: [`name=${id}`], facts })
const fresh = () => join(mkdtempSync(join(tmpdir(), 'vxlane-journal-')), 'deep', 'points.jsonl')
const lines = (file: string) => readFileSync(file, 'utf8').split('\n').slice(0, -1)

test('finished points are found again, by this and by later studies', () => {
  const file = fresh()
  const first = openJournal(file, 'plan')
  first.append([entry('a'), entry('b')])
  first.append([entry('b'), entry('c')])
  expect(lines(file).map(line => JSON.parse(line).id)).toEqual(['a', 'b', 'c'])
  first.close()
  const second = openJournal(file, 'plan')
  expect(second.find('b')).toEqual(facts)
  expect(second.find('d')).toBeNull()
  second.append([entry('a'), entry('d')])
  expect(lines(file).map(line => JSON.parse(line).id)).toEqual(['a', 'b', 'c', 'd'])
  second.close()
  expect(openJournal(file, 'run').find('a')).toBeNull()
})

test('wherever the last line was torn, the others are kept and writing goes on behind them', () => {
  const file = fresh()
  openJournal(file, 'plan').append([entry('a'), entry('ü')])
  const whole = readFileSync(file)
  fc.assert(
    fc.property(fc.nat({ max: whole.length }), length => {
      writeFileSync(file, whole.subarray(0, length))
      const kept = whole.subarray(0, length).toString('utf8').split('\n').length - 1
      const journal = openJournal(file, 'plan')
      expect([journal.find('a') !== null, journal.find('ü') !== null]).toEqual([kept > 0, kept > 1])
      journal.append([entry('b')])
      journal.close()
      expect(lines(file).every(line => JSON.parse(line).facts.maxNodes === 256)).toBe(true)
      expect(lines(file)).toHaveLength(kept + 1)
    }),
    { numRuns: 60 },
  )
})

test('a damaged line is passed over, and its point can be written again', () => {
  const file = fresh()
  openJournal(file, 'plan').append([entry('a')])
  appendFileSync(file, '{"id":"b","fac\n[1]\nnull\n{"id":"c"}\n')
  const journal = openJournal(file, 'plan')
  expect(['a', 'b', 'c'].map(id => journal.find(id) !== null)).toEqual([true, false, false])
  journal.append([entry('b')])
  journal.close()
  expect(openJournal(file, 'plan').find('b')).toEqual(facts)
})

test('without a file everything stays in memory', () => {
  const journal = openJournal(null, 'plan')
  journal.append([entry('a')])
  expect(journal.find('a')).toEqual(facts)
})
