// The books of one shard: what was sent, how it ended, per node, per interval, per traffic entry, and the digest over it all. The
// digest of a node depends on the order of what ended there; over nodes digests are added, so their order (and the shards) do not matter.
import type { LpId, PacketId } from '../base/brand.js'
import { mix32 } from '../base/random.js'
import { type LpState, State } from '../datapath/lp-state.js'
import { FIRST_DROP, VERDICT_COUNT, Verdict } from '../datapath/verdict.js'
import type { ImageColumns } from '../image/image.js'
import type { Params } from '../image/params.js'
import { BUCKETS, bucketOf } from '../observe/histogram.js'
import { Growth } from '../observe/sparse.js'
import type { LiveSheet } from '../shm/live-sheet.js'
import { PacketFlag, type PacketPool, Slot } from '../shm/packet-pool.js'
import type { Conntrack } from '../table/conntrack.js'
import { DropBooks } from './drop-books.js'
import type { SeriesRows } from './report.js'
import type { SnatBooks } from './snat-books.js'

const L2 = 14
const ADDRESSES_AND_PORTS = 38
const TRAFFIC_COLUMNS = 4
const UDP_HEADERS = 28
/** Where the inner IPv4 header of an express frame lies in its slot: record, outer headers and inner Ethernet header. */
const INNER_IP = 32 + 64

const LANES = 4
/** A constant of this file is one to V8, an imported table's property is not. */
const DELIVERED = Verdict.delivered

/** The entries a packet makes in the books. */
export interface Entries {
  /** A datagram of a traffic entry left its sender. */
  sentOf(traffic: number): void
  /** Both of the next two for a datagram that was received express: 42 bytes in its slot, the rest zeros. */
  received(lp: LpId, id: PacketId): void
  /** A datagram reached its addressee now. */
  arrived(id: PacketId): void
  /** A packet ended at `lp`. */
  ended(lp: LpId, id: PacketId, verdict: Verdict): void
}

/** Closures over columns that never change; see `datapath/express.ts` for why. */
function createEntries(
  books: Pick<Ledger, 'verdicts' | 'latency' | 'sums' | 'traffic' | 'drops'>,
  pool: PacketPool,
  state: LpState,
  clock: Float64Array,
): Entries {
  const { verdicts, latency, sums, traffic, drops } = books
  const { words, doubles } = state
  const { words: slots, times: births, view } = pool
  const clockWords = new Int32Array(clock.buffer, clock.byteOffset, 2)

  /** Digest of the node: when, what, whose, how long, and what the packet's source and ports had become. */
  function mix(w: number, serial: number, origin: number, verdict: Verdict, length: number, source: number, ports: number): void {
    const x = clockWords[0] ^ Math.imul(serial, 0x9e3779b1) ^ source
    const y = clockWords[1] ^ Math.imul(origin, 0x85ebca77) ^ (verdict << 20) ^ length ^ ports
    let a = words[w + State.DIGEST] ^ x
    a = Math.imul(a ^ (a >>> 15), 0x2c1b3c6d)
    let b = words[w + State.DIGEST + 1] ^ y ^ ((a << 13) | (a >>> 19))
    b = Math.imul(b ^ (b >>> 16), 0x297a2d39)
    words[w + State.DIGEST] = a ^ b
    words[w + State.DIGEST + 1] = b ^ (a >>> 12)
  }

  return {
    received(lp, id) {
      const w = lp * State.WORDS
      const r = id * Slot.WORDS
      const length = UDP_HEADERS + slots[r + Slot.TAIL]
      const row = (slots[r + Slot.FLAGS] >>> 16) * TRAFFIC_COLUMNS
      const ns = clock[0] - births[r >>> 1]
      const at = id * Slot.BYTES + INNER_IP
      latency[bucketOf(ns)]++
      sums[0] += ns
      verdicts[DELIVERED]++
      mix(w, slots[r + Slot.SERIAL], slots[r + Slot.ORIGIN], DELIVERED, length, view.getInt32(at + 12), view.getInt32(at + 20))
      words[w + State.DELIVERED]++
      doubles[lp * State.DOUBLES + State.BYTES] += length
      traffic[row + 1]++
      traffic[row + 3] += length
    },
    sentOf(entry) {
      traffic[entry * TRAFFIC_COLUMNS]++
    },
    arrived(id) {
      const ns = clock[0] - pool.times[pool.sentAt(id)]
      latency[bucketOf(ns)]++
      sums[0] += ns
    },
    ended(lp, id, verdict) {
      const w = lp * State.WORDS
      const length = pool.length(id) - L2
      // Of a datagram in fragments the first one stands for it.
      const row = pool.flags(id) & (PacketFlag.IS_DATAGRAM | PacketFlag.IS_SEGMENT) ? pool.traffic(id) * TRAFFIC_COLUMNS : -1
      verdicts[verdict]++
      const whole = pool.head(id) >= ADDRESSES_AND_PORTS
      const ip = pool.start(id) + L2
      const source = whole ? pool.view.getInt32(ip + 12) : 0
      mix(w, pool.serial(id), pool.origin(id), verdict, length, source, whole ? pool.view.getInt32(ip + 20) : 0)
      if (verdict >= FIRST_DROP) {
        words[w + State.DROPPED]++
        drops.note(lp, id, verdict)
        if (row >= 0) traffic[row + 2]++
        return
      }
      words[w + State.DELIVERED]++
      doubles[lp * State.DOUBLES + State.BYTES] += length
      if (row >= 0) {
        traffic[row + 1]++
        traffic[row + 3] += length
      }
    },
  }
}

