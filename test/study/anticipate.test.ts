// Looking ahead: whatever an executor has room for, a study finds and counts the same; with more room it needs fewer rounds.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anticipate } from '../../src/study/anticipate.js'
import { Course } from '../../src/study/course.js'
import type { PointOutcome, StudyExecutor } from '../../src/study/executor.js'
import type { PointFacts } from '../../src/study/facts.js'
import { openJournal } from '../../src/study/journal.js'
import { loadStudy } from '../../src/study/load.js'
import type { Study } from '../../src/study/model.js'
import type { PointTask } from '../../src/study/point.js'
import { searchLargest } from '../../src/study/search.js'
import { summarize } from '../../src/study/summary.js'
import { pointColumns, toCsv } from '../../src/study/table.js'

describe('what may be asked for next', () => {
  test('is the upper levels of the halving, likeliest first', () => {
    const known = new Map([
      [0, true],
      [1024, false],
    ])
    const levels = anticipate(1025, known, 7, () => false)
    expect(levels[0]).toBe(512)
    expect(levels.slice(1, 3).toSorted((a, b) => a - b)).toEqual([256, 768])
    expect(levels.slice(3).toSorted((a, b) => a - b)).toEqual([128, 384, 640, 896])
  })
  test('names no position twice, none that is taken, and no more than asked', () => {
    const bits = fc.array(fc.boolean(), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(bits, fc.integer({ min: 1, max: 70 }), fc.array(fc.nat({ max: 299 })), (holds, most, asked) => {
        const known = new Map(asked.filter(position => position < holds.length).map(position => [position, holds[position]]))
        const found = anticipate(holds.length, known, most, position => known.has(position))
        expect(new Set(found).size).toBe(found.length)
        expect(found.length).toBeLessThanOrEqual(most)
        expect(found.filter(position => known.has(position) || position < 0 || position >= holds.length)).toEqual([])
      }),
    )
  })
  test('with room for everything, everything a search asks for is among it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 150 }), fc.nat(), (count, seed) => {
        const limit = seed % count
        const found = new Set(anticipate(count, new Map(), count, () => false))
        const program = searchLargest(count)
        for (let step = program.next(); !step.done; ) {
          for (const position of step.value) expect(found).toContain(position)
          step = program.next(new Map(step.value.map(position => [position, position <= limit])))
        }
      }),
    )
  })
})

const base = {
  apiVersion: 'vxlane/v1',
  cluster: { networkProfile: { podCidr: '10.244.0.0/16' }, agentPoolProfiles: [{ count: 3, maxPods: 30 }] },
}
const studyOf = (values: number, combinations: number, want = 'largestWhere'): Study =>
  loadStudy({
    apiVersion: 'vxlane-study/v1',
    name: 's',
    base,
    vary: [{ path: 'name', values: Array.from({ length: combinations }, (_, i) => `c${i}`) }],
    find: { path: 'cluster.agentPoolProfiles[0].count', between: [1, values], [want]: 'fits == true' },
  })

/** What stands behind `cluster.agentPoolProfiles[0].count=`, and the number of the combination. */
const asked = ({ set }: PointTask): { value: number; combination: number } => {
  const of = (path: string): string => set.find(option => option.startsWith(path))?.slice(path.length) ?? ''
  return { value: Number(of('cluster.agentPoolProfiles[0].count=')), combination: Number(of('name=c')) }
}
type Predicate = (value: number, combination: number) => boolean | 'failed'
const outcomeOf = (task: PointTask, predicate: Predicate): PointOutcome => {
  const { value, combination } = asked(task)
  const answer = predicate(value, combination)
  if (answer === 'failed') return { id: task.id, kind: 'failed', reason: `no answer for ${value}` }
  const facts = { kind: 'plan', refused: null, fits: answer, bindingResource: `b${value}`, resources: [] } as unknown as PointFacts
  return { id: task.id, kind: 'done', facts }
}

/** Takes as many points as it can compute, answers them all from the back, and begins anew. */
function inRounds(capacity: number, predicate: Predicate, log: PointTask[][] = []): StudyExecutor {
  return {
    capacity: () => capacity,
    async *execute(_context, source) {
      for (let tasks = await source.take(capacity); tasks.length > 0; tasks = await source.take(capacity)) {
        expect(tasks.length).toBeLessThanOrEqual(capacity)
        log.push([...tasks])
        yield tasks.toReversed().map(task => outcomeOf(task, predicate))
      }
    },
  }
}
/** Keeps so many under way and answers one at a time, from either end in turn. */
function oneByOne(capacity: number, predicate: Predicate): StudyExecutor {
  return {
    capacity: () => capacity,
    async *execute(_context, source) {
      const open = [...(await source.take(capacity))]
      for (let turn = 0; open.length > 0; turn++) {
        const task = turn % 3 === 0 ? open.pop() : open.shift()
        if (task) yield [outcomeOf(task, predicate)]
        // Asks again only when nothing is left or something is sure to be there: `take` waits for the first.
        if (open.length === 0) open.push(...(await source.take(capacity)))
      }
    },
  }
}

