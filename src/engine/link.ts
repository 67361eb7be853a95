// A host's way onto the wire: serialization at the NIC's rate, a finite queue in front of it with tail drop, and the propagation delay.
// The queue is not simulated packet by packet: a ring of departure times says how many are still waiting when the next one comes.
import type { LpId } from '../base/brand.js'
import { invariant } from '../base/invariant.js'
import { type LpState, NIC_FREE, QUEUE_HEAD, QUEUE_PEAK, QUEUE_TAIL, STATE_DOUBLES, STATE_WORDS } from '../datapath/lp-state.js'
import type { ImageColumns, Params } from './image.js'

/** Preamble 8, FCS 4 and inter-frame gap 12 bytes, that a frame costs on the wire beside its own (IEEE 802.3). */
export const WIRE_OVERHEAD = 24
/** Shortest frame without its FCS. */
const SHORTEST = 60

const NOW = 0
/** Places in the time vector that {@link Link.send} fills. */
export const DEPART = 1
export const ARRIVE = 2

export class Link {
  private readonly departures: (Float64Array | null)[]
  private readonly mask: number

  constructor(
    private readonly params: Params,
    private readonly image: ImageColumns,
    private readonly state: LpState,
  ) {
    this.departures = new Array(params.lpCount).fill(null)
    this.mask = 2 ** Math.ceil(Math.log2(params.queue + 1)) - 1
    invariant(params.queue >= 1, 'a NIC queue holds at least one packet')
  }

  /**
   * Sends `length` bytes from `lp` to `to` at times[0]: the moment its first bit leaves goes to times[1], the moment its last bit
   * arrives to times[2]. False if the queue is full.
   */
  send(times: Float64Array, lp: LpId, to: number, length: number): boolean {
    const { image, params, state } = this
    const far = (image.lpFar[lp] | image.lpFar[to]) !== 0
    const delay = far ? params.gatewayLatencyNs : params.latencyNs
    const nsPerByte = image.lpNsPerByte[lp]
    if (nsPerByte === 0) {
      times[DEPART] = times[NOW]
      times[ARRIVE] = times[NOW] + delay
      return true
    }
    const d = lp * STATE_DOUBLES + NIC_FREE
    const w = lp * STATE_WORDS
    const { words, doubles } = state
    const ring = this.departures[lp] ?? this.createRing(lp)
    let head = words[w + QUEUE_HEAD]
    let tail = words[w + QUEUE_TAIL]
    if (doubles[d] <= times[NOW]) {
      // Idle: begin at the ring's start again, so that a lightly loaded NIC touches one cacheline.
      head = 0
      tail = 0
      doubles[d] = times[NOW]
    } else {
      while (head !== tail && ring[head & this.mask] <= times[NOW]) head = (head + 1) | 0
    }
    const waiting = (tail - head) | 0
    words[w + QUEUE_HEAD] = head
    words[w + QUEUE_TAIL] = tail
    if (waiting >= params.queue) return false
    if (waiting + 1 > words[w + QUEUE_PEAK]) words[w + QUEUE_PEAK] = waiting + 1
    times[DEPART] = Math.round(doubles[d])
    // Fractions of a nanosecond are kept in the NIC, so that a rate holds over any time; events are whole nanoseconds.
    doubles[d] += (Math.max(length, SHORTEST) + WIRE_OVERHEAD) * nsPerByte
    ring[tail & this.mask] = doubles[d]
    words[w + QUEUE_TAIL] = tail + 1
    times[ARRIVE] = Math.round(doubles[d]) + delay
    return true
  }

  private createRing(lp: LpId): Float64Array {
    const ring = new Float64Array(this.mask + 1)
    this.departures[lp] = ring
    return ring
  }
}
