// The page of two benchmarks side by side: which workloads became slower, by how much, how sure that is, and what the samples look like.
import { duration } from '../base/units.js'
import type { BenchComparison, BenchVerdict, WorkloadComparison } from '../compare/benches.js'
import { distributionOf, overlayFigure, picked } from './ecdf.js'
import { type ForestRow, forest, signed } from './forest.js'
import { facts, table, text } from './html.js'
import type { Section } from './page.js'

const WORDS: Readonly<Record<BenchVerdict, readonly [head: string, sentence: string]>> = {
  regressed: ['REGRESSED', 'B is slower, by more than the floor, beyond chance.'],
  improved: ['IMPROVED', 'B is faster, by more than the floor, beyond chance.'],
  changed: ['CHANGED', 'There is a difference, but one below the floor.'],
  equal: ['EQUAL', 'The same work, and a difference as large as the floor is ruled out.'],
  inconclusive: ['INCONCLUSIVE', 'The times differ too much among themselves to say either: take more samples.'],
  different: ['DIFFERENT WORK', 'Exact counters differ, so the times are of other work and are not judged.'],
  onlyInA: ['DIFFERENT SUITES', 'A has workloads that B has not.'],
  onlyInB: ['DIFFERENT SUITES', 'B has workloads that A has not.'],
}
const SHORT: Readonly<Partial<Record<BenchVerdict, string>>> = { different: 'other work', onlyInA: 'only in A', onlyInB: 'only in B' }
const BAD: readonly BenchVerdict[] = ['regressed', 'different', 'onlyInA', 'onlyInB']
const GOOD: readonly BenchVerdict[] = ['equal', 'improved', 'changed']

type Timed = WorkloadComparison & { readonly time: NonNullable<WorkloadComparison['time']> }

export const benchTitle = ({ a, b }: BenchComparison): string =>
  `${a.suite}: build ${a.engine.build.slice(0, 12)} against ${b.engine.build.slice(0, 12)}`

export function benchLead({ verdict, counts, a, b }: BenchComparison): string {
  const [head, sentence] = WORDS[verdict]
  const mood = BAD.includes(verdict) ? 'bad' : GOOD.includes(verdict) ? 'good' : ''
  const all = Object.entries(counts).filter(([, number]) => number > 0)
  const said = all.map(([name, number]) => `${number} ${SHORT[name as BenchVerdict] ?? name}`).join(', ')
  return (
    `<p class="soft">A: ${text(buildOf(a))}. B: ${text(buildOf(b))}.</p>` +
    `<div class="verdict ${mood}"><b class="${mood}">${head}</b>. ${text(sentence)} Workloads: ${text(said)}.</div>`
  )
}

export function benchSections(comparison: BenchComparison): Section[] {
  const timed = comparison.workloads.filter((workload): workload is Timed => workload.time !== null)
  return [
    { id: 'shifts', title: 'Times', body: shifts(comparison, timed) },
    { id: 'samples', title: 'The samples', body: samples(timed) },
    { id: 'exact', title: 'Other work', body: exact(comparison) },
    { id: 'quality', title: 'How far to trust it', body: quality(comparison, timed) },
  ]
}

const buildOf = ({ engine }: BenchComparison['a']): string => `vxlane ${engine.version}, build ${engine.build.slice(0, 12)}`

function shifts({ options, workloads }: BenchComparison, timed: readonly Timed[]): string {
  if (timed.length === 0) return '<p>No workload was timed on both sides.</p>'
  const rows = timed.map(
    ({ name, verdict, time: { shift, interval } }): ForestRow => ({
      name,
      shift,
      interval,
      kind: verdict,
      words: `${signed(shift)} [${signed(interval[0])}, ${signed(interval[1])}]`,
    }),
  )
  const drawing = forest({
    description: `Shift of each workload's time from A to B with its 95 % interval: ${timed.map(({ name, verdict, time }) => `${name} ${signed(time.shift)}, ${verdict}`).join('; ')}`,
    rows,
    floor: options.floor,
    less: 'B is faster',
    more: 'B is slower',
  })
  const head = ['workload', 'verdict', 'A', 'B', 'shift', 'interval', 'p', 'p, corrected', 'effect floor', 'of itself']
  const body = workloads.map(({ name, verdict, time }) =>
    time === null
      ? [name, SHORT[verdict] ?? verdict, '', '', '', '', '', '', '', '']
      : [
          name,
          verdict,
          duration(time.a.medianNs),
          duration(time.b.medianNs),
          signed(time.shift),
          `${signed(time.interval[0])} to ${signed(time.interval[1])}`,
          chance(time.p),
          chance(time.pCorrected),
          plusMinus(options.floor),
          time.noise === null ? 'not known' : plusMinus(time.noise),
        ],
  )
  return (
    `<figure><figcaption>Time of B over A <span>estimate and 95 % interval; the band is the effect floor, ${plusMinus(options.floor)}</span></figcaption>${drawing}${KINDS}</figure>` +
    `<div class="scroll tall">${table([head, ...body], { words: [1] })}</div>` +
    '<p class="soft">A and B: medians. Shift: Hodges-Lehmann estimate. p: that both take the same time; corrected after Holm over all workloads. Of itself: what a build shows against itself.</p>'
  )
}

