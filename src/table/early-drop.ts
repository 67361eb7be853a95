// What happens to a new connection when its host's table is full: early_drop of the kernel. It does not look for the oldest entry or
// for any that could go, only into eight hash buckets from that of the new tuple on, and ends every connection not yet ASSURED in the
// first bucket that has one. With far more buckets than entries that seldom helps: Linux evicted 4 of 200 entries and dropped 97 packets.
// Buckets are the kernel's, not those of our index, whose size depends on who else lives in the shard.
import { type Conntrack, Direction } from './conntrack.js'
import { Entry } from './conntrack-records.js'
import { Status } from './pulse.js'
import { hash } from './tuple-index.js'

/** net.netfilter.nf_conntrack_buckets of a machine with some gigabytes of memory. */
const BUCKETS = 262_144
const RANGE = 8

/** Tries to make room on host `lp` for a connection with this original tuple; whether there is some. */
export function earlyDrop(
  conntrack: Conntrack,
  lp: number,
  protocol: number,
  source: number,
  target: number,
  ports: number,
  clock: Float64Array,
): boolean {
  const first = hash((lp << 8) | protocol, source, target, ports)
  for (let i = 0; i < RANGE; i++) if (dropFrom(conntrack, lp, (first + i) & (BUCKETS - 1), clock)) return true
  return false
}

function dropFrom(conntrack: Conntrack, lp: number, bucket: number, clock: Float64Array): boolean {
  let dropped = false
  for (const record of recordsIn(conntrack, lp, bucket)) {
    const isOver = conntrack.deadline(record) <= clock[0]
    if (!isOver && conntrack.state(record) & Status.ASSURED) continue
    conntrack.remove(record)
    // What was over anyway is collected, and does not count.
    if (!isOver) dropped = true
  }
  return dropped
}

/** Records of this host with one of their tuples in `bucket`, wherever our index keeps them. */
function recordsIn({ index: { slots: index, mask }, words }: Conntrack, lp: number, bucket: number): number[] {
  const found: number[] = []
  for (let ideal = bucket & mask; ideal <= mask; ideal += BUCKETS) {
    for (let slot = ideal; index[slot * 2 + 1] !== 0; slot = (slot + 1) & mask) {
      const reference = index[slot * 2 + 1] - 1
      if ((index[slot * 2] & (BUCKETS - 1)) !== bucket || (reference & 3) > Direction.REPLY) continue
      if (words[(reference >>> 2) * Entry.WORDS + 6] >>> 8 === lp) found.push(reference >>> 2)
    }
  }
  return found
}
