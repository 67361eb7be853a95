// The page of a study: the answer in words, maps of what was found coloured by what binds, curves along the last axis, every combination
// with the command that computes it alone, and what failed.
import { count, counted } from '../base/units.js'
import type { CombinationResult, StudySummary } from '../study/summary.js'
import { facts, table, text } from './html.js'
import { page, type Section } from './page.js'
import { axisName, type CellMap, cellMaps, compact, numberIn, numberOf, shortPath, shownValue } from './study-cells.js'
import { curves } from './study-curves.js'
import { searchLog } from './study-search.js'
import { label, shortened } from './svg.js'

const MOST_MAPS = 24
/** Lines of the answer that are seen at once. */
const FIRST_ANSWERS = 8
/** Cells are as wide as their names need, between these. */
const NARROW = 54
const WIDEST = 190
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
    { id: 'curves', title: 'Along the last axis', body: maps.length > MOST_MAPS ? '' : curves(maps, measure, summary.find) },
    { id: 'search', title: 'How the limits were found', body: searchLog(summary) },
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
  return measure.find(name => combinations.some(found => numberOf(found, name) !== null)) ?? measure[0] ?? 'limit'
}

function lead({ description, answer, points, combinations, seeds, mode, find }: StudySummary): string {
  const looked = find === null ? '' : ` Searched: the ${find.want} ${text(find.path)} for which <code>${text(find.condition)}</code>.`
  const items = answer.map(line => `<li>${text(line)}</li>`)
  const rest = items.slice(FIRST_ANSWERS)
  const more = rest.length === 0 ? '' : `<details><summary>${rest.length} more lines</summary><ul>${rest.join('')}</ul></details>`
  return (
    `<p class="soft">${text(description)}</p>` +
    `<div class="verdict ${points.failed > 0 ? 'bad' : 'good'}"><b>The answer</b><ul>${items.slice(0, FIRST_ANSWERS).join('')}</ul>${more}</div>` +
    `<p>${counted(combinations.length, 'combination')}, ${counted(points.total, 'point')} computed${points.failed > 0 ? `, ${count(points.failed)} of them failed` : ''}; mode ${text(mode)}, ${seeds === 1 ? 'one seed' : `${seeds} seeds each`}.${looked}</p>`
  )
}

const bindingOf = ({ measures, search }: CombinationResult): string =>
  String(search?.bindingResource ?? measures.bindingResource ?? '') || 'nothing'

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
  const longest = Math.max(...columns.map(name => [...name].length))
  const cell = Math.max(NARROW, Math.min(WIDEST, longest * 7 + 12))
  const width = MARGIN + columns.length * cell
  const height = 40 + rows.length * HIGH
  const head = columns.map((name, i) => label(MARGIN + i * cell + cell / 2, 34, shortened(name, Math.floor(cell / 7)), 'middle', name))
  const body = rows.map((name, row) => {
    const own = cells[row].map((found, column) =>
      cellHtml(found, { measure, kinds, most, cell }, MARGIN + column * cell, 40 + row * HIGH, `${name} ${columns[column]}`),
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

interface Shades {
  readonly measure: string
  /** What binds anywhere: each has a colour. */
  readonly kinds: readonly string[]
  /** What the strongest colour stands for. */
  readonly most: number
  /** Width. */
  readonly cell: number
}

function cellHtml(found: CombinationResult, { measure, kinds, most, cell }: Shades, x: number, y: number, where: string): string {
  const value = found.measures[measure]
  const size = numberIn(value)
  const kind = bindingOf(found)
  const strength = size === null ? 0.06 : 0.14 + 0.6 * (size / most)
  const words = value === null ? '-' : typeof value === 'number' ? compact(value) : shownValue(value)
  const told = `${where}: ${measure} ${shownValue(value)}, ${kind} binds`
  return (
    `<g><title>${text(told)}</title><rect class="cell s${kinds.indexOf(kind) % 8}" x="${x}" y="${y}" width="${cell - 2}" height="${HIGH - 2}" fill-opacity="${strength.toFixed(2)}"/>` +
    `${label(x + cell / 2 - 1, y + 17, shortened(words, Math.floor(cell / 7)), 'middle')}</g>`
  )
}

function combinationsHtml({ axes, measure, combinations }: StudySummary): string {
  const head = [...axes.map(({ name, paths }) => name ?? paths.map(shortPath).join(', ')), ...measure]
    .map((name, i) => `<th scope="col"${i < axes.length ? ' class="words"' : ''}>${text(name)}</th>`)
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
    return `<tr>${cells.map((cell, i) => `<td${i < axes.length ? ' class="words"' : ''}>${text(cell)}</td>`).join('')}<td class="words"><details><summary>repeat</summary><code>${text(command)}</code></details></td></tr>`
  })
  return `<div class="scroll tall"><table><thead><tr>${head}<th scope="col" class="words">command</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

function failedHtml({ failed }: StudySummary): string {
  if (failed.length === 0) return ''
  return `<div class="scroll">${table([['command', 'reason'], ...failed.map(({ command, reason }) => [command, reason])])}</div>`
}

function provenance(summary: StudySummary, command: string): string {
  const { name, engine, axes, seeds, mode, base, set, points, find } = summary
  const rows: [string, string][] = [
    ['study', name],
    ['scenario', base ?? 'inside the study'],
    ['engine', `vxlane ${engine.version}, mode ${mode}: ${mode === 'plan' ? 'addresses and growth, no packets' : 'every packet'}`],
    ['axes', axes.map((axis, i) => `${axisName(axis)}: ${valuesOf(summary, i).join(', ')}`).join('; ') || 'none'],
    ['fixed for every point', set.join('; ') || 'nothing beyond the scenario'],
    ...(find === null ? [] : [['searched', `${find.path} between ${find.between[0]} and ${find.between[1]}`] as [string, string]]),
    ['seeds', String(seeds)],
    ['cost', `${counted(points.total, 'point')}${points.failed > 0 ? `, ${count(points.failed)} of them failed` : ', none failed'}`],
  ]
  return `<p>The same numbers on any machine, with any executor, however often it was interrupted:</p><pre>${text(command)}</pre>${facts(rows)}`
}

/** What an axis goes through, in its order. */
const valuesOf = ({ combinations }: StudySummary, axis: number): string[] => [...new Set(combinations.map(({ labels }) => labels[axis]))]
