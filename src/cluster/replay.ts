// Recorded frames as streams of the image: sorted by time, counted from the first frame, shifted to the entry's start, and evenly
// spaced instead if the entry says so.
import type { ImageColumns } from '../image/image.js'
import type { Scenario } from '../scenario/model.js'
import { beginOf, endOf } from './lifetimes-of-peers.js'
import type { Names } from './names.js'
import { type PeerSet, peersOf } from './peers.js'
import type { Plan } from './plan.js'

export interface RecordedFrame {
  readonly timeNs: number
  readonly bytes: Uint8Array
}

/** Reads the frames of a capture file; the control plane itself touches no disk. */
export type ReadReplay = (file: string) => readonly RecordedFrame[]

export interface ReplayStream {
  readonly lp: number
  /** Frames enter by this pod's veth, or -1: they are put on the wire at the host's interface. */
  readonly pod: number
  readonly timesNs: Float64Array
  readonly frames: readonly RecordedFrame[]
}

/** The streams of all replay entries whose source runs, each file read once. */
export function replayStreams(scenario: Scenario, plan: Plan, names: Names, readReplay: ReadReplay): ReplayStream[] {
  const files = new Map<string, readonly RecordedFrame[]>()
  return scenario.traffic.flatMap(entry => {
    if (entry.kind !== 'replay') return []
    const source = peersOf(scenario, plan, names, entry.from)
    if (source.count === 0 || source.lp[0] < 0) return []
    let frames = files.get(entry.file)
    if (!frames) {
      // Sorting is stable: frames of one time stay in the file's order.
      frames = [...readReplay(entry.file)].sort((a, b) => a.timeNs - b.timeNs)
      files.set(entry.file, frames)
    }
    const originNs = frames[0]?.timeNs ?? 0
    const timesNs = Float64Array.from(
      frames,
      ({ timeNs }, i) => entry.startNs + (entry.spacingNs === null ? timeNs - originNs : i * entry.spacingNs),
    )
    return [onlyWhileThere(plan, source, { lp: source.lp[0], pod: source.pod[0], timesNs, frames })]
  })
}

/** A pod or node sends what was recorded while it is there. */
function onlyWhileThere(plan: Plan, source: PeerSet, stream: ReplayStream): ReplayStream {
  if (!plan.changes) return stream
  const fromNs = beginOf(plan, source, 0)
  const toNs = endOf(plan, source, 0)
  const kept = [...stream.frames.keys()].filter(i => stream.timesNs[i] >= fromNs && stream.timesNs[i] < toNs)
  return { ...stream, timesNs: Float64Array.from(kept, i => stream.timesNs[i]), frames: kept.map(i => stream.frames[i]) }
}

export function replayLengths(streams: readonly ReplayStream[]): { streams: number; frames: number; bytes: number } {
  let frames = 0
  let bytes = 0
  for (const stream of streams) {
    frames += stream.frames.length
    for (const frame of stream.frames) bytes += frame.bytes.length
  }
  return { streams: streams.length, frames, bytes }
}

export function fillReplays(columns: ImageColumns, streams: readonly ReplayStream[]): void {
  let row = 0
  let offset = 0
  streams.forEach((stream, i) => {
    columns.replayLp[i] = stream.lp
    columns.replayPod[i] = stream.pod
    columns.replayFirst[i] = row
    columns.replayFrames[i] = stream.frames.length
    stream.frames.forEach(({ bytes }, k) => {
      columns.frameTimeNs[row] = stream.timesNs[k]
      columns.frameOffset[row] = offset
      columns.frameLength[row] = bytes.length
      columns.frameBytes.set(bytes, offset)
      offset += bytes.length
      row++
    })
  })
}
