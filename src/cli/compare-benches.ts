// Two benchmarks side by side, as a terminal shows them.
import type { BenchComparison, WorkloadComparison } from '../compare/benches.js'
import {
  exactValue,
  intervalWords,
  isTimed,
  methodWords,
  noiseWords,
  percent,
  perUnit,
  probability,
  tally,
  unitName,
  VERDICT_SENTENCES,
  VERDICT_WORDS,
} from './compare-words.js'
import { alignRows } from './table.js'

export function benchesText(comparison: BenchComparison): string {
  const { verdict, workloads } = comparison
  const timed = workloads.filter(isTimed)
  return `${[
    `${VERDICT_WORDS[verdict].toUpperCase()}  ${tally(comparison)}`,
    '',
    ...sideLines(comparison),
    ...timeLines(workloads),
    ...exactLines(workloads),
    '',
    ...(timed.length === 0 ? [] : [`method: ${methodWords(comparison, timed.length)}`]),
    ...comparison.notes.map(note => `note: ${note}`),
    ...[...new Set(workloads.map(workload => workload.verdict))].map(word => `${VERDICT_WORDS[word]}: ${VERDICT_SENTENCES[word]}`),
  ].join('\n')}\n`
}

function sideLines({ a, b }: BenchComparison): string[] {
  const rows = [a, b].map(({ suite, engine, machine }, i) => [
    i === 0 ? 'a' : 'b',
    suite,
    engine.version,
    engine.build.slice(0, 12),
    engine.node,
    machine.cpu,
  ])
  return alignRows([['', 'suite', 'engine', 'build', 'node', 'cpu'], ...rows], ['left', 'left', 'left', 'left', 'left', 'left'])
}

function timeLines(workloads: readonly WorkloadComparison[]): string[] {
  const rows = workloads
    .filter(isTimed)
    .map(({ name, unit, units, verdict, time }) => [
      name,
      `per ${unitName(unit)}`,
      perUnit(time.a.medianNs, units.a),
      perUnit(time.b.medianNs, units.b),
      percent(time.shift),
      intervalWords(time),
      probability(time.pCorrected),
      noiseWords(time),
      VERDICT_WORDS[verdict],
    ])
  if (rows.length === 0) return []
  const head = ['', 'median time', 'a', 'b', 'b over a', '95 % interval', 'p', 'noise', '']
  return ['', ...alignRows([head, ...rows], ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'left'])]
}

/** Of workloads whose times are not judged: why. */
function exactLines(workloads: readonly WorkloadComparison[]): string[] {
  return workloads
    .filter(({ time }) => time === null)
    .flatMap(({ name, verdict, exact }) => [
      '',
      `${name}: ${VERDICT_WORDS[verdict]}`,
      ...alignRows(
        exact.map(one => [`  ${one.name}`, exactValue(one.a), exactValue(one.b)]),
        ['left', 'right', 'right'],
      ),
    ])
}
