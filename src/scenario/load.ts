// From a file, or an object, to a scenario: read, apply `--set`, check shape, names and rules, complete, resolve. Every mistake is
// collected and thrown at once as a ScenarioError; nothing else is ever thrown, whatever the input.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { whyUnread } from '../base/file-words.js'
import type { Position } from '../base/yaml-position.js'
import { hashOf, sha256 } from './canonical.js'
import { checkTimeline } from './check-timeline.js'
import { type CompleteDocument, complete } from './complete.js'
import { type LocatedIssue, placeText, ScenarioError } from './error.js'
import { readGrowthTraces } from './growth-trace.js'
import { type Issue, issue } from './issue.js'
import { includeManifests } from './manifests.js'
import type { Scenario } from './model.js'
import { normalize } from './normalize.js'
import { applyOverride, formatPath, type Override, parseOverride } from './override.js'
import { checkReferences } from './references.js'
import { remainder } from './remainder.js'
import { resolveDocument } from './resolve.js'
import { checkRules } from './rules.js'
import { scenarioSchema } from './schema.js'
import { checkShape } from './shape.js'
import { type Source, sourceOfFile, sourceOfObject } from './source.js'

export interface LoadOptions {
  /** `path=value`, each applied in turn. */
  readonly set?: readonly string[] | undefined
  /** Replaces the scenario's seed. */
  readonly seed?: number | undefined
  /** Replaces the scenario's duration: "10s". */
  readonly duration?: string | undefined
  /** Where relative file names of an object, or of standard input, count from; the current folder by default. */
  readonly baseDir?: string | undefined
  /** A later stage's check. Its errors are thrown together with those of form, as far as what is sound allows it to be made. */
  readonly also?: ((scenario: Scenario) => readonly Issue[]) | undefined
}

/** Where a value came from. */
export type Origin = 'file' | 'default' | '--set' | '--seed' | '--duration'

export interface LoadedScenario {
  readonly scenario: Scenario
  /** SHA-256 of the resolved scenario. */
  readonly hash: string
  readonly file: string
  /** The same scenario in the form of a file, with every default. */
  readonly document: CompleteDocument
  /** Position of a path in the file; null for objects and for what came from options. */
  locate(path: Issue['path']): Position | null
  /** An issue of a later stage with its place in the file. */
  located(issue: Issue): LocatedIssue
  originOf(path: Issue['path']): Origin
  readonly warnings: readonly Issue[]
}

/** The magic numbers of pcap (us and ns, either byte order) and pcapng, as the first four bytes read in big-endian order. */
const CAPTURE_MAGIC: ReadonlySet<number> = new Set([0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0x0a0d0d0a])

export function loadScenario(input: string | object, options: LoadOptions = {}): LoadedScenario {
  const source = typeof input === 'string' ? sourceOfFile(input) : sourceOfObject(input)
  if (source.issues.length > 0) throw new ScenarioError(source.issues)
  const overrides = readOverrides(options)
  const issues: Issue[] = []
  const value = normalize(source.value, scenarioSchema, [], issues)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const what = issue([], 'NotAScenario', 'this is not a scenario', 'begin with "apiVersion: vxlane/v1"')
    throw new ScenarioError([...issues, what].map(found => placeIn(source, found)))
  }
  const folder = options.baseDir ?? (typeof input === 'string' && input !== '-' ? dirname(resolve(input)) : process.cwd())
  // Manifests first: what they bring can be overridden too, unless the override names other manifests.
  const isEarly = ({ path }: Override): boolean => path[0] === 'manifests'
  const early = overrides.filter(isEarly).flatMap(override => applyOverride(value, override) ?? [])
  const inlinePlace = (path: Issue['path']): string => placeText(placeIn(source, issue(path, '', '', '')))
  const manifests = includeManifests(value as Record<string, unknown>, folder, inlinePlace, issues)
  const faults = overrides.filter(override => !isEarly(override)).flatMap(override => applyOverride(value, override) ?? [])
  if (early.length + faults.length > 0) throw new ScenarioError([...early, ...faults])
  const place = (found: Issue): LocatedIssue => overridden(found, overrides) ?? manifests.located(found) ?? placeIn(source, found)

  const shape = checkShape(value)
  issues.push(...shape.issues, ...checkReferences(shape.sound), ...checkRules(shape.sound, shape), ...checkTimeline(shape.sound, shape))
  const document = shape.document && complete(shape.document, folder)
  const contents = document ? readReplays(document, issues) : new Map<string, string>()
  const traces = document ? readGrowthTraces(document, issues) : undefined
  const errors = issues.filter(isError)
  const left = errors.length > 0 ? remainder(value as Record<string, unknown>, errors, folder) : null
  if (options.also && left) errors.push(...left.own(options.also(left.scenario)).filter(isError))
  if (!document || errors.length + manifests.faults.length > 0)
    throw new ScenarioError(inOrder([...errors.map(place), ...manifests.faults], source.file))
  const scenario = resolveDocument(document, traces)
  const refused = options.also?.(scenario).filter(isError) ?? []
  if (refused.length > 0) throw new ScenarioError(inOrder(refused.map(place), source.file))
  return {
    scenario,
    hash: hashOf(scenario, contents),
    file: source.file,
    document,
    locate: path => source.locate(path),
    located: place,
    originOf: path => originOf(path, value, overrides),
    warnings: issues.filter(found => found.severity === 'warning'),
  }
}

