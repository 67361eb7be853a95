// A build of vxlane that can be measured: this one, or another in a folder of its own, be it a checkout, a package or a place where one is
// installed. What is not one is told before anything is measured.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ScenarioError } from '../scenario/error.js'
import { issue } from '../scenario/issue.js'
import type { Size } from './bench.js'
import { askChild } from './child-process.js'
import { type About, aboutSchema, PROTOCOL } from './protocol.js'
import { suiteOf } from './suite.js'

export interface Build {
  /** The folder as given; null: the build that asks. */
  readonly folder: string | null
  /** Entry point of the process that takes a sample. */
  readonly entry: string
  readonly about: About
}

const ENTRY = fileURLToPath(new URL('./child.js', import.meta.url))

export async function thisBuild(size: Size): Promise<Build> {
  return { folder: null, entry: ENTRY, about: aboutSchema.parse(await askChild(ENTRY, { protocol: PROTOCOL, ask: 'about', size })) }
}

/** Below which a build lies: a checkout or a package, a folder with it installed, and what the compiler writes. */
const PLACES = ['dist', 'node_modules/vxlane/dist', '.'] as const

/** The build in a folder. Throws a ScenarioError that names the folder when there is none, or none that can be compared with this one. */
export async function openBuild(folder: string, size: Size): Promise<Build> {
  const entry = PLACES.map(place => join(folder, place, 'src/bench/child.js')).find(file => existsSync(file))
  if (entry === undefined) throw refused(folder, ...missing(folder))
  let reply: unknown
  try {
    reply = await askChild(entry, { protocol: PROTOCOL, ask: 'about', size })
  } catch (error) {
    throw refused(folder, 'BuildBroken', (error as Error).message, 'build it again')
  }
  const about = aboutSchema.safeParse(reply)
  if (!about.success || about.data.protocol !== PROTOCOL)
    throw refused(folder, 'OtherProtocol', 'its benchmarks cannot be driven by this version', 'compare files saved by each version instead')
  const { suite, engine } = about.data
  if (suite !== suiteOf(size)) {
    const what = `vxlane ${engine.version} there has suite ${suite}, this one has ${suiteOf(size)}: the same names stand for other work`
    throw refused(folder, 'OtherSuite', what, 'compare versions of one suite')
  }
  return { folder, entry, about: about.data }
}

const refused = (folder: string, code: string, message: string, hint: string): ScenarioError =>
  new ScenarioError([{ ...issue([], code, message, hint), file: folder, position: null }])

/** Why there is nothing to measure: code, what is wrong, what to do. */
function missing(folder: string): [string, string, string] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    return ['NotABuild', 'there is no such folder', 'name a folder or a saved file']
  const version = versionIn(folder)
  if (version === null)
    return ['NotABuild', 'there is no vxlane in this folder', 'name a checkout that is built, or a folder where vxlane is installed']
  if (PLACES.some(place => existsSync(join(folder, place, 'src/cli/main.js'))))
    return ['NoBenchmarks', `vxlane ${version} there has no benchmarks of its own`, 'compare with a later version']
  return ['NotBuilt', `vxlane ${version} there is not compiled`, 'run npm ci and npm run build in it']
}

function versionIn(folder: string): string | null {
  // What the compiler writes lies in its package; any other folder of a package is no build.
  const isProgram = existsSync(join(folder, 'src/cli/main.js'))
  for (const place of ['.', 'node_modules/vxlane', ...(isProgram ? ['..'] : [])]) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, place, 'package.json'), 'utf8')) as { name?: string; version?: string }
      if (name === 'vxlane') return version ?? 'of no version'
    } catch {
      // Another place may have it.
    }
  }
  return null
}
