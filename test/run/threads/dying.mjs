// A shard's thread that dies in the way its image says, while the others wait at the barrier as shards do.

import { failureOf } from '../../../dist/src/run/messages.js'
import { AbortedError, openBoard } from '../../../dist/src/shm/board.js'

const HOARD = []

const WAYS = {
  throws: () => {
    throw new RangeError('the slot is gone')
  },
  knows: () => {
    throw Object.assign(new Error('a law was broken'), { where: { timeNs: 1_500_000 } })
  },
  exits: () => process.exit(7),
  exitsQuietly: () => process.exit(0),
  rejects: () => Promise.reject(new Error('later')),
  runsOut: () => {
    for (;;) HOARD.push(new Array(100_000).fill('x').map((x, i) => x + i))
  },
}

export async function shard({ image, shard, mesh }) {
  const board = openBoard(mesh.board)
  const { way, seed } = image.params
  try {
    board.report(shard, 1000, 0, 0, 0, 0)
    if (way === 'reports') return { kind: 'report', report: { shard, seed } }
    if (way === 'stops') {
      while (board.meet(shard, board.stopRequested ? -1 : 0, () => {}) >= 0);
      return { kind: 'report', report: { shard, seed } }
    }
    board.meet(shard, 0, () => {})
    if (shard === 1) {
      if (way === 'exits' || way === 'exitsQuietly' || way === 'runsOut') return WAYS[way]()
      return await WAYS[way]()
    }
    if (way === 'knows') for (;;);
    for (;;) board.meet(shard, 0, () => {})
  } catch (error) {
    return error instanceof AbortedError ? { kind: 'aborted' } : failureOf(error)
  }
}
