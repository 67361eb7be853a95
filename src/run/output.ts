// The result folder: result.json, series.msgpack, captures, and a manifest with sizes and digests of them all. Files appear whole or
// not at all, and nothing that somebody else put there is overwritten unless asked for.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, normalize, sep } from 'node:path'
import { whyUnwritten } from '../base/file-words.js'
import type { OutputFile } from './capture-files.js'
import { OutputError } from './run-error.js'

const MANIFEST = 'manifest.json'
/** The scenario as it ran, every default and option in it: enough to run it again. */
export const SCENARIO = 'scenario.json'
const OURS = ['result.json', 'series.msgpack', 'report.html', 'journey.json', SCENARIO, MANIFEST]

/** Makes sure that the folder can take the results and captures of these names, before hours of work depend on it. */
export function claimFolder(folder: string, captures: readonly string[], force: boolean): void {
  for (const name of captures) {
    if (!isInside(name)) throw new OutputError(`capture file ${name} lies outside of the result folder; name it relative to the folder`)
    if (OURS.includes(normalize(name))) throw new OutputError(`capture file ${name} has the name of a file of the results; choose another`)
  }
  if (existsSync(folder) && !statSync(folder).isDirectory()) throw new OutputError(`${folder} is a file; name a folder for the results`)
  if (!force && existsSync(folder) && readdirSync(folder).length > 0) {
    throw new OutputError(`${folder} is not empty; add --force to replace the results in it, or name another folder with --out`)
  }
  try {
    tryOut(folder)
  } catch (error) {
    throw new OutputError(`cannot write to ${folder}: ${whyUnwritten(error)}`)
  }
}

/** The same for a single file, which stays as it is. */
export function claimFile(path: string): void {
  try {
    tryOut(dirname(path))
  } catch (error) {
    throw new OutputError(`cannot write ${path}: ${whyUnwritten(error)}`)
  }
}

function tryOut(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const probe = join(folder, `.vxlane-${process.pid}`)
  writeFileSync(probe, '')
  rmSync(probe)
}

/** Replaces what an earlier manifest lists, writes the files, and last the manifest: a folder with a manifest is complete. */
export function writeFolder(folder: string, files: readonly OutputFile[]): void {
  for (const name of listedIn(folder)) rmSync(join(folder, name), { force: true })
  rmSync(join(folder, MANIFEST), { force: true })
  for (const { name, bytes } of files) writeWhole(join(folder, name), bytes)
  writeManifest(folder, files.map(listingOf))
}

/** Adds files to a complete folder, in place of those of the same names. */
export function addToFolder(folder: string, files: readonly OutputFile[]): void {
  const { files: before } = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as { files: Listed[] }
  for (const { name, bytes } of files) writeWhole(join(folder, name), bytes)
  const names = new Set(files.map(({ name }) => name))
  writeManifest(folder, [...before.filter(({ name }) => !names.has(name)), ...files.map(listingOf)])
}

export interface Listed {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

const listingOf = ({ name, bytes }: OutputFile): Listed => ({
  name,
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
})

const writeManifest = (folder: string, files: readonly Listed[]): void =>
  writeWhole(join(folder, MANIFEST), Buffer.from(`${JSON.stringify({ schemaVersion: 1, kind: 'manifest', files }, null, 2)}\n`))

/** Names of the files that the folder's manifest lists; none where there is no manifest, or none that can be trusted. */
export const listedIn = (folder: string): string[] => listedFiles(folder).map(({ name }) => name)

/** The same with sizes and digests. */
export function listedFiles(folder: string): Listed[] {
  try {
    const { files } = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as { files: Listed[] }
    return files.filter(
      ({ name, bytes, sha256 }) => typeof name === 'string' && isInside(name) && Number.isFinite(bytes) && typeof sha256 === 'string',
    )
  } catch {
    return []
  }
}

/**
 * Into a file beside its place, then renamed: nobody sees half a file. A link stays, and what it points at is replaced; a device or a pipe
 * stays what it is and gets the bytes, for a file in the place of /dev/null would be a nuisance to the whole machine.
 */
export function writeWhole(path: string, bytes: Uint8Array): void {
  let beside: string | null = null
  try {
    mkdirSync(dirname(path), { recursive: true })
    const found = statSync(path, { throwIfNoEntry: false })
    if (found !== undefined && !found.isFile() && !found.isDirectory()) {
      writeFileSync(path, bytes)
      return
    }
    const place = found === undefined ? path : realpathSync(path)
    beside = `${place}.${process.pid}.part`
    writeFileSync(beside, bytes)
    renameSync(beside, place)
  } catch (error) {
    // Where a file stands in the place of a folder, there is nothing to take away, and asking for it would be an error of its own.
    if (beside !== null && existsSync(beside)) rmSync(beside)
    throw new OutputError(`cannot write ${path}: ${whyUnwritten(error)}`)
  }
}

/** A capture's `file` is relative to the folder: a scenario from elsewhere must not write anywhere it likes. */
const isInside = (name: string): boolean => !isAbsolute(name) && normalize(name).split(sep)[0] !== '..' && normalize(name) !== '.'
