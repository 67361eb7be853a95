// All files that a study needs, each at the place where the others expect it: the study, its base scenario, and what these name.
import { readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path'
import { whyUnread } from '../base/file-words.js'
import { namedFiles } from '../scenario/named-files.js'
import { asOption } from '../study/axes.js'
import type { Study } from '../study/model.js'
import { StudyError } from '../study/study-error.js'

export interface BundledFile {
  /** Below the folder of the bundle, with slashes. */
  readonly path: string
  readonly content: Buffer
}

export interface Bundle {
  /** Path of the study. */
  readonly study: string
  /** By path; the study among them. */
  readonly files: readonly BundledFile[]
}

/** Reads what the study at `file` needs. Files that are named by absolute paths are left out: they are expected where they are. */
export function bundleStudy(file: string, study: Study): Bundle {
  if (file === '-') throw new StudyError('a study from standard input has no place among the files it names: give it by its file')
  const found = new Map<string, Buffer>([[resolve(file), contentOf(file)]])
  const { base } = study
  // Folders that names lead through, too: "../../here/base.yaml" must find a "here" two folders up.
  const through: string[] = []
  if (base.given !== null) {
    if (isAbsolute(base.given)) throw new StudyError(`the base ${base.given} has no place beside the study: name it relative to the study`)
    const path = join(base.folder, basename(base.given))
    found.set(path, contentOf(path))
    through.push(highest(dirname(resolve(file)), base.given))
  }
  for (const set of settings(study)) {
    for (const name of namedFiles(base.value, set, base.folder)) {
      const path = resolve(base.folder, name)
      if (!found.has(path)) found.set(path, contentOf(path))
      through.push(highest(base.folder, name))
    }
  }
  const root = commonFolder([...[...found.keys()].map(path => dirname(path)), ...through])
  const below = (path: string): string => relative(root, path).split(sep).join('/')
  const files = [...found].map(([path, content]) => ({ path: below(path), content }))
  return { study: below(resolve(file)), files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) }
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new StudyError(`${path}, which the study needs: ${whyUnread(error)}`)
  }
}

/** What a point may set, one value of an axis at a time: a file can be named by any of them. */
function settings({ set, axes }: Study): string[][] {
  const common = set.map(asOption)
  return [common, ...axes.flatMap(({ steps }) => steps.map(step => [...common, ...step.map(asOption)]))]
}

/** The highest folder on the way from a folder by a relative name. */
const highest = (folder: string, name: string): string =>
  resolve(
    folder,
    ...normalize(name)
      .split(sep)
      .filter(step => step === '..'),
  )

function commonFolder(folders: readonly string[]): string {
  const holds = (folder: string, other: string): boolean =>
    other === folder || other.startsWith(folder.endsWith(sep) ? folder : folder + sep)
  let common = folders[0]
  while (!folders.every(folder => holds(common, folder))) common = dirname(common)
  return common
}
