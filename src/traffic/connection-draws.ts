// What is random about one connection: its target, the lengths of request and response, how long it is held. Each draw is a function of
// (client, number of the connection, purpose), so it can be made again when it is needed, and what happens to one connection on the
// way changes nothing about the next.
import { exponentialOf } from '../base/exponential.js'
import { philox } from '../base/random.js'
import type { ImageColumns } from '../image/image.js'
import { SizeKind } from '../image/kinds.js'
import type { Flows } from './flows.js'

/** Purposes; the first three are rows of an entry's laws in `talkLawKind` and its neighbours. */
export const enum Draw {
  hold = 0,
  request = 1,
  response = 2,
  target = 3,
}
export const LAWS = 3

const WORDS = new Int32Array(4)
const TO_UNIT = 2.3283064365386963e-10
/** Apart from the draws of arrivals, which have 0 here. */
const STREAM = 1

/** One random word, as an unsigned integer. `attempt` counts targets that would not do. */
export function drawOf(clients: Flows, client: number, number: number, purpose: number, attempt: number): number {
  philox(number, purpose, attempt, STREAM, clients.key0[client], clients.key1[client], WORDS, 0)
  return WORDS[0] >>> 0
}

/** Value of one of an entry's laws for a connection: bytes, or ns of hold. */
export function lawOf(image: ImageColumns, clients: Flows, client: number, number: number, traffic: number, law: number): number {
  const row = traffic * LAWS + law
  const kind = image.talkLawKind[row]
  const a = image.talkLawA[row]
  if (kind === SizeKind.constant) return a
  const b = image.talkLawB[row]
  const c = image.talkLawC[row]
  philox(number, law, 0, STREAM, clients.key0[client], clients.key1[client], WORDS, 0)
  const uniform = ((WORDS[0] >>> 0) + 0.5) * TO_UNIT
  switch (kind) {
    case SizeKind.uniform:
      return a + Math.floor(uniform * (b - a + 1))
    case SizeKind.exponential:
      return Math.round(Math.min(Math.max(exponentialOf(WORDS[0] >>> 0) * a, b), c))
    case SizeKind.lognormal: {
      // Box-Muller, one of the pair.
      const normal = Math.sqrt(-2 * Math.log(uniform)) * Math.cos(2 * Math.PI * ((WORDS[1] >>> 0) + 0.5) * TO_UNIT)
      return Math.round(Math.min(a * Math.exp(b * normal), c))
    }
    case SizeKind.pareto:
      return Math.round(Math.min(a * uniform ** (-1 / b), c))
    default:
      return rowOf(image, a, b, uniform)
  }
}

/** A value of a table: binary search in the cumulative probabilities of `rows` rows from `first`. */
function rowOf(image: ImageColumns, first: number, rows: number, uniform: number): number {
  let low = first
  let high = first + rows - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (image.sizeCumulative[middle] < uniform) low = middle + 1
    else high = middle
  }
  return image.sizeValue[low]
}
