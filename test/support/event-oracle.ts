// Buckets and agenda driven as a shard drives them, beside a plain list of pending events: whatever runs next must be the least that is
// pending for its process, in its window, and nothing may be left over.
import { expect } from 'vitest'
import { type Agenda, createAgenda } from '../../src/engine/agenda.js'
import { type Buckets, createBuckets, Event } from '../../src/engine/buckets.js'

export interface Pending {
  readonly time: number
  readonly origin: number
  readonly sequence: number
  readonly lp: number
  readonly argument: number
}

/** What an event brings about: events of its own process at once or later, and of others no earlier than the next window. */
export type Effect = (event: Pending, post: (time: number, lp: number) => void) => void

const KIND = 5
const EXTRA = 3
const KIND_AND_EXTRA = KIND | (EXTRA << 3)

export class EventOracle {
  private readonly buckets: Buckets
  private readonly agenda: Agenda
  private readonly pending = new Map<number, Pending[]>()
  private readonly sequences: number[]
  private readonly at = new Float64Array(1)
  private windowEnd = 0
  private present = -1
  private posted = 0
  ran = 0
  readonly windows: number[] = []

  constructor(
    private readonly windowNs: number,
    lps: number,
    private readonly effect: Effect = () => {},
    firstSequence = 0,
  ) {
    this.buckets = createBuckets(windowNs, 2 ** 16)
    this.agenda = createAgenda(this.buckets, lps)
    this.sequences = new Array<number>(lps).fill(firstSequence)
  }

  post(time: number, origin: number, lp: number): void {
    const sequence = this.sequences[origin]
    this.sequences[origin] = (sequence + 1) | 0
    const event = { time, origin, sequence, lp, argument: this.posted++ }
    this.at[0] = time
    const row = this.buckets.post(this.at, 0, origin, sequence, lp, KIND, EXTRA, event.argument)
    if (lp === this.present && time < this.windowEnd) this.agenda.add(row)
    const list = this.pending.get(lp)
    if (list) list.push(event)
    else this.pending.set(lp, [event])
  }

  run(): void {
    let after = 0
    for (let window = this.buckets.nextWindow(after); window !== Number.POSITIVE_INFINITY; window = this.buckets.nextWindow(after)) {
      this.windows.push(window)
      this.windowEnd = (window + 1) * this.windowNs
      const busyCount = this.agenda.open(window)
      for (let i = 0; i < busyCount; i++) this.runProcess(i)
      this.present = -1
      this.buckets.close(window)
      after = window + 1
    }
    expect([...this.pending.values()].flat()).toEqual([])
    expect(this.ran).toBe(this.posted)
  }

  private runProcess(index: number): void {
    const { agenda } = this
    this.present = agenda.busy[index]
    let cursor = agenda.starts[index]
    const end = agenda.starts[index + 1]
    while (cursor < end || agenda.waiting() > 0) {
      const isAdded = agenda.waiting() > 0 && (cursor === end || agenda.addedComesBefore(agenda.rows[cursor]))
      this.execute(isAdded ? agenda.takeAdded() : agenda.rows[cursor++])
    }
  }

  private execute(row: number): void {
    const { times, words } = this.buckets
    const w = row * Event.WORDS
    const found = {
      time: times[row * Event.DOUBLES],
      origin: words[w + 2],
      sequence: words[w + 3],
      lp: words[w + 4],
      argument: words[w + 6],
    }
    const list = this.pending.get(this.present)!
    const least = list.reduce((a, b) => (isBefore(b, a) ? b : a))
    const isRight =
      found.argument === least.argument && found.time === least.time && found.sequence === least.sequence && words[w + 5] === KIND_AND_EXTRA
    // Millions of these pass: the matcher is asked only about one that does not.
    if (!isRight || found.lp !== least.lp || found.origin !== least.origin) expect(found).toEqual(least)
    if (Math.floor(found.time / this.windowNs) !== this.windows.at(-1))
      expect.fail(`an event at ${found.time} ran in window ${this.windows.at(-1)}`)
    list.splice(list.indexOf(least), 1)
    this.ran++
    this.effect(found, (time, lp) => this.post(time, this.present, lp))
  }
}

const isBefore = (a: Pending, b: Pending): boolean =>
  a.time !== b.time ? a.time < b.time : a.origin !== b.origin ? a.origin < b.origin : ((a.sequence - b.sequence) | 0) < 0
