// The page of a study: the answer in words, maps of what was found coloured by what binds, curves along the last axis, every combination
// with the command that computes it alone, and what failed.
import { count } from '../base/units.js'
import type { CombinationResult, StudySummary } from '../study/summary.js'
import { facts, numbersBehind, table, text } from './html.js'
import { page, type Section } from './page.js'
import { plot } from './plot.js'
import { exact, linear } from './scale.js'
import { axisName, type CellMap, cellMaps, shortPath, shownValue } from './study-cells.js'

const MOST_MAPS = 24
/** Lines of the answer that are seen at once. */
const FIRST_ANSWERS = 8
const CELL = 54
const HIGH = 26
const MARGIN = 150

export interface StudyReport {
  readonly summary: StudySummary
  /** The command that repeats the study. */
  readonly command: string
}

/** The study as one self-contained HTML page. */
export function studyReport({ summary, command }: StudyReport): string {
  const maps = cellMaps(summary)
  const measure = mainMeasure(summary)
  const sections: Section[] = [
    { id: 'maps', title: `${shortPath(measure)} by combination`, body: mapsHtml(summary, maps, measure) },
    { id: 'curves', title: 'Along the last axis', body: maps.length > MOST_MAPS ? '' : curves(maps, measure) },
    { id: 'combinations', title: 'Every combination', body: combinationsHtml(summary) },
    { id: 'failed', title: 'Points that failed', body: failedHtml(summary) },
    { id: 'provenance', title: 'Where this comes from', body: provenance(summary, command) },
  ]
  return page({
    title: summary.name,
    lead: lead(summary),
    sections: sections.filter(({ body }) => body !== ''),
    data: {},
    hasSeries: false,
  })
}

/** What the maps show: the limit of a search, else the first measure that is a number anywhere. */
function mainMeasure({ find, measure, combinations }: StudySummary): string {
  if (find !== null) return 'limit'
  return measure.find(name => combinations.some(({ measures }) => typeof measures[name] === 'number')) ?? measure[0] ?? 'limit'
}

function lead({ description, answer, points, combinations, seeds, mode, find }: StudySummary): string {
  const looked = find === null ? '' : ` Searched: the ${find.want} ${text(find.path)} for which <code>${text(find.condition)}</code>.`
  const items = answer.map(line => `<li>${text(line)}</li>`)
  const rest = items.slice(FIRST_ANSWERS)
  const more = rest.length === 0 ? '' : `<details><summary>${rest.length} more lines</summary><ul>${rest.join('')}</ul></details>`
  return (
    `<p class="soft">${text(description)}</p>` +
    `<div class="verdict ${points.failed > 0 ? 'bad' : 'good'}"><b>The answer</b><ul>${items.slice(0, FIRST_ANSWERS).join('')}</ul>${more}</div>` +
    `<p>${count(combinations.length)} combinations, ${count(points.total)} points computed${points.failed > 0 ? `, ${count(points.failed)} of them failed` : ''}; mode ${text(mode)}, ${seeds === 1 ? 'one seed' : `${seeds} seeds each`}.${looked}</p>`
  )
}

const bindingOf = ({ measures, search }: CombinationResult): string =>
  String(search?.bindingResource ?? measures.bindingResource ?? '') || 'nothing'

const numberOf = ({ measures }: CombinationResult, name: string): number | null => {
  const value = measures[name]
  return typeof value === 'number' ? value : null
}

function mapsHtml({ combinations }: StudySummary, maps: readonly CellMap[], measure: string): string {
  if (maps.length === 0) return ''
  const kinds = [...new Set(combinations.map(bindingOf))].sort()
  const most = Math.max(...combinations.map(combination => numberOf(combination, measure) ?? 0), 1)
  const drawn = maps.slice(0, MOST_MAPS).map(map => mapHtml(map, measure, kinds, most))
  const more =
    maps.length > MOST_MAPS ? `<p>${count(maps.length - MOST_MAPS)} more maps are left out; the table below has them all.</p>` : ''
  const keys = kinds.map((kind, i) => `<li><i class="key s${i % 8}"></i>${text(kind)}</li>`).join('')
  return `<p>Coloured by what binds first, the darker the more; a dash where no value holds.</p><ul class="legend">${keys}</ul>${drawn.join('')}${more}`
}

function mapHtml(
  { title, rowPath, columnPath, rows, columns, cells }: CellMap,
  measure: string,
  kinds: readonly string[],
  most: number,
): string {
  const width = MARGIN + columns.length * CELL
  const height = 40 + rows.length * HIGH
  const head = columns.map((name, i) => label(MARGIN + i * CELL + CELL / 2, 34, shortened(name, 9), 'middle', name))
  const body = rows.map((name, row) => {
    const own = cells[row].map((cell, column) =>
      cellHtml(cell, measure, kinds, most, MARGIN + column * CELL, 40 + row * HIGH, `${name} ${columns[column]}`),
    )
    return label(MARGIN - 8, 40 + row * HIGH + 17, shortened(name, 22), 'end', name) + own.join('')
  })
  const description = `${measure} by ${rowPath === null ? '' : `${rowPath} and `}${columnPath}${title === '' ? '' : `, ${title}`}`
  const caption = `${title === '' ? '' : `${text(title)} `}<span>${rowPath === null ? '' : `rows: ${text(rowPath)}; `}columns: ${text(columnPath)}</span>`
  return (
    `<figure><figcaption>${caption}</figcaption><div class="scroll"><svg class="cells" style="min-width:${Math.min(width, 900)}px;max-width:${width}px" viewBox="0 0 ${width} ${height}" role="img" aria-label="${text(description)}">` +
    `${head.join('')}${body.join('')}</svg></div></figure>`
  )
}

