// The search for a limit: halving between a value that holds and one that does not, then a look to both sides whether the halving was
// right to ignore the rest. Positions 0..count-1 stand for the values; the search asks for positions and is told whether they hold, so it
// knows nothing of scenarios and can be held against a plain scan.

export interface SearchResult {
  /** The last position that holds, with none known to hold after it; null if none was found. */
  readonly position: number | null
  /** Nothing that was looked at contradicts "holds up to here and no further". */
  readonly monotone: boolean
  /** Every position was looked at. */
  readonly complete: boolean
  /** Positions that contradict: they fail before the limit, or hold after it. */
  readonly exceptions: readonly number[]
}

/** Asks for positions, all of which may be looked at at once. */
export type SearchProgram = Generator<readonly number[], SearchResult, ReadonlyMap<number, boolean>>

/** Positions looked at on each side of the limit. */
const PROBES = 3
/** Not monotone and no longer than this: everything is looked at. */
const SCAN = 64
/** Where both ends fail, the range is looked at in so many places, and at every doubling from both ends, before it is given up. */
const COARSE = 17

/** The largest position that holds. */
export function* searchLargest(count: number): SearchProgram {
  const known = new Map<number, boolean>()
  function* ask(positions: readonly number[]): Generator<readonly number[], void, ReadonlyMap<number, boolean>> {
    const open = [...new Set(positions)].filter(position => !known.has(position))
    if (open.length === 0) return
    const answers = yield open
    for (const position of open) known.set(position, answers.get(position) ?? false)
  }
  const last = count - 1
  yield* ask([0, last])
  if (!known.get(0) && !known.get(last)) yield* ask([...evenly(0, last, COARSE), ...doublings(last)])
  let low = lastHolding(known)
  if (low === null) return { position: null, monotone: true, complete: known.size === count, exceptions: [] }
  let high = firstAfter(known, low, false) ?? count
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    yield* ask([middle])
    if (known.get(middle)) low = middle
    else high = middle
  }
  yield* ask([...evenly(0, low, PROBES), ...evenly(low + 1, last, PROBES)])
  if (exceptionsOf(known, low).length > 0 && count <= SCAN) yield* ask(Array.from({ length: count }, (_, position) => position))
  const position = lastHolding(known) ?? low
  const exceptions = exceptionsOf(known, position)
  return { position, monotone: exceptions.length === 0, complete: known.size === count, exceptions }
}

/** So many positions strictly between two, evenly spaced. */
function evenly(from: number, to: number, many: number): number[] {
  const found = new Set<number>()
  for (let i = 1; i <= many; i++) {
    const position = Math.round(from + ((to - from) * i) / (many + 1))
    if (position > from && position < to) found.add(position)
  }
  return [...found]
}

/** 1, 2, 4, … from the beginning, and as far from the end: what holds may be a narrow stretch at either. */
function doublings(last: number): number[] {
  const found = new Set<number>()
  for (let step = 1; step < last; step *= 2) found.add(step).add(last - step)
  return [...found]
}

function lastHolding(known: ReadonlyMap<number, boolean>): number | null {
  const holding = [...known].filter(([, holds]) => holds).map(([position]) => position)
  return holding.length === 0 ? null : Math.max(...holding)
}

function firstAfter(known: ReadonlyMap<number, boolean>, after: number, holds: boolean): number | null {
  const found = [...known].filter(([position, answer]) => position > after && answer === holds).map(([position]) => position)
  return found.length === 0 ? null : Math.min(...found)
}

/** Fails at or before the limit, or holds after it. */
const exceptionsOf = (known: ReadonlyMap<number, boolean>, limit: number): number[] =>
  [...known]
    .filter(([position, holds]) => holds !== position <= limit)
    .map(([position]) => position)
    .sort((a, b) => a - b)
