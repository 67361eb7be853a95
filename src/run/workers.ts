// How many threads a run gets.
import { availableParallelism } from 'node:os'

/** More shards than this only wait for each other. */
export const MAX_WORKERS = 64

/** Threads of a run: what was asked for, else the cores, but never more than there are logical processes to share out. 'solo' is 0. */
export function workersFor(asked: number | 'solo' | undefined, lpCount: number): number {
  if (asked === 'solo' || asked === 0) return 0
  return Math.max(1, Math.min(asked ?? availableParallelism(), lpCount, MAX_WORKERS))
}
