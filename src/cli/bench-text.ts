// A benchmark as a terminal shows it: one table of times, one of exact counters.

import { bytes, count, duration, short } from '../base/units.js'
import type { Bench } from '../bench/bench.js'
import { figuresOf, REFERENCE_NS, type WorkloadFigures } from '../bench/figures.js'
import type { BenchWorkload, SavedBench } from '../bench/saved.js'
import { type Align, alignRows } from './table.js'

/** Each benchmark with its kind and what it does. */
export const listText = (benches: readonly Bench[]): string =>
  lines(
    alignRows(
      benches.map(({ name, kind, isQuick, about }) => [name, kind, isQuick ? 'quick' : '', about]),
      ['left', 'left', 'left', 'left'],
    ),
  )

export function benchText(saved: SavedBench, bold: (text: string) => string): string {
  const { suite, engine, machine, workloads } = saved
  const [head, ...rows] = alignRows([HEAD, ...workloads.map(timeRow)], ALIGNS)
  const runs = Math.max(0, ...workloads.map(({ samples }) => samples.length))
  return lines([
    `vxlane ${engine.version}, build ${engine.build}, suite ${suite}, Node.js ${engine.node}`,
    `${machine.cpu}, ${machine.cores} cores, ${bytes(machine.memoryBytes)}, ${machine.os}`,
    '',
    bold(head),
    ...rows,
    '',
    `${runs} ${runs === 1 ? 'sample' : 'samples'} each after a warm-up, each in a process of its own. ns: processor time of all threads for one unit;`,
    'spread: of the middle half of the samples, as a share of the median; /s: units in a second of processor time; wall: for all units.',
    `normalised: as if the calibration kernel beside each sample had taken ${duration(REFERENCE_NS)}; it took ${calibrationWords(workloads)}.`,
    '',
    ...alignRows([['exact counters', ''], ...workloads.map(exactRow)], ['left', 'left']),
  ])
}

const lines = (texts: readonly string[]): string => `${texts.join('\n')}\n`

const HEAD = ['', 'units', '', 'ns', 'least', 'spread', 'normalised', 'spread', '/s', 'wall']
const ALIGNS: readonly Align[] = ['left', 'right', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'right']

function timeRow(workload: BenchWorkload): string[] {
  const { raw, normalised, perSecond, wallNs }: WorkloadFigures = figuresOf(workload)
  return [
    workload.name,
    count(workload.units),
    workload.unit,
    nanoseconds(raw.median),
    nanoseconds(raw.least),
    percent(raw.spread),
    nanoseconds(normalised.median),
    percent(normalised.spread),
    short(perSecond),
    wallNs === null ? '-' : duration(wallNs),
  ]
}

/** Three figures below a thousand, else whole. */
const nanoseconds = (value: number): string => (value < 1000 ? String(Number(value.toPrecision(3))) : count(value))

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** From the fastest to the slowest. */
function calibrationWords(workloads: readonly BenchWorkload[]): string {
  const times = workloads.flatMap(({ samples }) => samples.map(({ calibrationNs }) => calibrationNs))
  return times.length === 0 ? 'no time' : `${duration(Math.min(...times))} to ${duration(Math.max(...times))}`
}

/** Counters that are zero say nothing here; the saved file has them. */
const exactRow = ({ name, exact }: BenchWorkload): string[] => [
  name,
  Object.entries(exact)
    .filter(([, value]) => value !== 0)
    .map(([key, value]) => `${key} ${typeof value === 'number' ? count(value) : value}`)
    .join(', '),
]
