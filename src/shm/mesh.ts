// Everything the shards of one run share besides the image: the board, and one packet ring for each ordered pair of shards.
import { createBoard } from './board.js'
import { cellsWritten, createRing } from './ring.js'

/** Clonable; sent to each shard. `rings[from * shards + to]`, null on the diagonal. */
export interface Mesh {
  readonly shards: number
  readonly board: SharedArrayBuffer
  readonly rings: readonly (SharedArrayBuffer | null)[]
  /** Where shards show how it goes (`live-sheet.ts`); null where nobody looks. */
  readonly live: SharedArrayBuffer | null
}

/** Cells of a ring: a megabyte or so for two shards, less for many, never less than the largest packet needs. */
const cellsFor = (shards: number): number => Math.max(1024, 2 ** Math.floor(Math.log2(16384 / shards)))

export function createMesh(shards: number, live: SharedArrayBuffer | null = null): Mesh {
  const rings: (SharedArrayBuffer | null)[] = []
  for (let from = 0; from < shards; from++) {
    for (let to = 0; to < shards; to++) rings.push(from === to ? null : createRing(cellsFor(shards)))
  }
  return { shards, board: createBoard(shards), rings, live }
}

/** Records that a shard handed to each other one, 0 to itself. */
export function sentBetween({ shards, rings }: Mesh, from: number): number[] {
  return rings.slice(from * shards, (from + 1) * shards).map(ring => (ring === null ? 0 : cellsWritten(ring)))
}