export class Ledger {
  readonly verdicts = new Float64Array(VERDICT_COUNT)
  readonly latency = new Float64Array(BUCKETS)
  /** [0] sum of latencies, [1] bytes delivered in the intervals that are closed. */
  readonly sums = new Float64Array(2)
  readonly throughputPackets: Float64Array
  readonly throughputBytes: Float64Array
  readonly traffic: Float64Array
  readonly checkpoints: Int32Array
  readonly drops: DropBooks
  readonly latencyGrowth: Growth = new Growth(this.latency)
  /** What the data plane writes: see {@link createEntries}. */
  readonly entries: Entries
  /** Translated ports, where a shard keeps books of them. */
  snat: SnatBooks | null = null
  private readonly intervals: number
  private interval = 0
  private readonly rows: number[][] = [[], [], [], [], [], [], [], []]

  constructor(
    private readonly params: Params,
    image: ImageColumns,
    pool: PacketPool,
    private readonly state: LpState,
    private readonly conntrack: Conntrack,
    private readonly clock: Float64Array,
    private readonly mine: Int32Array,
    /** Where somebody looks on. */
    private readonly live: LiveSheet | null,
  ) {
    this.intervals = Math.max(1, Math.ceil(params.durationNs / params.intervalNs))
    this.throughputPackets = new Float64Array(this.intervals)
    this.throughputBytes = new Float64Array(this.intervals)
    this.checkpoints = new Int32Array(this.intervals * LANES)
    this.traffic = new Float64Array(image.trafficArrivals.length * TRAFFIC_COLUMNS)
    this.drops = new DropBooks(pool, clock, params.lpCount)
    this.entries = createEntries(this, pool, state, clock)
  }

  /** Sum over this shard's processes, four lanes. */
  digest(into: Int32Array, at: number): void {
    const { words } = this.state
    for (const lp of this.mine) {
      let h = mix32(lp + 1)
      for (let lane = 0; lane < LANES; lane++) {
        h = mix32(h ^ words[lp * State.WORDS + State.DIGEST + (lane & 1)] ^ Math.imul(lane + 1, 0x9e3779b1))
        into[at + lane] = (into[at + lane] + h) | 0
      }
    }
  }

  /** Called when a window opens: closes the intervals that lie behind it. Sets the clock, and takes out the connections that have ended. */
  reach(timeNs: number): void {
    const interval = Math.min(this.intervals - 1, Math.floor(timeNs / this.params.intervalNs))
    while (this.interval < interval) {
      // Connections that ended while nothing else happened are gone from the interval in which they did.
      this.clock[0] = (this.interval + 1) * this.params.intervalNs
      this.conntrack.advance(this.clock)
      this.closeInterval()
    }
    this.clock[0] = timeNs
    this.conntrack.advance(this.clock)
  }

  /** Closes every interval up to the run's end. */
  close(endNs: number): void {
    this.reach(endNs)
    this.rowsOfInterval()
    this.digest(this.checkpoints, this.interval * LANES)
  }

  private closeInterval(): void {
    this.rowsOfInterval()
    this.digest(this.checkpoints, this.interval * LANES)
    this.interval++
  }

  private rowsOfInterval(): void {
    this.snat?.close(this.interval)
    const { words, doubles } = this.state
    this.latencyGrowth.close(this.interval)
    for (const lp of this.mine) {
      const w = lp * State.WORDS
      const busy = words[w + State.SENT] | words[w + State.DELIVERED] | words[w + State.DROPPED] | words[w + State.QUEUE_PEAK]
      if ((busy | this.conntrack.used[lp]) === 0) continue
      const d = lp * State.DOUBLES + State.BYTES
      const row = [
        this.interval,
        lp,
        words[w + State.SENT],
        words[w + State.DELIVERED],
        words[w + State.DROPPED],
        doubles[d],
        words[w + State.QUEUE_PEAK],
      ]
      row.push(this.conntrack.used[lp])
      for (let i = 0; i < row.length; i++) this.rows[i].push(row[i])
      this.throughputPackets[this.interval] += words[w + State.DELIVERED]
      this.throughputBytes[this.interval] += doubles[d]
      this.sums[1] += doubles[d]
      if (words[w + State.DROPPED] > 0) this.drops.close(this.interval, lp)
      this.live?.write(lp, words[w + State.DELIVERED], words[w + State.DROPPED], words[w + State.QUEUE_PEAK], this.conntrack.used[lp])
      words[w + State.SENT] = 0
      words[w + State.DELIVERED] = 0
      words[w + State.DROPPED] = 0
      words[w + State.QUEUE_PEAK] = 0
      doubles[d] = 0
    }
  }

  series(): SeriesRows {
    const [interval, lp, sent, delivered, dropped, bytes, queuePeak, conntrack] = this.rows
    return {
      interval: Uint32Array.from(interval),
      lp: Uint32Array.from(lp),
      sent: Uint32Array.from(sent),
      delivered: Uint32Array.from(delivered),
      dropped: Uint32Array.from(dropped),
      bytesDelivered: Float64Array.from(bytes),
      queuePeak: Uint32Array.from(queuePeak),
      conntrack: Uint32Array.from(conntrack),
    }
  }

  /** Packets that reached an end that is no drop. */
  get delivered(): number {
    return this.verdicts[Verdict.delivered]
  }

  get dropped(): number {
    let dropped = 0
    for (let verdict = FIRST_DROP; verdict < VERDICT_COUNT; verdict++) dropped += this.verdicts[verdict]
    return dropped
  }
}
