// One combination with one seed: either a single point, or the search for a limit. A cell says which points it wants to know next and is
// told their outcomes; when it wants no more it has its answer. Asked for more than it wants, it says what it may want later; that changes
// nothing about what it asks for and what it finds.
import { evaluate } from '../scenario/expression.js'
import { anticipate } from './anticipate.js'
import { asOption, type Combination } from './axes.js'
import type { PointFacts } from './facts.js'
import type { Search, Study } from './model.js'
import { writtenNumber } from './number-text.js'
import { type SearchProgram, type SearchResult, searchLargest } from './search.js'

/** A point of a cell, known once it has facts or a reason for having none. */
export interface CellPoint {
  /** In the search; 0 without one. */
  readonly position: number
  /** The searched value; null without a search. */
  readonly value: number | string | null
  readonly set: readonly string[]
  id: string | null
  facts: PointFacts | null
  failure: string | null
  /** Whether the condition of the search holds; null without a search and for failed points. */
  holds: boolean | null
}

/** Points that a search has under way ahead of itself: six levels of its halving. A seventh would need as many again, to save a round or none. */
const MOST_AHEAD = 63

const isOpen = ({ facts, failure }: CellPoint): boolean => facts === null && failure === null

export class Cell {
  /** What was asked for, by position in the search; a cell without one has a single point at 0. */
  readonly points = new Map<number, CellPoint>()
  /** Null until the search has ended, and without one. */
  found: SearchResult | null = null
  /** Of what was asked for: points with an outcome, and those whose outcome is a failure. */
  answered = 0
  failed = 0
  private readonly search: Search | null
  private readonly program: SearchProgram | null
  /** What is computed in case the search will ask for it. It counts for nothing until it does. */
  private readonly ahead = new Map<number, CellPoint>()
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
    return this.program === null ? this.want([0]) : this.goOn(this.program.next())
  }

  /** Takes note of a point that now has its outcome; returns those it wants next. */
  settle(point: CellPoint): CellPoint[] {
    if (this.search && point.facts) point.holds = point.facts.refused === null && evaluate(this.search.condition, point.facts).held
    if (!this.isAsked(point)) return []
    this.count(point)
    if (--this.open > 0 || this.program === null || this.hasFailed) return []
    return this.goOn(this.program.next(this.answers()))
  }

  /** Up to so many points that the search may want later; none of them twice, none that it has wanted already. */
  foresee(most: number): CellPoint[] {
    if (this.search === null || this.hasEnded) return []
    const underWay = [...this.ahead.values()].filter(isOpen).length
    const room = Math.min(most, MOST_AHEAD - underWay)
    if (room <= 0) return []
    const known = [...this.ahead, ...this.points].flatMap(([position, { holds }]) => (holds === null ? [] : [[position, holds] as const]))
    const positions = anticipate(this.search.count, new Map(known), room, at => this.points.has(at) || this.ahead.has(at))
    return positions.map(position => {
      const point = this.pointAt(position)
      this.ahead.set(position, point)
      return point
    })
  }

  /** Whether the search, or the cell without one, has wanted it. */
  isAsked(point: CellPoint): boolean {
    return this.points.get(point.position) === point
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

  /** Lets the search ask, and answers what is known from looking ahead, until it wants something new or has its result. */
  private goOn(first: ReturnType<SearchProgram['next']>): CellPoint[] {
    for (let step = first; ; step = (this.program as SearchProgram).next(this.answers())) {
      if (step.done) {
        this.found = step.value
        return []
      }
      const wanted = this.want(step.value)
      if (this.open > 0 || this.hasFailed) return wanted
    }
  }

  /** A point that failed answers nothing: the search ends without a limit, and the failure is reported. */
  private get hasFailed(): boolean {
    return this.asked.some(position => this.points.get(position)?.failure != null)
  }

  private answers(): ReadonlyMap<number, boolean> {
    return new Map(this.asked.map(position => [position, this.points.get(position)?.holds === true]))
  }

  /** Asks for positions; returns the points that nobody is computing yet. */
  private want(positions: readonly number[]): CellPoint[] {
    this.asked = positions
    this.open = positions.length
    const fresh: CellPoint[] = []
    for (const position of positions) {
      const known = this.ahead.get(position)
      const point = known ?? this.pointAt(position)
      this.ahead.delete(position)
      this.points.set(position, point)
      if (known === undefined) fresh.push(point)
      else if (!isOpen(known)) {
        this.open--
        this.count(known)
      }
    }
    return fresh
  }

  private count({ failure }: CellPoint): void {
    this.answered++
    if (failure !== null) this.failed++
  }

  private pointAt(position: number): CellPoint {
    const value = this.valueAt(position)
    return { position, value, set: this.options(value), id: null, facts: null, failure: null, holds: null }
  }

  private options(value: number | string | null): string[] {
    const searched = this.search && value !== null ? [{ path: this.search.path, value }] : []
    const seed = this.seed === null ? [] : [{ path: 'seed', value: this.seed }]
    return [...this.study.set, ...this.combination, ...searched, ...seed].map(asOption)
  }
}
