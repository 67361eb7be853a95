// What the express path asks of a connection that it remembers, for each datagram at both ends: is it still the very same one? A record and
// its generation answer that, without a look at the tuples. If it is, its lifetime starts anew.
import { type Conntrack, Direction } from '../table/conntrack.js'
import { Pulse, Status } from '../table/pulse.js'
import { touchUdp, UdpLife } from './track.js'

/** Whether this generation of the record lives; a datagram in `direction` then makes its lifetime start anew. */
export type Meet = (record: number, generation: number, direction: number) => boolean

/** Connections as remembered by one shard; a closure over columns that never change, see `express.ts` for why. */
export function createMeet(conntrack: Conntrack, clock: Float64Array): Meet {
  const { words, times } = conntrack.pulses
  return (record, generation, direction) => {
    const w = record * Pulse.WORDS
    if (words[w + Pulse.GENERATION] !== generation) return false
    const status = words[w + Pulse.STATE]
    if ((status & (Status.DEAD | Status.IS_TCP)) !== 0 || times[w >>> 1] <= clock[0]) return false
    // While nothing has answered, the deadline only ever moves out: whoever waits for it needs no word of it.
    if (direction === Direction.ORIGINAL && (status & Status.SEEN_REPLY) === 0) times[w >>> 1] = clock[0] + UdpLife.PLAIN
    else touchUdp(conntrack, record * 4 + direction, clock)
    return true
  }
}