async function found(study: Study, executor: StudyExecutor) {
  const course = new Course(study, { journal: openJournal(null, 'plan'), executor, signal: new AbortController().signal })
  const cells = await course.run()
  expect(course.isComplete).toBe(true)
  return JSON.stringify(summarize(study, cells)) + toCsv(pointColumns(study, cells))
}

describe('whatever the room', () => {
  const CAPACITIES = [2, 3, 5, 8, 16, 33, 64]
  const same = async (study: Study, predicate: Predicate): Promise<void> => {
    const alone = await found(study, inRounds(1, predicate))
    for (const capacity of CAPACITIES) expect(await found(study, inRounds(capacity, predicate))).toBe(alone)
    expect(await found(study, oneByOne(7, predicate))).toBe(alone)
  }
  test('one limit in each combination, for the largest and the smallest', async () => {
    const limits = [0, 1, 17, 300, 499, 500]
    await same(studyOf(500, limits.length), (value, combination) => value <= limits[combination])
    await same(studyOf(500, limits.length, 'smallestWhere'), (value, combination) => value > limits[combination])
  }, 120_000)
  test('whatever holds where, and points that fail among it', async () => {
    const cases = fc.tuple(
      fc.integer({ min: 1, max: 120 }),
      fc.array(fc.constantFrom(true, true, false, 'failed' as const), { minLength: 5, maxLength: 40 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 120 }),
    )
    await fc.assert(
      fc.asyncProperty(cases, fc.constantFrom(...CAPACITIES), async ([count, odd, bits], capacity) => {
        // Two combinations: any bits; and one limit with gaps, islands and failures strewn in.
        const predicate: Predicate = (value, combination) =>
          combination === 0 ? bits[value % bits.length] : value % 7 === 3 ? odd[value % odd.length] : value <= count / 2
        const study = studyOf(count, 2)
        const alone = await found(study, inRounds(1, predicate))
        expect(await found(study, inRounds(capacity, predicate))).toBe(alone)
        expect(await found(study, oneByOne(capacity, predicate))).toBe(alone)
      }),
      { numRuns: process.env.VXLANE_LONG ? 200 : 15 },
    )
  }, 600_000)
})

test('rounds go with the logarithm to the base of the room and one', async () => {
  const rounds = async (capacity: number, combinations = 1): Promise<number> => {
    const log: PointTask[][] = []
    await found(
      studyOf(4097, combinations),
      inRounds(capacity, (value, combination) => value <= 1000 + 37 * combination, log),
    )
    return log.length
  }
  // The two ends, twelve halvings, and six looks to both sides.
  expect(await rounds(1)).toBe(2 + 12 + 6)
  // A round of k positions takes log2(k + 1) of the twelve levels; the ends and the looks ride along.
  for (const [capacity, levels] of [
    [3, 2],
    [7, 3],
    [15, 4],
    [63, 6],
  ])
    expect(await rounds(capacity)).toBeLessThanOrEqual(Math.ceil(12 / levels) + 2 + Math.ceil(6 / capacity))
  // The numbers of docs/kubernetes.md.
  expect([await rounds(1), await rounds(7), await rounds(63)]).toEqual([20, 5, 3])
  // Room for one point of each combination: all of them go on in nearly every round, in about as many rounds as one alone.
  expect(await rounds(8, 8)).toBeLessThanOrEqual(22)
}, 120_000)

test('what was computed ahead is marked in the journal, and known when a study goes on', async () => {
  const study = studyOf(500, 1)
  const predicate: Predicate = value => value <= 123
  const written: { id: string; speculative?: true }[] = []
  const journal = openJournal(null, 'plan')
  const spy = {
    ...journal,
    append: (entries: Parameters<typeof journal.append>[0]) => {
      written.push(...entries)
      journal.append(entries)
    },
  }
  const signal = new AbortController().signal
  const first = new Course(study, { journal: spy, executor: inRounds(16, predicate), signal })
  const needed = new Set((await first.run()).flatMap(({ points }) => [...points.values()].map(({ id }) => id)))
  const ahead = written.filter(({ speculative }) => speculative)
  expect(ahead.length).toBeGreaterThan(0)
  // Marked is what had not been asked for when it came; what was never asked for is marked.
  for (const { id, speculative } of written) if (!needed.has(id)) expect(speculative).toBe(true)
  const log: PointTask[][] = []
  await new Course(study, { journal, executor: inRounds(1, predicate, log), signal }).run()
  expect(log).toEqual([])
})
