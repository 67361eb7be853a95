// How many threads a run gets.
import { availableParallelism } from 'node:os'

/**
 * Each ordered pair of shards has a packet ring of at least 1,024 cells of 224 bytes (`shm/mesh.ts`), so memory grows with the square:
 * 217 MiB at 32 shards, 882 MiB at 64. And long before that, shards mostly wait for each other.
 */
export const MAX_WORKERS = 32

/** Threads of a run: what was asked for, else the cores, but never more than there are logical processes to share out. 'solo' is 0. */
export function workersFor(asked: number | 'solo' | undefined, lpCount: number): number {
  if (asked === 'solo' || asked === 0) return 0
  return Math.max(1, Math.min(asked ?? availableParallelism(), lpCount, MAX_WORKERS))
}