function cellHtml(
  cell: CombinationResult,
  measure: string,
  kinds: readonly string[],
  most: number,
  x: number,
  y: number,
  where: string,
): string {
  const value = numberOf(cell, measure)
  const kind = bindingOf(cell)
  const strength = value === null ? 0.06 : 0.14 + 0.6 * (value / most)
  const words = value === null ? '-' : compact(value)
  const told = `${where}: ${measure} ${value === null ? 'none' : shownValue(value)}, ${kind} binds`
  return (
    `<g><title>${text(told)}</title><rect class="cell s${kinds.indexOf(kind) % 8}" x="${x}" y="${y}" width="${CELL - 2}" height="${HIGH - 2}" fill-opacity="${strength.toFixed(2)}"/>` +
    `${label(x + CELL / 2 - 1, y + 17, words, 'middle', '')}</g>`
  )
}

const label = (x: number, y: number, words: string, anchor: string, whole: string): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${whole !== '' && whole !== words ? `<title>${text(whole)}</title>` : ''}${text(words)}</text>`

const shortened = (words: string, most: number): string => (words.length > most ? `…${words.slice(1 - most)}` : words)

const compact = (value: number): string =>
  Math.abs(value) >= 1e5
    ? `${Number((value / 1e3).toPrecision(3)).toLocaleString('en-US')}k`
    : Number(value.toPrecision(4)).toLocaleString('en-US')

/** A line for each row, where the columns are numbers. */
function curves(maps: readonly CellMap[], measure: string): string {
  const drawn = maps.map(map => {
    const xs = map.cells[0].map(cell => numberAt(cell, map.columnPaths))
    if (xs.some(x => x === null) || xs.length < 3) return ''
    const lines = map.rows.map((name, row) => ({
      name: name === '' ? measure : name,
      points: map.cells[row].flatMap((cell, i) => {
        const y = numberOf(cell, measure)
        return y === null ? [] : [[xs[i] as number, y] as const]
      }),
    }))
    const all = lines.flatMap(({ points }) => points)
    if (all.length === 0) return ''
    const drawing = plot({
      description: `${measure} against ${map.columnPath}${map.title === '' ? '' : `, ${map.title}`}`,
      x: {
        scale: exact(Math.min(...(xs as number[])), Math.max(...(xs as number[]))),
        label: shortPath(map.columnPath),
        format: shownValue,
      },
      y: { scale: linear(0, Math.max(...all.map(([, y]) => y))), label: '', format: compact },
      lines: lines.filter(({ points }) => points.length > 0),
    })
    const rows = map.rows.map((name, row) => [name, ...map.cells[row].map(cell => shownValue(numberOf(cell, measure)))])
    return `<figure><figcaption><bdi>${text(measure)}</bdi> <span>${text(map.title)}</span></figcaption>${drawing}${numbersBehind([['', ...map.columns], ...rows])}</figure>`
  })
  return drawn.join('')
}

/** The value of an axis that is a number; of linked paths the first. */
function numberAt({ values }: CombinationResult, paths: readonly string[]): number | null {
  const value = values[paths[0]]
  return typeof value === 'number' ? value : null
}

function combinationsHtml({ axes, measure, combinations }: StudySummary): string {
  const head = [...axes.map(({ name, paths }) => name ?? paths.map(shortPath).join(', ')), ...measure]
    .map(name => `<th scope="col">${text(name)}</th>`)
    .join('')
  const rows = combinations.map(combination => {
    const { labels, measures, intervals, command } = combination
    const cells = [
      ...labels,
      ...measure.map(name => {
        const interval = intervals?.[name]
        return `${shownValue(measures[name])}${interval ? ` (${shownValue(interval.low)} to ${shownValue(interval.high)})` : ''}`
      }),
    ]
    return `<tr>${cells.map(cell => `<td>${text(cell)}</td>`).join('')}<td class="words"><details><summary>repeat</summary><code>${text(command)}</code></details></td></tr>`
  })
  return `<div class="scroll tall"><table><thead><tr>${head}<th scope="col">command</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

function failedHtml({ failed }: StudySummary): string {
  if (failed.length === 0) return ''
  return `<div class="scroll">${table([['command', 'reason'], ...failed.map(({ command, reason }) => [command, reason])])}</div>`
}

function provenance({ name, engine, axes, seeds, mode }: StudySummary, command: string): string {
  const rows: [string, string][] = [
    ['study', name],
    ['engine', `vxlane ${engine.version}, mode ${mode}`],
    ['axes', axes.map(axis => `${axisName(axis)}: ${axis.steps}`).join('; ') || 'none'],
    ['seeds', String(seeds)],
  ]
  return `<p>The same numbers on any machine, however often it was interrupted:</p><pre>${text(command)}</pre>${facts(rows)}`
}
