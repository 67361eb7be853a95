// The files that a scenario names: recordings, growth curves, manifests. A study takes them to Redis, a worker lays them out in a folder
// of its own, so no machine needs a copy of the study's folder. A name that is an absolute path is left as it is: such a file, however
// large, is read where the worker runs.
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { bytes } from '../base/units.js'
import { namedFiles } from '../scenario/named-files.js'
import { QueueError } from './queue-error.js'
import { sha256 } from './stored.js'

export interface CarriedFile {
  /** Relative to the folder of the scenario, with slashes. */
  readonly name: string
  readonly digest: string
  readonly content: Buffer
}

/** Redis holds everything in memory. */
const MOST_BYTES = 64 * 2 ** 20

/** Reads what a scenario names after `set`. A file that is not there is left to whoever loads the scenario, who says so better. */
export function carriedFiles(value: object, set: readonly string[], folder: string): CarriedFile[] {
  const files = namedFiles(value, set, folder).flatMap(name => {
    const content = contentOf(resolve(folder, name))
    return content === null ? [] : [{ name, digest: sha256(content).toString('hex'), content }]
  })
  const total = files.reduce((sum, { content }) => sum + content.length, 0)
  if (total <= MOST_BYTES) return files
  const hint = 'put them on every worker and name them by the same absolute path'
  throw new QueueError(`the files that the scenario names are ${bytes(total)}, more than goes through a queue; ${hint}`)
}

/** Whether overrides may name a file: without these words none does. */
export const mayNameFiles = (set: readonly string[]): boolean => set.some(text => /manifests|replay|growth|file/i.test(text))

function contentOf(path: string): Buffer | null {
  try {
    return statSync(path).isFile() ? readFileSync(path) : null
  } catch {
    return null
  }
}

/**
 * The folder of a scenario within `root`: deep enough that every name with ".." in it stays inside. Names come from Redis, so one that
 * does not is refused.
 */
export function layOut(root: string, files: readonly { readonly name: string; readonly content: Buffer }[]): string {
  const depth = Math.max(0, ...files.map(({ name }) => name.split('/').filter(step => step === '..').length))
  const folder = join(root, ...Array.from({ length: depth }, () => 'up'))
  mkdirSync(folder, { recursive: true })
  for (const { name, content } of files) {
    const path = resolve(folder, name)
    if (isAbsolute(name) || !path.startsWith(root + sep)) throw new Error(`the name of a file leads out of its folder: ${name}`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  return folder
}
