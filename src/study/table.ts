// The points of a study as a table, for programs that read tables: one row for each point that was looked at, in the order of the study.
import { parquetWriteBuffer } from 'hyparquet-writer'
import type { Value } from '../scenario/expression.js'
import { combinationAt } from './axes.js'
import type { Cell, CellPoint } from './cell.js'
import { plain } from './measures.js'
import type { Study } from './model.js'

type Data = Value | undefined

interface Column {
  readonly name: string
  readonly data: Data[]
}

/** Columns: the axes, the searched value, seed, whether the condition held, the measures, what binds, and why a point has none of it. */
export function pointColumns(study: Study, cells: readonly Cell[]): Column[] {
  const rows = cells.flatMap((cell, index) => [...cell.points].sort(([a], [b]) => a - b).map(([, point]) => ({ cell, index, point })))
  const column = (name: string, value: (row: (typeof rows)[number]) => unknown): Column => ({
    name,
    data: rows.map(row => cellValue(value(row))),
  })
  const paths = study.axes.flatMap(axis => axis.paths)
  const combination = (index: number) => combinationAt(study.axes, Math.floor(index / study.seeds))
  const measures = study.measures.filter(({ text }) => text !== 'limit' && text !== 'bindingResource')
  return [
    column('combination', ({ index }) => Math.floor(index / study.seeds)),
    ...paths.map(path => column(path, ({ index }) => combination(index).find(one => one.path === path)?.value ?? null)),
    ...(study.search ? [column(study.search.path, ({ point }) => point.value), column('holds', ({ point }) => point.holds)] : []),
    column('seed', ({ cell }) => cell.seed),
    ...measures.map(measure => column(measure.text, ({ point }) => plain(measure.expression, point))),
    column('bindingResource', ({ point }) => point.facts?.bindingResource ?? null),
    column('refused', ({ point }) => point.facts?.refused?.code ?? null),
    column('failure', ({ point }) => point.failure),
    column('id', ({ point }: { point: CellPoint }) => point.id),
  ]
}

const cellValue = (value: unknown): Data =>
  value === null || value === undefined ? null : typeof value === 'object' ? JSON.stringify(value) : (value as Value)

/** RFC 4180: quotes around what holds a comma, a quote or a line end. */
export function toCsv(columns: readonly Column[]): string {
  const count = columns[0]?.data.length ?? 0
  const field = (value: Data): string => {
    const text = value === null || value === undefined ? '' : String(value)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const lines = [columns.map(({ name }) => field(name)).join(',')]
  for (let row = 0; row < count; row++) lines.push(columns.map(({ data }) => field(data[row])).join(','))
  return `${lines.join('\r\n')}\r\n`
}

/** A column of numbers alone, or of yes and no alone, keeps its type; everything else is text. */
export function toParquet(columns: readonly Column[]): Uint8Array {
  const columnData = columns.map(({ name, data }) => {
    const present = data.filter(value => value !== null && value !== undefined)
    const is = (type: string): boolean => present.length > 0 && present.every(value => typeof value === type)
    if (is('number')) return { name, data: data as unknown[], type: 'DOUBLE' as const, nullable: true }
    if (is('boolean')) return { name, data: data as unknown[], type: 'BOOLEAN' as const, nullable: true }
    return {
      name,
      data: data.map(value => (value === null || value === undefined ? null : String(value))) as unknown[],
      type: 'STRING' as const,
      nullable: true,
    }
  })
  return new Uint8Array(parquetWriteBuffer({ columnData: columnData as never, createdBy: 'vxlane' }))
}
