// Size distributions of traffic entries as the image holds them: a kind and three numbers, and for tables their rows with cumulative
// probabilities that end at exactly 1.
import type { Distribution } from '../base/distribution.js'
import type { ImageColumns } from '../image/image.js'
import { SizeKind } from '../image/kinds.js'
import type { Scenario } from '../scenario/model.js'

/** Rows of `sizeValue` that the scenario's tables need. */
export const sizeRows = (scenario: Scenario): number =>
  scenario.traffic.reduce((sum, entry) => sum + (entry.kind === 'udp' && entry.size.kind === 'empirical' ? entry.size.values.length : 0), 0)

export function fillSizes(columns: ImageColumns, scenario: Scenario): void {
  let next = 0
  scenario.traffic.forEach((entry, row) => {
    if (entry.kind !== 'udp') return
    const [a, b, c] = parameters(entry.size, next)
    columns.trafficSizeKind[row] = SizeKind[entry.size.kind]
    columns.trafficSizeA[row] = a
    columns.trafficSizeB[row] = b
    columns.trafficSizeC[row] = c
    if (entry.size.kind !== 'empirical') return
    const total = entry.size.values.reduce((sum, { weight }) => sum + weight, 0)
    let below = 0
    for (const { value, weight } of entry.size.values) {
      below += weight
      columns.sizeValue[next] = value
      columns.sizeCumulative[next] = below / total
      next++
    }
    // Rounding must not leave a gap below 1, or a draw could fall behind the last row.
    columns.sizeCumulative[next - 1] = 1
  })
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
