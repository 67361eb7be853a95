// Whether two benchmarks can be compared at all: the same work, by its exact counters; builds that took turns, or not; and what a reader must
// know about the machines before believing a time.
import type { BenchWorkload, SavedBench } from '../bench/saved.js'
import type { ExactDifference } from './benches.js'
import type { LogTimes, Method } from './times.js'

/** Counters and digests that differ, in the order of A, then what only B counts. */
export function exactDifferences(a: BenchWorkload, b: BenchWorkload): ExactDifference[] {
  const before = { units: a.units, ...a.exact }
  const after = { units: b.units, ...b.exact }
  const valueIn = (values: Readonly<Record<string, number | string>>, name: string) => (Object.hasOwn(values, name) ? values[name] : null)
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map(name => ({ name, a: valueIn(before, name), b: valueIn(after, name) }))
    .filter(one => one.a !== one.b)
}

/** Both were measured by one command that ran them in turn. */
export const tookTurns = (a: SavedBench, b: SavedBench): boolean =>
  a.order === 'ABBA' && b.order === 'ABBA' && a.pairedWith === b.engine.build && b.pairedWith === a.engine.build

/** Sentences for the reader. */
export function notesOn(
  a: SavedBench,
  b: SavedBench,
  { method, timed, alpha }: { method: Method; timed: readonly LogTimes[]; alpha: number },
): string[] {
  const notes: string[] = []
  if (a.suite !== b.suite)
    notes.push(`The suites differ (${a.suite}, ${b.suite}): the same names stand for other work, so no times are compared.`)
  const machines = (['cpu', 'cores', 'memoryBytes', 'os'] as const).filter(key => a.machine[key] !== b.machine[key])
  for (const key of machines) notes.push(`The machines differ in ${key}: ${a.machine[key]} and ${b.machine[key]}.`)
  if (a.engine.node !== b.engine.node) notes.push(`A ran on Node.js ${a.engine.node}, B on ${b.engine.node}.`)
  if (a.engine.build === b.engine.build) notes.push('Both are the same build: whatever differs is noise.')
  if (method === 'apart' && timed.length > 0) {
    notes.push(
      'The builds did not take turns: what the machine did between the two shows as a difference. Only shifts of twice the floor count; vxlane bench --against is surer.',
    )
  }
  const weak = timed.filter(({ leastP }) => leastP * timed.length > alpha)
  if (weak.length > 0) {
    notes.push(
      `${weak.length} of ${timed.length} workloads have too few samples: even if every one were slower, p after correction would stay above ${alpha}. Measure more rounds.`,
    )
  }
  return notes
}
