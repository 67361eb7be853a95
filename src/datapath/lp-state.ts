// What changes about a logical process while a run goes on: 64 bytes in one place, a cacheline, indexed by its number.
// float64: 0 when the NIC is free   1 bytes delivered in this interval
// int32:   4 next event sequence  5 next packet serial  6 next IP identification  7 next draw of its random stream  8-9 digest
//          10 delivered  11 dropped (this interval)  12 queue head  13 queue tail  14 queue peak  15 sent (this interval)
import { aligned, float64Of, int32Of } from '../base/reserve.js'

/** Offsets in a process's row, in words; the first two in doubles. */
export const enum State {
  WORDS = 16,
  DOUBLES = 8,
  NIC_FREE = 0,
  BYTES = 1,
  SEQUENCE = 4,
  SERIAL = 5,
  IP_ID = 6,
  DRAW = 7,
  DIGEST = 8,
  QUEUE_HEAD = 12,
  QUEUE_TAIL = 13,
  QUEUE_PEAK = 14,
  SENT = 15,
  DELIVERED = 10,
  DROPPED = 11,
}

export interface LpState {
  readonly words: Int32Array
  readonly doubles: Float64Array
}

export function createLpState(count: number): LpState {
  const block = aligned(count * State.WORDS * 4)
  return { words: int32Of(block), doubles: float64Of(block) }
}
