// What a search may ask for next. A search that asks for one position after another keeps one machine busy; whoever has room for more
// computes ahead what it will ask for whichever way the answers fall. Those are the middles of the halving's next levels, so that k
// positions a round make log(k + 1) levels of it: a search in k + 1 parts. The search itself stays as it is and sees only what it asked
// for, hence its answer, its exceptions and its count of points are the same whatever was computed ahead.
import { type SearchProgram, searchLargest } from './search.js'

/** A guess: the limit lies at low..high, both included; -1: nothing holds. */
interface Guess {
  readonly low: number
  readonly high: number
}

/**
 * Up to `most` positions of 0..count-1 that the search may come to ask for and that are not `taken`, likeliest first: every place of the
 * limit that the answers leave open counts as equally likely. `answers`: what is known, asked for or not.
 */
export function anticipate(
  count: number,
  answers: ReadonlyMap<number, boolean>,
  most: number,
  taken: (position: number) => boolean,
): number[] {
  const found = new Set<number>()
  const guesses: Guess[] = [reached(count, answers)]
  for (let guess = likeliest(guesses); guess !== null && found.size < most; guess = likeliest(guesses)) {
    const { asked, open } = follow(searchLargest(count), answers, guess)
    for (const position of asked) if (!taken(position) && found.size < most) found.add(position)
    if (open.length > 0) guesses.push(...split(guess, open))
  }
  return [...found]
}

const width = ({ low, high }: Guess): number => high - low + 1

/** Takes the widest guess out of the list; the first of several. */
function likeliest(guesses: Guess[]): Guess | null {
  let best = 0
  for (let i = 1; i < guesses.length; i++) if (width(guesses[i]) > width(guesses[best])) best = i
  return guesses.splice(best, 1)[0] ?? null
}

/** Where the limit may lie by the answers that the search itself has asked for: others may contradict them, and do not count for it. */
function reached(count: number, answers: ReadonlyMap<number, boolean>): Guess {
  const program = searchLargest(count)
  let low = -1
  let high = count - 1
  const heard = new Map<number, boolean>()
  for (let step = program.next(); !step.done; ) {
    if (step.value.some(position => !answers.has(position))) break
    for (const position of step.value) heard.set(position, answers.get(position) === true)
    step = program.next(heard)
  }
  for (const [position, holds] of heard) if (holds) low = Math.max(low, position)
  for (const [position, holds] of heard) if (!holds && position > low) high = Math.min(high, position - 1)
  return { low, high }
}

/** Goes with a search as far as answers and guess lead: what it asks for that nobody knows, and of that what the guess leaves open. */
function follow(program: SearchProgram, answers: ReadonlyMap<number, boolean>, { low, high }: Guess): { asked: number[]; open: number[] } {
  const asked: number[] = []
  for (let step = program.next(); !step.done; ) {
    const unknown = step.value.filter(position => !answers.has(position))
    asked.push(...unknown)
    const open = unknown.filter(position => position > low && position <= high)
    if (open.length > 0) return { asked, open }
    step = program.next(new Map(step.value.map(position => [position, answers.get(position) ?? position <= low])))
  }
  return { asked, open: [] }
}

/** The guesses between the open positions. */
function split({ low, high }: Guess, open: readonly number[]): Guess[] {
  const bounds = [low, ...open.toSorted((a, b) => a - b)]
  return bounds.map((from, i) => ({ low: from, high: (bounds[i + 1] ?? high + 1) - 1 }))
}
