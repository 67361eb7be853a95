// One combination with one seed: either a single point, or the search for a limit. A cell says which points it wants to know next and is
// told their outcomes; when it wants no more it has its answer.
import { evaluate } from '../scenario/expression.js'
import { asOption, type Combination } from './axes.js'
import type { PointFacts } from './facts.js'
import type { Search, Study } from './model.js'
import { writtenNumber } from './number-text.js'
import { type SearchProgram, type SearchResult, searchLargest } from './search.js'

/** A point of a cell, known once it has facts or a reason for having none. */
export interface CellPoint {
  /** The searched value; null without a search. */
  readonly value: number | string | null
  readonly set: readonly string[]
  id: string | null
  facts: PointFacts | null
  failure: string | null
  /** Whether the condition of the search holds; null without a search and for failed points. */
  holds: boolean | null
}

export class Cell {
  /** By position in the search; a cell without one has a single point at 0. */
  readonly points = new Map<number, CellPoint>()
  /** Null until the search has ended, and without one. */
  found: SearchResult | null = null
  private readonly search: Search | null
  private readonly program: SearchProgram | null
  private asked: readonly number[] = []
  private open = 0

  constructor(
    private readonly study: Study,
    readonly combination: Combination,
    readonly seed: number | null,
  ) {
    this.search = study.search
    this.program = study.search && searchLargest(study.search.count)
  }

  /** The first points it wants to know. */
  begin(): CellPoint[] {
    if (this.program === null) return this.want([0])
    return this.take(this.program.next())
  }

  /** Takes note of a point that now has its outcome; returns those it wants next. */
  settle(point: CellPoint): CellPoint[] {
    if (this.search && point.facts) point.holds = point.facts.refused === null && evaluate(this.search.condition, point.facts).held
    if (--this.open > 0 || this.program === null) return []
    // A point that failed answers nothing: the search ends without a limit, and the failure is reported.
    if (this.asked.some(position => this.points.get(position)?.failure !== null)) return []
    return this.take(this.program.next(new Map(this.asked.map(position => [position, this.points.get(position)?.holds === true]))))
  }

  get hasEnded(): boolean {
    return this.open === 0
  }

  /** The value at a position of the search. */
  valueAt(position: number): number | string | null {
    if (this.search === null) return null
    const { from, step, count, unit, want } = this.search
    // The search is for the largest that holds; for the smallest it walks the values backwards.
    return writtenNumber(from + step * (want === 'largest' ? position : count - 1 - position), unit)
  }

  private take({ done, value }: ReturnType<SearchProgram['next']>): CellPoint[] {
    if (!done) return this.want(value)
    this.found = value
    return []
  }

  private want(positions: readonly number[]): CellPoint[] {
    this.asked = positions
    this.open = positions.length
    return positions.map(position => {
      const value = this.valueAt(position)
      const point = { value, set: this.options(value), id: null, facts: null, failure: null, holds: null }
      this.points.set(position, point)
      return point
    })
  }

  private options(value: number | string | null): string[] {
    const searched = this.search && value !== null ? [{ path: this.search.path, value }] : []
    const seed = this.seed === null ? [] : [{ path: 'seed', value: this.seed }]
    return [...this.study.set, ...this.combination, ...searched, ...seed].map(asOption)
  }
}
