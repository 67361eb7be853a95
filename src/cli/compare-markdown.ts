// A comparison as GitHub's Markdown, for the comment on a pull request: one line that says it, one table, the rest folded away.
import { count, duration } from '../base/units.js'
import type { BenchComparison, WorkloadComparison } from '../compare/benches.js'
import type { RunComparison } from '../compare/runs.js'
import { changeRow, eventLines } from './compare-runs.js'
import {
  exactValue,
  intervalWords,
  isTimed,
  methodWords,
  noiseWords,
  percent,
  perUnit,
  probability,
  RUN_VERDICTS,
  tally,
  unitName,
  VERDICT_SENTENCES,
  VERDICT_WORDS,
} from './compare-words.js'

type Column = readonly [title: string, align: 'left' | 'right']

export const comparisonMarkdown = (comparison: BenchComparison | RunComparison): string =>
  `${(comparison.of === 'benches' ? benchesMarkdown(comparison) : runsMarkdown(comparison)).join('\n')}\n`

function benchesMarkdown(comparison: BenchComparison): string[] {
  const { verdict, workloads, a, b } = comparison
  const timed = workloads.filter(isTimed)
  return [
    `### vxlane bench: ${VERDICT_WORDS[verdict]}`,
    '',
    `${tally(comparison)}. A is the base, B what is to be judged.`,
    '',
    ...table(
      [
        ['workload', 'left'],
        ['A', 'right'],
        ['B', 'right'],
        ['B over A', 'right'],
        ['95 % interval', 'right'],
        ['verdict', 'left'],
      ],
      workloads.map(benchRow),
    ),
    '',
    ...folded('Details', [
      ...(timed.length === 0 ? [] : [`Method: ${text(methodWords(comparison, timed.length))}.`, '']),
      ...comparison.notes.map(note => `- ${text(note)}`),
      ...[...new Set(workloads.map(one => one.verdict))].map(word => `- **${VERDICT_WORDS[word]}**: ${VERDICT_SENTENCES[word]}`),
      '',
      ...table(
        [
          ['', 'left'],
          ['A', 'left'],
          ['B', 'left'],
        ],
        [
          ['suite', a.suite, b.suite],
          ['engine', a.engine.version, b.engine.version],
          ['build', a.engine.build, b.engine.build],
          ['Node.js', a.engine.node, b.engine.node],
          [
            'machine',
            `${a.machine.cpu}, ${a.machine.cores} cores, ${a.machine.os}`,
            `${b.machine.cpu}, ${b.machine.cores} cores, ${b.machine.os}`,
          ],
        ],
      ),
      '',
      ...table(
        [
          ['workload', 'left'],
          ['samples', 'right'],
          ['p', 'right'],
          ['p corrected', 'right'],
          ['noise', 'right'],
          ['calibration taken out', 'right'],
        ],
        timed.map(({ name, time }) => [
          name,
          `${time.a.samples.length} and ${time.b.samples.length}`,
          probability(time.p),
          probability(time.pCorrected),
          noiseWords(time),
          `${time.calibration * 100} %`,
        ]),
      ),
      ...exactTables(workloads),
    ]),
  ]
}

function benchRow({ name, unit, units, verdict, time }: WorkloadComparison): string[] {
  const word = verdict === 'equal' ? VERDICT_WORDS[verdict] : `**${VERDICT_WORDS[verdict]}**`
  if (time === null) return [name, '', '', '', '', word]
  const each = (ns: number, count: number | null) => `${perUnit(ns, count)} / ${unitName(unit)}`
  return [name, each(time.a.medianNs, units.a), each(time.b.medianNs, units.b), percent(time.shift), intervalWords(time), word]
}

function exactTables(workloads: readonly WorkloadComparison[]): string[] {
  return workloads
    .filter(({ exact }) => exact.length > 0)
    .flatMap(({ name, exact }) => [
      '',
      ...table(
        [
          [`${name}: exact counters`, 'left'],
          ['A', 'right'],
          ['B', 'right'],
        ],
        exact.map(one => [one.name, exactValue(one.a), exactValue(one.b)]),
      ),
    ])
}

function runsMarkdown({ verdict, a, b, metrics, firstDifference, firstEvent }: RunComparison): string[] {
  const [word, sentence] = RUN_VERDICTS[verdict]
  const where =
    firstDifference === null
      ? []
      : [`They part between ${duration(firstDifference.fromNs)} and ${duration(firstDifference.toNs)} of virtual time.`, '']
  return [
    `### vxlane run: ${word.toLowerCase()}`,
    '',
    `${sentence[0].toUpperCase()}${sentence.slice(1)}. ${count(metrics.changed.length)} of ${count(metrics.compared)} exact numbers differ.`,
    '',
    ...where,
    ...(firstEvent === null ? [] : ['```text', ...eventLines(firstEvent).slice(1), '```', '']),
    ...table(
      [
        ['', 'left'],
        ['A', 'left'],
        ['B', 'left'],
      ],
      [
        ['scenario', a.scenario, b.scenario],
        ['seed', String(a.seed), String(b.seed)],
        ['engine', a.engine, b.engine],
        ['digest', a.digest, b.digest],
      ],
    ),
    '',
    ...(metrics.changed.length === 0
      ? []
      : folded(
          'What differs',
          table(
            [
              ['', 'left'],
              ['A', 'right'],
              ['B', 'right'],
              ['difference', 'right'],
            ],
            metrics.changed.map(changeRow),
          ),
        )),
  ]
}

const BOLD: ReadonlySet<string> = new Set(Object.values(VERDICT_WORDS).map(word => `**${word}**`))

/** Names come from people's files: nothing in them may end a cell or begin a tag. */
const text = (value: string): string => value.replace(/[\\`*_[\]<>|~#&]/g, sign => `\\${sign}`).replace(/\s+/g, ' ')

function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const cell = (value: string) => (BOLD.has(value) ? value : text(value))
  return [
    line(columns.map(([title]) => text(title))),
    line(columns.map(([, align]) => (align === 'left' ? ':--' : '--:'))),
    ...rows.map(row => line(row.map(cell))),
  ]
}

const folded = (title: string, lines: readonly string[]): string[] => [
  `<details><summary>${title}</summary>`,
  '',
  ...lines,
  '',
  '</details>',
]
