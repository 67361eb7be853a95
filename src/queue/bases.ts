// What points have in common, on a worker: fetched once, its files laid out in a folder of the worker's own, and forgotten when newer ones
// have come.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import type { PointContext } from '../study/point.js'
import { baseRecord } from './base-record.js'
import { layOut } from './files.js'
import { getBase, getFile } from './store.js'

/** Bases kept at a time: as many studies are worked for in turn without fetching again. */
const MOST_KEPT = 8

export class Bases {
  private readonly root = mkdtempSync(join(tmpdir(), 'vxlane-worker-'))
  private readonly known = new Map<string, Promise<PointContext | null>>()

  constructor(private readonly redis: Redis) {}

  /** Null if Redis has lost it, or a file of it: the study that asked will bring it again. */
  async find(digest: string): Promise<PointContext | null> {
    const known = this.known.get(digest)
    const found = known ?? this.fetch(digest)
    // The one that was used last stands last.
    this.known.delete(digest)
    this.known.set(digest, found)
    try {
      const context = await found
      if (context === null) this.known.delete(digest)
      this.forgetOldest()
      return context
    } catch (error) {
      this.known.delete(digest)
      throw error
    }
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  private async fetch(digest: string): Promise<PointContext | null> {
    const value = await getBase(this.redis, digest)
    if (value === undefined) return null
    const record = baseRecord.parse(value)
    const files: { name: string; content: Buffer }[] = []
    for (const { name, digest: of } of record.files) {
      const content = await getFile(this.redis, of)
      if (content === undefined) return null
      files.push({ name, content })
    }
    return { mode: record.mode, base: { value: record.value, folder: layOut(join(this.root, digest), files) } }
  }

  private forgetOldest(): void {
    for (const digest of [...this.known.keys()].slice(0, -MOST_KEPT)) {
      this.known.delete(digest)
      rmSync(join(this.root, digest), { recursive: true, force: true })
    }
  }
}
