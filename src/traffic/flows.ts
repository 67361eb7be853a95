// The flows of one shard while they run: 64 bytes each, one cacheline, copied from the image at start so that a send reads nothing else.
// int32:   0 source address   1 target address   2 ports (1 and 2 as the express path sends: behind a Service its endpoint)   3 traffic entry   4 next IP identification | outer source port << 16
//          5 random words drawn   6 generation of the connection record at the source   8-11 the block of random words in use
//          12 connection record at the source + 1   13 remote logical process + 1 (6, 12 and 13: see `datapath/express.ts`)
// float64: 7 exact time of the next packet, ns (fractions kept, so that rates hold over any time)
import { philox } from '../base/random.js'
import { aligned, float64Of, int32Of } from '../base/reserve.js'
import type { ImageColumns } from '../image/image.js'

/** Offsets in a flow's row, in words; {@link Flow.NEXT} in doubles. */
export const enum Flow {
  WORDS = 16,
  DOUBLES = 8,
  SOURCE = 0,
  TARGET = 1,
  PORTS = 2,
  TRAFFIC = 3,
  IP_ID = 4,
  GENERATION = 6,
  RECORD = 12,
  REMOTE = 13,
  NEXT = 7,
}

const DRAWS = 5
const BLOCK = 8

export interface Flows {
  readonly words: Int32Array
  readonly doubles: Float64Array
  /** Keys of the flows' random streams. */
  readonly key0: Int32Array
  readonly key1: Int32Array
  /** End of the phase (on or off) an onOff flow is in; empty when there are none. */
  readonly phaseEnd: Float64Array
}

/** Rows for all flows of the image; a shard fills and uses its own. */
export function createFlows(image: ImageColumns, isMine: (lp: number) => boolean): Flows {
  const count = image.flowTraffic.length
  const block = aligned(count * Flow.WORDS * 4)
  const hasOnOff = image.trafficArrivals.some(kind => kind === 2)
  const flows = {
    words: int32Of(block),
    doubles: float64Of(block),
    key0: image.flowKey0,
    key1: image.flowKey1,
    phaseEnd: new Float64Array(hasOnOff ? count : 0),
  }
  for (let i = 0; i < count; i++) if (isMine(image.flowLp[i])) fill(flows, image, i)
  return flows
}

function fill(flows: Flows, image: ImageColumns, i: number): void {
  const w = i * Flow.WORDS
  const { words } = flows
  words[w + Flow.SOURCE] = image.flowSourceAddress[i]
  words[w + Flow.TARGET] = image.flowTargetAddress[i]
  words[w + Flow.PORTS] = image.flowPorts[i]
  words[w + Flow.TRAFFIC] = image.flowTraffic[i]
  flows.doubles[i * Flow.DOUBLES + Flow.NEXT] = image.flowStartNs[i]
}

/** The next 32 random bits of a flow, as an unsigned integer. A block of four is made at a time and kept in the row. */
export function drawWord(flows: Flows, flow: number): number {
  const w = flow * Flow.WORDS
  const { words } = flows
  const n = words[w + DRAWS]++
  const lane = n & 3
  if (lane === 0) philox(n >>> 2, 0, 0, 0, flows.key0[flow], flows.key1[flow], words, w + BLOCK)
  return words[w + BLOCK + lane] >>> 0
}

/** Uniform in the open interval (0, 1), 32 bits fine. */
export const drawUniform = (flows: Flows, flow: number): number => (drawWord(flows, flow) + 0.5) * 2.3283064365386963e-10

/** The next IP identification of a flow, 16 bits. */
export function nextFlowIpId(flows: Flows, flow: number): number {
  const w = flow * Flow.WORDS + Flow.IP_ID
  const word = flows.words[w]
  flows.words[w] = (word & ~0xffff) | ((word + 1) & 0xffff)
  return word & 0xffff
}
