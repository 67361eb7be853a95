// From a study file, or an object, to a study: form, paths against the schema of scenarios, expressions. Every mistake is located and
// all are thrown at once, as for scenarios.
import { dirname, resolve } from 'node:path'
import { ScenarioError } from '../scenario/error.js'
import { parseExpression } from '../scenario/expression.js'
import { type Issue, issue } from '../scenario/issue.js'
import { inOrder, placeIn } from '../scenario/load.js'
import { normalize } from '../scenario/normalize.js'
import { followPath, formatPath, parsePath } from '../scenario/override.js'
import { scenarioSchema } from '../scenario/schema.js'
import { issuesOf } from '../scenario/shape.js'
import { type Source, sourceOfFile, sourceOfObject } from '../scenario/source.js'
import { combinationCount } from './axes.js'
import { checkFields } from './fields.js'
import type { Assignment, Axis, Measure, Search, Study, StudyBase } from './model.js'
import { parseNumberText, writtenNumber } from './number-text.js'
import { type StudyDocument, studySchema } from './schema.js'

/** More points than anybody waits for; guards memory. */
const MOST_POINTS = 1_000_000

type Path = Issue['path']

/** Reads a study. Throws a ScenarioError with every mistake located. `folder`: where file names of an object count from. */
export function loadStudy(input: string | object, folder = '.'): Study {
  const source = typeof input === 'string' ? sourceOfFile(input) : sourceOfObject(input)
  if (source.issues.length > 0) throw new ScenarioError(source.issues)
  const issues: Issue[] = []
  const fail = (): never => {
    throw new ScenarioError(
      inOrder(
        issues.map(found => placeIn(source, found)),
        source.file,
      ),
    )
  }
  const value = normalize(source.value, null, [], issues)
  const checked = studySchema.safeParse(value)
  if (!checked.success) {
    issues.push(...issuesOf(checked.error, { schema: studySchema, value }))
    // A base that cannot be read is a mistake of its own, whatever is wrong with the rest.
    const base = (value as { base?: unknown } | null)?.base
    if (typeof base === 'string') {
      for (const { code, message, hint } of sourceOfFile(resolve(folderOf(input, folder), base)).issues)
        issues.push(issue(['base'], code, `${base}: ${message}`, hint))
    }
    return fail()
  }
  const here = folderOf(input, folder)
  const reader = new StudyReader(checked.data, issues)
  const base = reader.base(here)
  const study = reader.study(base)
  return issues.length > 0 ? fail() : study
}

const folderOf = (input: string | object, folder: string): string =>
  typeof input === 'string' && input !== '-' ? dirname(resolve(input)) : resolve(folder)

class StudyReader {
  constructor(
    private readonly document: StudyDocument,
    private readonly issues: Issue[],
  ) {}

  private report(path: Path, code: string, message: string, hint: string): void {
    this.issues.push(issue(path, code, message, hint))
  }

  base(here: string): StudyBase {
    const { base } = this.document
    if (typeof base !== 'string') return { given: null, value: base, folder: here }
    const file = resolve(here, base)
    const source: Source = sourceOfFile(file)
    for (const { code, message, hint } of source.issues) this.report(['base'], code, `${base}: ${message}`, hint)
    return { given: base, value: (source.value ?? {}) as object, folder: dirname(file) }
  }

  study(base: StudyBase): Study {
    const { name, description, mode, vary, seeds, find } = this.document
    const set = Object.entries(this.document.set).map(([path, value]) => this.assignment(path, value, ['set', path]))
    const axes = vary.map((_, i) => this.axis(i))
    const search = find === undefined ? null : this.search(find)
    const fallback =
      mode === 'run' ? ['drops.total', 'latencyNs.p99'] : search ? ['limit', 'bindingResource'] : ['bindingResource', 'timeToExhaustion']
    const measures = (this.document.measure ?? fallback).flatMap((text, i) => this.measure(text, ['measure', i], search !== null))
    const points = combinationCount(axes) * seeds
    if (points > MOST_POINTS)
      this.report(
        ['vary'],
        'TooManyPoints',
        `${points.toLocaleString('en-US')} points`,
        `keep them to ${MOST_POINTS.toLocaleString('en-US')}`,
      )
    this.once([...axes.flatMap(axis => axis.paths), ...(search ? [search.path] : [])])
    return { name, description, mode, base, set, axes, search, seeds, measures }
  }

