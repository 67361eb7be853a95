// Pending events, the hold model: each event that is taken out files the next one of its flow, as far ahead as a flow sends or a timer waits.
// Some go beyond the 4,096 windows that are open at a time, so that whole spans are dealt out, too.
import { type Buckets, createBuckets, Event } from '../engine/buckets.js'
import type { Done, Size, Work } from './bench.js'
import { hex, numbers } from './numbers.js'

export const WINDOW_NS = 50_000
export const PENDING = 20_000
/** A prime, so that every flow meets every draw. */
const DRAWS = 8191
const ahead = numbers(DRAWS, 23)

/**
 * How far ahead the event number `count` of a flow files the next one, ns: one in 64 up to 8 s, the others up to 13 ms; never within its
 * own window. Every flow has draws of its own, so the order within a window changes nothing.
 */
export function stepOf(origin: number, count: number): number {
  const x = ahead[(origin + count * 31) % DRAWS] >>> 0
  return WINDOW_NS + ((x & 63) === 0 ? x : (x >>> 6) % 13_000_000)
}

/** What an event adds to the sum over all. */
export const shareOf = (origin: number, time: number): number => Math.imul(origin + 1, 0x9e3779b1) + (time % 0x7fffffff)

/** Takes events out of a window and files the next ones. */
class Hold {
  private readonly at = new Float64Array(1)
  private readonly counts = new Int32Array(PENDING)
  taken = 0
  /** Of time and origin, whatever the order within a window. */
  sum = 0

  constructor(private readonly buckets: Buckets) {}

  visit(row: number): void {
    const { times, words } = this.buckets
    const time = times[row * Event.DOUBLES]
    const origin = words[row * Event.WORDS + 2]
    this.sum = (this.sum + shareOf(origin, time)) | 0
    this.taken++
    this.file(time, origin)
  }

  file(time: number, origin: number): void {
    const count = this.counts[origin]++
    this.at[0] = time + stepOf(origin, count)
    this.buckets.post(this.at, 0, origin, count, origin & 1023, 1, 0, count)
  }
}

export function prepare(size: Size): Work {
  const wanted = size === 'full' ? 2_000_000 : 60_000
  return () => hold(wanted)
}

function hold(wanted: number): Done {
  const buckets = createBuckets(WINDOW_NS)
  const events = new Hold(buckets)
  for (let origin = 0; origin < PENDING; origin++) events.file(0, origin)
  const visit = (row: number): void => events.visit(row)
  let window = 0
  let windows = 0
  while (events.taken < wanted) {
    window = buckets.nextWindow(window)
    buckets.open(window, visit)
    buckets.close(window)
    windows++
  }
  return { units: events.taken, exact: { events: events.taken, windows, lastWindow: window, checksum: hex(events.sum) } }
}