const isError = ({ severity }: Issue): boolean => severity === 'error'

const begins = (path: Issue['path'], prefix: Issue['path']): boolean =>
  prefix.length <= path.length && prefix.every((step, i) => step === path[i])

/** An issue about what an option has set. */
function overridden(found: Issue, overrides: readonly Override[]): LocatedIssue | null {
  const override = overrides.findLast(({ path }) => begins(found.path, path))
  return override ? { ...found, file: override.text, position: null } : null
}

/** Turns a path into a place: the position in the file, else the path itself. */
export function placeIn(source: Source, found: Issue): LocatedIssue {
  const position = source.locate(found.path, found.code === 'UnknownKey' || found.code === 'DuplicateKey')
  if (position) return { ...found, file: source.file, position }
  return { ...found, file: found.path.length > 0 ? `${source.file} ${formatPath(found.path)}` : source.file, position: null }
}

/** `--set`, `--seed` and `--duration` as changes of the document; what cannot be read is thrown. */
function readOverrides(options: LoadOptions): Override[] {
  const read = (options.set ?? []).map(text => parseOverride(text, scenarioSchema))
  const faults = read.filter((item): item is LocatedIssue => 'code' in item)
  if (faults.length > 0) throw new ScenarioError(faults)
  const overrides = read.filter((item): item is Override => !('code' in item))
  if (options.seed !== undefined) overrides.push({ path: ['seed'], value: options.seed, text: '--seed' })
  if (options.duration !== undefined) overrides.push({ path: ['duration'], value: options.duration, text: '--duration' })
  return overrides
}

function originOf(path: Issue['path'], value: unknown, overrides: readonly Override[]): Origin {
  const override = overrides.findLast(item => begins(path, item.path))
  if (override) return override.text === '--seed' || override.text === '--duration' ? override.text : '--set'
  let at: unknown = value
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return 'default'
    at = (at as Record<string | number, unknown>)[step]
  }
  return at === undefined ? 'default' : 'file'
}

/** Hashes of the recordings to be replayed, by path. */
function readReplays(document: CompleteDocument, issues: Issue[]): Map<string, string> {
  const contents = new Map<string, string>()
  document.traffic.forEach((entry, i) => {
    const file = 'replay' in entry ? entry.replay?.file : undefined
    if (file === undefined || contents.has(file)) return
    const path = ['traffic', i, 'replay', 'file']
    try {
      const bytes = readFileSync(file)
      if (bytes.length < 4 || !CAPTURE_MAGIC.has(bytes.readUInt32BE(0)))
        issues.push(issue(path, 'NotACapture', `${file} is neither pcap nor pcapng`, 'record Ethernet frames, as with tcpdump -w'))
      contents.set(file, sha256(bytes))
    } catch (error) {
      issues.push(issue(path, 'FileNotRead', `${file}: ${whyUnread(error)}`, 'the path counts from the folder of the scenario'))
    }
  })
  return contents
}

/** The scenario's own mistakes before those of its manifests, each by place in the file; what has no place first. */
export function inOrder(issues: readonly LocatedIssue[], file: string): LocatedIssue[] {
  const rank = (found: LocatedIssue): string => (found.position === null || found.file === file ? '' : found.file)
  const line = (found: LocatedIssue): number => found.position?.line ?? 0
  return issues.toSorted(
    (a, b) =>
      Number(rank(a) > rank(b)) - Number(rank(a) < rank(b)) || line(a) - line(b) || (a.position?.column ?? 0) - (b.position?.column ?? 0),
  )
}