const KINDS = `<ul class="legend">${(['regressed', 'inconclusive', 'changed', 'equal', 'improved'] as const).map(kind => `<li><i class="key ${kind}"></i>${kind}</li>`).join('')}</ul>`

/** Never a rounded 0. */
const chance = (p: number): string => (p < 0.0001 ? '< 0.0001' : String(Number(p.toPrecision(2))))

/** The worst first: that of the greatest slowdown. */
function samples(timed: readonly Timed[]): string {
  const sorted = [...timed].sort((a, b) => b.time.shift - a.time.shift)
  return picked(
    'ecdf',
    'Workload, the worst first',
    sorted.map(({ name, unit, units, time: { a, b, shift } }) => ({
      name: `${signed(shift)} ${name}`,
      html: overlayFigure({
        title: name,
        note: `share of samples that took at most so long; ${(units.a ?? 0).toLocaleString('en-US')} ${unit} each; A ${a.samples.length}, B ${b.samples.length} samples`,
        label: 'time',
        format: duration,
        a: distributionOf(a.samples),
        b: distributionOf(b.samples),
        rows: sampleRows(a.samples, b.samples),
      }),
    })),
  )
}

function sampleRows(a: readonly number[], b: readonly number[]): string[][] {
  const cell = (samples: readonly number[], i: number): string => (i < samples.length ? exactNs(samples[i]) : '')
  const rows = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [String(i + 1), cell(a, i), cell(b, i)])
  return [['as taken', 'A', 'B'], ...rows]
}

const exactNs = (ns: number): string => `${Math.round(ns).toLocaleString('en-US')} ns`

function exact({ workloads }: BenchComparison): string {
  const rows = workloads.flatMap(({ name, exact: differences }) =>
    differences.map(({ name: counter, a, b }) => [name, counter, shown(a), shown(b)]),
  )
  if (rows.length === 0) return ''
  return `<p>Counters that are a function of the work alone, and differ:</p><div class="scroll">${table([['workload', 'counter', 'A', 'B'], ...rows], { words: [1] })}</div>`
}

const shown = (value: number | string | null): string =>
  value === null ? 'not counted' : typeof value === 'number' ? value.toLocaleString('en-US') : value

function quality(comparison: BenchComparison, timed: readonly Timed[]): string {
  const { a, b, method, notes, options } = comparison
  const machine = (side: BenchComparison['a']): string => `${side.machine.cpu}, ${side.machine.cores} cores, ${side.machine.os}`
  const isSame = machine(a) === machine(b) && a.machine.memoryBytes === b.machine.memoryBytes
  const counts = timed.flatMap(({ time }) => [time.a.samples.length, time.b.samples.length])
  const outliers = timed.reduce((sum, { time }) => sum + outliersOf(time.a.samples) + outliersOf(time.b.samples), 0)
  const rows: [string, string][] = [
    [
      'order',
      method === 'paired'
        ? 'ABBA: the builds took turns, each sample of A is compared with the one of B beside it'
        : `apart (A: ${a.order}, B: ${b.order}): one after the other, so drift of the machine is in the difference`,
    ],
    ['machine', isSame ? `the same: ${machine(a)}` : `NOT the same: ${machine(a)} against ${machine(b)}`],
    ['Node.js', a.engine.node === b.engine.node ? `the same: ${a.engine.node}` : `NOT the same: ${a.engine.node} against ${b.engine.node}`],
    ['noise, A against A', noiseWords(timed)],
    [
      'samples',
      counts.length === 0 ? 'none' : `${[...new Set([Math.min(...counts), Math.max(...counts)])].join(' to ')} of each workload and side`,
    ],
    ['outliers', `${outliers} beyond one and a half interquartile ranges; all are kept`],
    [
      'resampling',
      `${options.resamples.toLocaleString('en-US')} resamples, seed ${options.seed}; together wrong in at most ${Number((options.alpha * 100).toPrecision(3))} %`,
    ],
  ]
  const list = notes.length === 0 ? '' : `<ul>${notes.map(note => `<li>${text(note)}</li>`).join('')}</ul>`
  return `${list}${facts(rows)}`
}

/** Of the workload that differs most from itself. */
function noiseWords(timed: readonly Timed[]): string {
  const known = timed.flatMap(({ name, time: { noise } }) => (noise === null ? [] : [{ name, noise }])).sort((a, b) => b.noise - a.noise)
  return known.length === 0
    ? 'not known: too few samples'
    : `95 % of shifts below ${plusMinus(known[0].noise)}, at worst in ${known[0].name}`
}

const plusMinus = (share: number): string => signed(share).replace('+', '±')

/** Tukey's fences, quartiles by the nearest rank. */
function outliersOf(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const low = sorted[Math.floor((sorted.length - 1) / 4)]
  const high = sorted[Math.ceil(((sorted.length - 1) * 3) / 4)]
  const far = (high - low) * 1.5
  return sorted.filter(value => value < low - far || value > high + far).length
}
