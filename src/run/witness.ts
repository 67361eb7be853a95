// What ended where, packet by packet, within a span of a run: for the moment in which two runs part. The run is repeated up to there in the
// calling thread, without the express path, so that every end comes through one method of the shard, which is all that is listened to;
// a run that nobody witnesses has no trace of this. The same packets end in the same order on every node as they did in the run itself.
import type { LpId, PacketId } from '../base/brand.js'
import { mix32 } from '../base/random.js'
import { VERDICTS, type Verdict, type VerdictName } from '../datapath/verdict.js'
import { Shard, type ShardSetup } from '../engine/shard.js'
import type { LoadedScenario } from '../scenario/load.js'
import { createMesh } from '../shm/mesh.js'
import { describeFrame } from '../wire/describe.js'
import { merge } from './merge.js'
import { imageFor, prepare } from './prepare.js'

/** Windows that begin in `fromNs..toNs`: an interval of the statistics, as the checkpointed digests count it. */
export interface Span {
  readonly fromNs: number
  readonly toNs: number
}

/** All ends within a span, a row each; those of one process in the order in which they happened. */
export interface EndMarks {
  /** Of logical processes: nodes, gateways and endpoints. */
  readonly names: readonly string[]
  /** Digests at the ends of all intervals that were reached. */
  readonly checkpoints: readonly string[]
  readonly lp: Int32Array
  readonly timeNs: Float64Array
  /** 53 bits over all that the run's digest sees of an end, and by names, so that runs of other clusters can be compared. */
  readonly mark: Float64Array
}

/** How a packet's life ended. */
export interface PacketEnd {
  /** Position among the ends of this node within the span. */
  readonly order: number
  readonly timeNs: number
  readonly node: string
  readonly verdict: VerdictName
  /** Where the packet was made, and which of its packets it was. */
  readonly origin: string
  readonly serial: number
  readonly sentNs: number
  /** Of the frame as it was in the end. */
  readonly lengthBytes: number
  /** One line about its headers. */
  readonly frame: string
}

const L2 = 14
const PORTS_END = 38

class Witness extends Shard {
  private isOpen = false

  constructor(
    setup: ShardSetup,
    private readonly fromNs: number,
    private readonly see: (lp: LpId, id: PacketId, verdict: Verdict) => void,
  ) {
    // A single shard has no rings, so none is ever full.
    super(setup, () => {})
  }

  override runWindow(window: number): void {
    this.isOpen = window * this.params.lookaheadNs >= this.fromNs
    super.runWindow(window)
  }

  override finish(lp: LpId, id: PacketId, verdict: Verdict): void {
    if (this.isOpen) this.see(lp, id, verdict)
    super.finish(lp, id, verdict)
  }
}

interface Seen {
  readonly names: readonly string[]
  readonly checkpoints: readonly string[]
}

/** Runs the scenario up to the span's end; `see` makes what is called for each end within it. */
function repeat(loaded: LoadedScenario, { fromNs, toNs }: Span, see: (shard: Shard, names: readonly string[]) => Witness['see']): Seen {
  const prepared = prepare(loaded)
  const image = imageFor(prepared, 1)
  const names = Array.from({ length: image.params.lpCount }, (_, lp) => prepared.names.lpName(lp))
  const shard: Witness = new Witness({ image, shard: 0, mesh: createMesh(1), verify: true }, fromNs, (lp, id, verdict) =>
    told(lp, id, verdict),
  )
  const told = see(shard, names)
  shard.start()
  const { lookaheadNs, durationNs, seed } = shard.params
  for (let window = shard.proposal(0); window * lookaheadNs < toNs; window = shard.proposal(window + 1)) shard.runWindow(window)
  const { checkpoints } = merge([shard.report(Math.min(toNs, durationNs), 0, 0)], seed)
  return { names, checkpoints }
}

/** Every end within the span, as marks. Memory: 20 bytes an end. */
export function marksWithin(loaded: LoadedScenario, span: Span): EndMarks {
  const lps: number[] = []
  const times: number[] = []
  const marks: number[] = []
  const seen = repeat(loaded, span, ({ stack }, names) => {
    const { pool, clock } = stack
    const nameHashes = names.map(hashOfName)
    const timeWords = new Int32Array(clock.buffer, clock.byteOffset, 2)
    return (lp, id, verdict) => {
      const ip = pool.start(id) + L2
      const isWhole = pool.head(id) >= PORTS_END
      const facts = [timeWords[0], timeWords[1], nameHashes[pool.origin(id)], pool.serial(id), verdict, pool.length(id)]
      if (isWhole) facts.push(pool.view.getInt32(ip + 12), pool.view.getInt32(ip + 20))
      let a = 0
      let b = 1
      for (const fact of facts) {
        a = mix32(a ^ fact)
        b = mix32(b + Math.imul(fact, 0x85ebca77))
      }
      lps.push(lp)
      times.push(clock[0])
      marks.push((a >>> 0) * 2 ** 21 + (b >>> 11))
    }
  })
  return { ...seen, lp: Int32Array.from(lps), timeNs: Float64Array.from(times), mark: Float64Array.from(marks) }
}

function hashOfName(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return mix32(hash)
}

/** The ends `first` to `last` of one node within the span, in full. */
export function endsOf(
  loaded: LoadedScenario,
  span: Span,
  { node, first, last }: { node: string; first: number; last: number },
): PacketEnd[] {
  const ends: PacketEnd[] = []
  let order = 0
  repeat(loaded, span, ({ stack }, names) => {
    const { pool, clock } = stack
    const wanted = names.indexOf(node)
    return (lp, id, verdict) => {
      if (lp !== wanted || order++ < first || order > last + 1) return
      ends.push({
        order: order - 1,
        timeNs: clock[0],
        node,
        verdict: VERDICTS[verdict].name,
        origin: names[pool.origin(id)],
        serial: pool.serial(id) >>> 0,
        sentNs: pool.times[pool.sentAt(id)],
        lengthBytes: pool.length(id),
        frame: describeFrame(pool.copyFrame(id)),
      })
    }
  })
  return ends
}
