// Size distributions of traffic entries as the image holds them: a kind and three numbers, and for tables their rows with cumulative
// probabilities that end at exactly 1.
import type { Distribution } from '../base/distribution.js'
import type { ImageColumns } from '../image/image.js'
import { SIZE_KINDS } from '../image/kinds.js'
import type { Scenario } from '../scenario/model.js'

/** Rows of `sizeValue` that a distribution needs. */
export const rowsOf = (distribution: Distribution): number => (distribution.kind === 'empirical' ? distribution.values.length : 0)

/** Rows that the packet sizes of all entries need. */
export const sizeRows = (scenario: Scenario): number =>
  scenario.traffic.reduce((sum, entry) => sum + (entry.kind === 'udp' ? rowsOf(entry.size) : 0), 0)

export function fillSizes(columns: ImageColumns, scenario: Scenario): void {
  let next = 0
  scenario.traffic.forEach((entry, row) => {
    if (entry.kind !== 'udp') return
    const [a, b, c] = fillLaw(columns, entry.size, next)
    columns.trafficSizeKind[row] = SIZE_KINDS[entry.size.kind]
    columns.trafficSizeA[row] = a
    columns.trafficSizeB[row] = b
    columns.trafficSizeC[row] = c
    next += rowsOf(entry.size)
  })
}

/** A distribution's three numbers; a table's rows are written from `first` on. */
export function fillLaw(columns: ImageColumns, law: Distribution, first: number): [number, number, number] {
  if (law.kind === 'empirical') {
    const total = law.values.reduce((sum, { weight }) => sum + weight, 0)
    let below = 0
    law.values.forEach(({ value, weight }, i) => {
      below += weight
      columns.sizeValue[first + i] = value
      columns.sizeCumulative[first + i] = below / total
    })
    // Rounding must not leave a gap below 1, or a draw could fall behind the last row.
    columns.sizeCumulative[first + law.values.length - 1] = 1
  }
  return parameters(law, first)
}

function parameters(size: Distribution, firstRow: number): [number, number, number] {
  switch (size.kind) {
    case 'constant':
      return [size.value, 0, 0]
    case 'uniform':
      return [size.least, size.most, 0]
    case 'exponential':
      return [size.mean, size.least, size.most]
    case 'lognormal':
      return [size.median, size.sigma, size.most]
    case 'pareto':
      return [size.scale, size.shape, size.most]
    case 'empirical':
      return [firstRow, size.values.length, 0]
  }
}
