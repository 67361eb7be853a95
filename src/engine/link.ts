// A host's way onto the wire: serialization at the NIC's rate, a finite queue in front of it with tail drop, and the propagation delay.
// The queue is not simulated packet by packet: a ring of departure times says how many are still waiting when the next one comes.
import type { LpId } from '../base/brand.js'
import { invariant } from '../base/invariant.js'
import { wholeNs } from '../base/sim-time.js'
import { type LpState, State } from '../datapath/lp-state.js'
import type { ImageColumns } from '../image/image.js'
import type { Params } from '../image/params.js'
import { Moment } from './kinds.js'

/** Preamble 8, FCS 4 and inter-frame gap 12 bytes, that a frame costs on the wire beside its own (IEEE 802.3). */
const WIRE_OVERHEAD = 24
/** Shortest frame without its FCS. */
const SHORTEST = 60

/**
 * Sends `length` bytes from `lp` to `to` at times[0]: the moment its first bit leaves goes to times[1], the moment its last bit
 * arrives to times[2]. False if the queue is full.
 */
export type Link = (lp: LpId, to: number, length: number) => boolean

/** The links of one shard's hosts; a closure over columns that never change, see `datapath/express.ts` for why. */
export function createLink(params: Params, image: ImageColumns, state: LpState, times: Float64Array): Link {
  invariant(params.queue >= 1, 'a NIC queue holds at least one packet')
  const { queue, latencyNs, gatewayLatencyNs } = params
  const { lpFar, lpNsPerByte } = image
  const { words, doubles } = state
  const someFar = lpFar.some(far => far === 1)
  const size = 2 ** Math.ceil(Math.log2(queue))
  // Departures of all packets at a NIC but the last, whose is NIC_FREE: a NIC that is idle, as most are, never touches its ring.
  const departures = new Float64Array(params.lpCount * size)

  /** Packets at a busy NIC, the one being sent included; those that have left are forgotten. */
  function waitingAt(lp: LpId, w: number): number {
    const tail = words[w + State.QUEUE_TAIL]
    let head = words[w + State.QUEUE_HEAD]
    while (head !== tail && departures[lp * size + (head & (size - 1))] <= times[Moment.NOW]) head = (head + 1) | 0
    words[w + State.QUEUE_HEAD] = head
    return ((tail - head) | 0) + 1
  }

  return (lp, to, length) => {
    const delay = someFar && (lpFar[lp] | lpFar[to]) !== 0 ? gatewayLatencyNs : latencyNs
    const nsPerByte = lpNsPerByte[lp]
    if (nsPerByte === 0) {
      times[Moment.DEPART] = times[Moment.NOW]
      times[Moment.ARRIVE] = times[Moment.NOW] + delay
      return true
    }
    const d = lp * State.DOUBLES + State.NIC_FREE
    const w = lp * State.WORDS
    // Fractions of a nanosecond are kept in the NIC, so that a rate holds over any time; events are whole nanoseconds.
    const serializationNs = (length > SHORTEST ? length + WIRE_OVERHEAD : SHORTEST + WIRE_OVERHEAD) * nsPerByte
    const freeNs = doubles[d]
    if (freeNs <= times[Moment.NOW]) {
      words[w + State.QUEUE_HEAD] = 0
      words[w + State.QUEUE_TAIL] = 0
      if (words[w + State.QUEUE_PEAK] === 0) words[w + State.QUEUE_PEAK] = 1
      times[Moment.DEPART] = times[Moment.NOW]
      doubles[d] = times[Moment.NOW] + serializationNs
    } else {
      const waiting = waitingAt(lp, w)
      if (waiting >= queue) return false
      const tail = words[w + State.QUEUE_TAIL]
      departures[lp * size + (tail & (size - 1))] = freeNs
      words[w + State.QUEUE_TAIL] = (tail + 1) | 0
      if (waiting >= words[w + State.QUEUE_PEAK]) words[w + State.QUEUE_PEAK] = waiting + 1
      times[Moment.DEPART] = wholeNs(freeNs)
      doubles[d] = freeNs + serializationNs
    }
    times[Moment.ARRIVE] = wholeNs(doubles[d]) + delay
    return true
  }
}
