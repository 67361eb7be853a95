// What changes about a logical process while a run goes on: 128 bytes in one place, two cachelines, indexed by its number.
// float64: 0 when the NIC is free   1 bytes delivered in this interval
// int32:   4 next event sequence  5 next packet serial  6 next IP identification  7 next draw of its random stream
//          8-11 digest   12 queue head  13 queue tail  14 queue peak   16 sent  17 delivered  18 dropped (this interval)

/** Offsets in a process's row, in words; the first two in doubles. */
export const enum State {
  WORDS = 32,
  DOUBLES = 16,
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
  SENT = 16,
  DELIVERED = 17,
  DROPPED = 18,
}

export interface LpState {
  readonly words: Int32Array
  readonly doubles: Float64Array
}

export function createLpState(count: number): LpState {
  const words = new Int32Array(count * State.WORDS)
  return { words, doubles: new Float64Array(words.buffer) }
}
