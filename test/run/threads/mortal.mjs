// A real shard that dies in the middle of its work: its stopwatch, which is read at every barrier, is what kills it.
import { AbortedError, runShard } from '../../../dist/src/engine/rounds.js'
import { failureOf } from '../../../dist/src/run/messages.js'

const HOARD = []

const WAYS = {
  throws: () => {
    throw new Error('the stopwatch broke')
  },
  exits: () => process.exit(9),
  runsOut: () => {
    for (;;) HOARD.push(new Array(100_000).fill('x').map((x, i) => x + i))
  },
}

export function shard(setup) {
  let looks = 0
  const stopwatch = () => {
    if (setup.shard === 1 && ++looks > 200) WAYS[setup.way]()
    return 0
  }
  try {
    return { kind: 'report', report: runShard({ ...setup, stopwatch }) }
  } catch (error) {
    return error instanceof AbortedError ? { kind: 'aborted' } : failureOf(error)
  }
}
