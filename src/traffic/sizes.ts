// IP lengths of a flow's packets, drawn by inversion from its own stream. Always a whole number of bytes, at least an empty datagram.
import { exponentialOf } from '../base/exponential.js'
import type { ImageColumns } from '../image/image.js'
import { SizeKind } from '../image/kinds.js'
import { drawUniform, drawWord, type Flows } from './flows.js'

const LEAST = 28
const MOST = 65535

/** The next packet's IP length in bytes. */
export function drawSize(flows: Flows, image: ImageColumns, flow: number, traffic: number): number {
  const kind = image.trafficSizeKind[traffic]
  const a = image.trafficSizeA[traffic]
  if (kind === SizeKind.constant) return a
  const b = image.trafficSizeB[traffic]
  const c = image.trafficSizeC[traffic]
  switch (kind) {
    case SizeKind.uniform:
      return a + Math.floor(drawUniform(flows, flow) * (b - a + 1))
    case SizeKind.exponential:
      return clamp(exponentialOf(drawWord(flows, flow)) * a, b, c)
    case SizeKind.lognormal:
      return clamp(a * Math.exp(b * drawNormal(flows, flow)), LEAST, c)
    case SizeKind.pareto:
      return clamp(a * drawUniform(flows, flow) ** (-1 / b), a, c)
    default:
      return drawRow(flows, image, flow, a, b)
  }
}

const clamp = (value: number, least: number, most: number): number =>
  Math.round(Math.min(Math.max(value, least, LEAST), most === 0 ? MOST : Math.min(most, MOST)))

/** Box-Muller, one of the pair. */
const drawNormal = (flows: Flows, flow: number): number =>
  Math.sqrt(-2 * Math.log(drawUniform(flows, flow))) * Math.cos(2 * Math.PI * drawUniform(flows, flow))

/** A value of a table: binary search in the cumulative probabilities of `rows` rows from `first`. */
function drawRow(flows: Flows, image: ImageColumns, flow: number, first: number, rows: number): number {
  const u = drawUniform(flows, flow)
  let low = first
  let high = first + rows - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (image.sizeCumulative[middle] < u) low = middle + 1
    else high = middle
  }
  return image.sizeValue[low]
}
