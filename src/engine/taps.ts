// Captures of one shard. A tap copies the frame with its zeros made real, so that a capture's checksums can be verified; it draws no random
// number and posts no event, hence changes nothing. When a packet ends, the last frame captured of it on the same host gets the reason.
import type { LpId, PacketId } from '../base/brand.js'
import { isDrop, VERDICTS, type Verdict } from '../datapath/verdict.js'
import type { Params, TapParams } from '../image/params.js'
import type { PacketPool } from '../shm/packet-pool.js'
import type { CapturedFrame } from './report.js'

interface Captured {
  timeNs: number
  direction: 1 | 2
  bytes: Uint8Array
  comment: string | null
}

interface Tap {
  readonly index: number
  readonly params: TapParams
  readonly frames: Captured[]
  missed: number
}

export class Taps {
  private readonly taps: Tap[]
  private readonly lastOf = new Map<PacketId, { readonly lp: LpId; readonly frame: Captured }>()

  constructor(params: Params, isMine: (lp: number) => boolean) {
    this.taps = params.taps.map((tap, index) => ({ index, params: tap, frames: [], missed: 0 })).filter(tap => isMine(tap.params.lp))
  }

  /** 1 for each logical process with a tap. */
  mark(tapped: Uint8Array): void {
    for (const tap of this.taps) tapped[tap.params.lp] = 1
  }

  offer(pool: PacketPool, lp: LpId, interfaceNumber: number, pod: number, id: PacketId, direction: 1 | 2, timeNs: number): void {
    for (const tap of this.taps) {
      const { params } = tap
      if (params.lp !== lp || params.interface !== interfaceNumber || (params.pod >= 0 && params.pod !== pod)) continue
      if (tap.frames.length >= params.maxPackets) {
        tap.missed++
        continue
      }
      const frame: Captured = { timeNs, direction, bytes: pool.copyFrame(id), comment: null }
      tap.frames.push(frame)
      this.lastOf.set(id, { lp, frame })
    }
  }

  /** The packet has ended on `lp`. */
  ended(lp: LpId, id: PacketId, verdict: Verdict): void {
    const last = this.lastOf.get(id)
    if (!last) return
    if (isDrop(verdict) && last.lp === lp) last.frame.comment = `dropped, ${VERDICTS[verdict].name}: ${VERDICTS[verdict].sentence}`
    this.lastOf.delete(id)
  }

  /** The packet has left the host. */
  forget(id: PacketId): void {
    if (this.taps.length > 0) this.lastOf.delete(id)
  }

  report(): { tap: number; frames: readonly CapturedFrame[]; missed: number }[] {
    return this.taps.map(({ index, frames, missed }) => ({ tap: index, frames: frames.sort((a, b) => a.timeNs - b.timeNs), missed }))
  }
}
