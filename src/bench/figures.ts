// What is said of the samples of one benchmark. Robust figures: a single slow sample on a busy machine moves neither median nor least.
import type { BenchWorkload } from './saved.js'

export interface Figures {
  /** Of processor time for one unit, ns. */
  readonly median: number
  readonly least: number
  /** How far the middle half of the samples lies apart, as a share of the median. */
  readonly spread: number
}

export interface WorkloadFigures {
  readonly raw: Figures
  /** The same as if the calibration kernel had taken {@link REFERENCE_NS} beside each sample. */
  readonly normalised: Figures
  readonly perSecond: number
  /** Median time on the wall for all units, ns; null where it was not taken. */
  readonly wallNs: number | null
}

/** What the calibration kernel takes on the machine that normalised times speak of, ns. */
export const REFERENCE_NS = 25e6

export function figuresOf({ units, samples }: BenchWorkload): WorkloadFigures {
  const raw = figures(samples.map(({ ns }) => ns / units))
  const normalised = figures(samples.map(({ ns, calibrationNs }) => (ns / units) * (REFERENCE_NS / calibrationNs)))
  const walls = samples.flatMap(({ wallNs }) => (wallNs === undefined ? [] : [wallNs]))
  return { raw, normalised, perSecond: 1e9 / raw.median, wallNs: walls.length === 0 ? null : quantile(walls, 0.5) }
}

function figures(values: readonly number[]): Figures {
  const median = quantile(values, 0.5)
  return { median, least: Math.min(...values), spread: (quantile(values, 0.75) - quantile(values, 0.25)) / median }
}

/** Between two samples in proportion (Hyndman and Fan's definition 7, as R and NumPy have it). */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)]
  return below + (sorted[Math.ceil(at)] - below) * (at - Math.floor(at))
}
