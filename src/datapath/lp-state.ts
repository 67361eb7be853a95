// What changes about a logical process while a run goes on: 128 bytes in one place, two cachelines, indexed by its number.
// float64: 0 when the NIC is free   1 bytes delivered in this interval
// int32:   4 next event sequence  5 next packet serial  6 next IP identification  7 next draw of its random stream
//          8-11 digest   12 queue head  13 queue tail  14 queue peak   16 sent  17 delivered  18 dropped (this interval)

export const STATE_WORDS = 32
export const STATE_DOUBLES = 16

export const NIC_FREE = 0
export const BYTES = 1

export const SEQUENCE = 4
export const SERIAL = 5
export const IP_ID = 6
export const DRAW = 7
export const DIGEST = 8
export const QUEUE_HEAD = 12
export const QUEUE_TAIL = 13
export const QUEUE_PEAK = 14
export const SENT = 16
export const DELIVERED = 17
export const DROPPED = 18

export interface LpState {
  readonly words: Int32Array
  readonly doubles: Float64Array
}

export function createLpState(count: number): LpState {
  const words = new Int32Array(count * STATE_WORDS)
  return { words, doubles: new Float64Array(words.buffer) }
}
