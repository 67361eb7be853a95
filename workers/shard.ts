// Entry point of a shard's thread: run the shard until it ends, answer with its report or with what went wrong.
import { setFlagsFromString } from 'node:v8'
import { Piscina } from 'piscina'
import { AbortedError, runShard, type ShardSetup } from '../src/engine/rounds.js'
import { buffersOf, failureOf, type ShardAnswer } from '../src/run/messages.js'

// A packet's way is many small functions, and V8's usual budget for inlining (920 bytes of bytecode) leaves most of them as calls; with
// more of it a shard is a quarter faster. Not with much more: ten times of it cost half a second of compiling before the first window
// ran at full speed. The flags hold for the process, but only tell its optimizing compiler how much it may inline.
for (const budget of ['-cumulative=3000', '-small=60', '=1200']) setFlagsFromString(`--max-inlined-bytecode-size${budget}`)

/** The task that `run/crew.ts` starts once per thread. Blocks the thread: nothing else shares it. */
export function shard(setup: ShardSetup): unknown {
  try {
    // A clock cannot travel to the thread: it is given here, by the room that may look at one.
    const report = runShard({ ...setup, stopwatch: () => performance.now() / 1000 })
    return moved({ kind: 'report', report }, buffersOf(report))
  } catch (error) {
    return error instanceof AbortedError ? { kind: 'aborted' } : failureOf(error)
  }
}

/** An answer whose buffers change hands instead of being copied. */
function moved(answer: ShardAnswer, buffers: ArrayBuffer[]): unknown {
  return Piscina.move({ [Piscina.transferableSymbol]: buffers, [Piscina.valueSymbol]: answer } as never)
}