  /** A path in the schema's spelling; as it was given where it leads nowhere. */
  private path(given: string, at: Path): string {
    const steps = parsePath(given)
    if (steps === null) {
      this.report(at, 'BadPath', `"${given}" is no path`, 'write it as in cluster.agentPoolProfiles[0].count')
      return given
    }
    const followed = followPath(steps, scenarioSchema)
    if ('message' in followed) {
      this.report(at, 'UnknownPath', followed.message, followed.hint)
      return given
    }
    return formatPath(followed.path)
  }

  private assignment(given: string, value: unknown, at: Path): Assignment {
    return { path: this.path(given, at), value: value ?? undefined }
  }

  private axis(index: number): Axis {
    const { path = '', values, range, linked, name = null, labels = null } = this.document.vary[index]
    const at = ['vary', index]
    if (linked) {
      const parts = linked.map((part, i) => ({ path: this.path(part.path, [...at, 'linked', i, 'path']), values: part.values }))
      const steps = parts[0].values.map((_, step) => parts.map(part => ({ path: part.path, value: part.values[step] ?? undefined })))
      return { name, labels, paths: parts.map(part => part.path), steps }
    }
    const own = this.path(path, [...at, 'path'])
    const list = values ?? (range ? this.range(range, [...at, 'range']) : [])
    if (range && labels && labels.length !== list.length)
      this.report([...at, 'labels'], 'BadAxis', `${labels.length} labels for ${list.length} values`, 'give each value a label, or none')
    return { name, labels, paths: [own], steps: list.map(value => [{ path: own, value: value ?? undefined }]) }
  }

  private range(range: NonNullable<StudyDocument['vary'][number]['range']>, at: Path): (number | string)[] {
    const span = this.span(range.from, range.to, range.step, at)
    return span ? Array.from({ length: span.count }, (_, i) => writtenNumber(span.from + i * span.step, span.unit)) : []
  }

  /** Evenly spaced numbers; null, and an issue, if they are none. */
  private span(low: number | string, high: number | string, by: number | string, at: Path) {
    const [from, to, step] = [low, high, by].map(parseNumberText)
    if (!from || !to || !step) {
      this.report(at, 'BadRange', 'these are no numbers', 'write numbers, all with the same unit, as in 10 or 10/s')
      return null
    }
    if (from.unit !== to.unit || (step.unit !== '' && step.unit !== from.unit)) {
      this.report(at, 'BadRange', `the units differ: "${from.unit}" and "${to.unit}"`, 'write all with the same unit')
      return null
    }
    const count = Math.floor((to.value - from.value) / step.value + 1e-9) + 1
    if (step.value <= 0 || count < 1) {
      this.report(at, 'BadRange', `from ${low} to ${high} by ${by} is empty`, 'write the smaller value first, and a step above 0')
      return null
    }
    return { from: from.value, step: step.value, count: Math.min(count, MOST_POINTS + 1), unit: from.unit }
  }

  private search(find: NonNullable<StudyDocument['find']>): Search | null {
    const path = this.path(find.path, ['find', 'path'])
    const span = this.span(find.between[0], find.between[1], find.step, ['find', 'between'])
    const want = find.largestWhere === undefined ? 'smallest' : 'largest'
    const conditionText = find.largestWhere ?? find.smallestWhere ?? ''
    const [condition] = this.measure(conditionText, ['find', `${want}Where`], false)
    return span && condition ? { path, ...span, want, condition: condition.expression, conditionText } : null
  }

  private measure(text: string, at: Path, hasLimit: boolean): Measure[] {
    const parsed = parseExpression(text)
    if ('message' in parsed) {
      this.report(
        at,
        'BadExpression',
        `${parsed.message} at character ${parsed.at + 1} of "${text}"`,
        'write it as in resources.nodeSubnet.peak',
      )
      return []
    }
    for (const { message, hint } of checkFields(parsed, this.document.mode, hasLimit)) this.report(at, 'UnknownField', message, hint)
    return [{ text, expression: parsed }]
  }

  private once(paths: readonly string[]): void {
    const twice = paths.find((path, i) => paths.indexOf(path) !== i)
    if (twice !== undefined) this.report(['vary'], 'DuplicatePath', `${twice} is varied twice`, 'name each path once')
  }
}
