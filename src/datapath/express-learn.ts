// What the express path asks before it trusts a connection: whether it is the flow's own, and what happens to its packets. Asked once for a
// flow, not for each datagram.
import type { Params } from '../image/params.js'
import type { Conntrack } from '../table/conntrack.js'
import { Entry } from '../table/conntrack-records.js'
import { Status } from '../table/pulse.js'
import { Flow } from '../traffic/flows.js'
import { flowHash, sourcePortOf } from '../wire/flow.js'
import type { LpId } from './stack.js'

const UDP = 17

/** The flow's datagrams go to whom kube-proxy chose for its connection; what takes the steps goes to whom the flow's image names. */
export function redirect({ words: tuples }: Conntrack, words: Int32Array, w: number, record: number): void {
  const r = record * Entry.WORDS
  words[w + Flow.TARGET] = tuples[r + 3]
  words[w + Flow.PORTS] = (tuples[r + 2] & ~0xffff) | (tuples[r + 5] >>> 16)
}

/** Whether the record is that very connection, and one whose source is not translated (a null binding may move a port). */
export function isPlain(conntrack: Conntrack, record: number, lp: LpId, source: number, target: number, ports: number): boolean {
  const tuples = conntrack.words
  const r = record * Entry.WORDS
  const isOurs = tuples[r] === source && tuples[r + 1] === target && tuples[r + 2] === ports && tuples[r + 6] === ((lp << 8) | UDP)
  return isOurs && (conntrack.state(record) & Status.SOURCE_NAT) === 0
}

/** Whether the record is a connection of that socket that this host translates in no way; to whom it leads is asked at each datagram. */
export function isUntouched(conntrack: Conntrack, record: number, lp: LpId, source: number, port: number): boolean {
  const tuples = conntrack.words
  const r = record * Entry.WORDS
  const isOurs = tuples[r] === source && tuples[r + 2] >>> 16 === port && tuples[r + 6] === ((lp << 8) | UDP)
  return isOurs && (conntrack.state(record) & (Status.SOURCE_NAT | Status.DEST_NAT)) === 0
}

/** Outer source port of the flow, from the same hash that `encap` takes, over a header made for the purpose. */
export function outerPort(words: Int32Array, w: number, { sourcePortFirst, sourcePortLast }: Params): number {
  const header = new DataView(new ArrayBuffer(24))
  header.setUint8(0, 0x45)
  header.setUint8(9, UDP)
  header.setInt32(12, words[w + Flow.SOURCE])
  header.setInt32(16, words[w + Flow.TARGET])
  header.setInt32(20, words[w + Flow.PORTS])
  return sourcePortOf(flowHash(header, 0), sourcePortFirst, sourcePortLast)
}
