// How many threads a run gets.
import { availableParallelism } from 'node:os'

/**
 * Each ordered pair of shards has a packet ring of at least 1,024 cells of 224 bytes (`shm/mesh.ts`), so memory grows with the square:
 * 217 MiB at 32 shards, 882 MiB at 64. And long before that, shards mostly wait for each other.
 */
export const MAX_WORKERS = 32

/**
 * Packets in a window that make a second thread worth its while: to meet costs 10 us on a quiet machine and ten times that on a busy one, a
 * packet half a microsecond. A cluster whose pods send now and then is done twenty times sooner by one thread than by two.
 */
const PACKETS_PER_THREAD = 40

/**
 * Threads of a run: what was asked for; else the cores, but no more than windows of so many packets can keep busy. Never more than there
 * are logical processes to share out. 'solo' is 0.
 */
export function workersFor(asked: number | 'solo' | undefined, lpCount: number, packetsPerWindow = Number.POSITIVE_INFINITY): number {
  if (asked === 'solo' || asked === 0) return 0
  const useful = Math.min(availableParallelism(), Math.floor(packetsPerWindow / PACKETS_PER_THREAD))
  return Math.max(1, Math.min(asked ?? useful, lpCount, MAX_WORKERS))
}
