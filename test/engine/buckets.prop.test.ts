// Pending events: any times, dense or sparse or far beyond the open span, added before and while their window runs, leave in the stated
// order.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBuckets } from '../../src/engine/buckets.js'
import { EventOracle } from '../support/event-oracle.js'
import { RandomStream } from '../support/random-stream.js'

const LONG = process.env.VXLANE_LONG !== undefined
const LPS = 5
const WINDOW = 50
/** Windows that have a bucket of their own. */
const SPAN_NS = 4096 * WINDOW

const time = fc.oneof(
  fc.nat(20),
  fc.nat(3 * WINDOW),
  fc.nat(SPAN_NS),
  fc.integer({ min: 1, max: 10 }).map(n => n * SPAN_NS - 1),
  fc.nat(10).map(n => n * SPAN_NS),
  fc.nat(1000).map(n => n * SPAN_NS + 7),
  fc.constant(2 ** 53 - SPAN_NS),
)
const events = fc.array(fc.tuple(time, fc.nat(LPS - 1), fc.nat(LPS - 1)), { maxLength: 200 })
const RUNS = { numRuns: LONG ? 2000 : 150, seed: 4 }

describe('events', () => {
  it('leave in order of time, origin and sequence, whatever the order they came in', () => {
    fc.assert(
      fc.property(events, list => {
        const oracle = new EventOracle(WINDOW, LPS)
        for (const [at, origin, lp] of list) oracle.post(at, origin, lp)
        oracle.run()
        expect(oracle.windows).toEqual([...new Set(list.map(([at]) => Math.floor(at / WINDOW)))].sort((a, b) => a - b))
      }),
      RUNS,
    )
  })

  it('join the open window when their own process adds them', () => {
    fc.assert(
      fc.property(events, fc.array(fc.nat(2 * WINDOW), { minLength: 1, maxLength: 20 }), (list, delays) => {
        let budget = 300
        const oracle = new EventOracle(WINDOW, LPS, (event, post) => {
          if (budget-- <= 0 || event.time > 2 ** 52) return
          const delay = delays[event.argument % delays.length]
          // To itself at any time from now on; to another no earlier than a window from now.
          post(event.time + delay, event.lp)
          if (delay % 3 === 0) post(event.time + (delay % 5), event.lp)
          if (delay % 4 === 0) post(event.time + WINDOW + delay, (event.lp + 1) % LPS)
        })
        for (const [at, origin, lp] of list) oracle.post(at, origin, lp)
        oracle.run()
      }),
      RUNS,
    )
  })

  it('may be ten thousand of one process in one window', () => {
    const random = RandomStream.named(1, 'events', 'many')
    const oracle = new EventOracle(1e6, 2)
    for (let i = 0; i < (LONG ? 10_000 : 3000); i++) oracle.post(random.below(500), random.below(2), 1)
    oracle.post(3, 0, 0)
    oracle.run()
    expect(oracle.windows).toEqual([0])
  })

  it('may be of thousands of processes, and more than the first buckets hold', () => {
    const random = RandomStream.named(2, 'events', 'growth')
    const oracle = new EventOracle(WINDOW, 4000, (event, post) => {
      if (event.argument < 40_000) post(event.time + random.below(40 * WINDOW), event.lp)
    })
    for (let i = 0; i < 40_000; i++) oracle.post(random.below(100 * WINDOW), random.below(4000), random.below(4000))
    oracle.run()
    expect(oracle.ran).toBe(80_000)
  })

  it('keep their order when sequence numbers wrap', () => {
    const oracle = new EventOracle(WINDOW, LPS, () => {}, 0x7fffffff - 20)
    for (let i = 0; i < 60; i++) oracle.post(i % 3, i % 2, 0)
    oracle.run()
  })
})

describe('the first and the last nanosecond of a window', () => {
  it.each([1, 2, 3, 7, 999, 49_999, 50_000, 65_537, 1_000_003, 2 ** 31 - 1, 2 ** 38 - 1, 2 ** 38, 2 ** 38 + 1])(
    'of %i ns lie in it',
    windowNs => {
      const at = new Float64Array(1)
      for (const span of [0, 1, 5]) {
        const buckets = createBuckets(windowNs, 2 ** 12)
        const first = span * 4096
        // Enter the span, so that what follows is filed by window at once.
        buckets.post(Float64Array.of(first * windowNs), 0, 0, 0, 0, 0, 0, 0)
        buckets.open(first, () => {})
        buckets.close(first)
        for (let window = first + 1; window < first + 4096; window += 5) {
          for (const time of new Set([window * windowNs, (window + 1) * windowNs - 1])) {
            at[0] = time
            buckets.post(at, 0, 0, 0, 0, 0, 0, 0)
            expect(buckets.nextWindow(first + 1)).toBe(window)
            buckets.open(window, () => {})
            buckets.close(window)
          }
        }
      }
    },
  )
})
