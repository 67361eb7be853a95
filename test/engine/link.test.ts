// A NIC against a plain list of departures: every time to the nanosecond, every loss, whatever comes when; rates that are no whole
// nanoseconds a byte hold for ever.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { State } from '../../src/datapath/lp-state.js'
import { Moment } from '../../src/engine/kinds.js'
import { createLink } from '../../src/engine/link.js'
import { APPLIANCE, NODE, stackLab } from '../support/stack-lab.js'

const OTHER = 1
const LATENCY = 50_000
const FAR = 500_000

/** A link, and the NIC as anybody would write it. */
function pairOf(nicRate: number, queue: number) {
  const { clock, image, params, state } = stackLab({ nicRate, queue, latencyNs: LATENCY, gatewayLatencyNs: FAR })
  const link = createLink(params, image, state, clock)
  let free = 0
  let departures: number[] = []
  return {
    now: () => clock[0],
    pass: (ns: number) => {
      clock[0] += ns
    },
    peak: () => state.words[NODE * State.WORDS + State.QUEUE_PEAK],
    /** Sends and compares; whether there was room. */
    send(length: number, to = OTHER): boolean {
      departures = departures.filter(at => at > clock[0])
      const went = link(NODE as never, to, length)
      expect(went).toBe(departures.length < queue)
      if (!went) return false
      const begin = Math.max(free, clock[0])
      free = begin + (Math.max(length, 60) + 24) * (8e9 / nicRate)
      departures.push(free)
      expect([clock[Moment.DEPART], clock[Moment.ARRIVE]]).toEqual([Math.round(begin), Math.round(free) + (to === OTHER ? LATENCY : FAR)])
      return true
    },
  }
}

describe('link', () => {
  it('does what a list of departures does', () => {
    const step = fc.tuple(
      fc.oneof(fc.constant(0), fc.nat(3), fc.nat(20_000)),
      fc.integer({ min: 14, max: 9014 }),
      fc.constantFrom(OTHER, APPLIANCE),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(1e9, 12.5e9, 7e9, 3.3e8),
        fc.constantFrom(1, 2, 3, 4, 7, 8, 100),
        fc.array(step, { maxLength: 150 }),
        (rate, queue, steps) => {
          const pair = pairOf(rate, queue)
          for (const [passes, length, to] of steps) {
            pair.pass(passes)
            pair.send(length, to)
          }
        },
      ),
      { numRuns: 150, seed: 8 },
    )
  })

  it.each([1, 2, 3, 4, 5, 1000])('holds %i packets, the one being sent included, and no more', queue => {
    const pair = pairOf(1e9, queue)
    for (let i = 0; i < queue; i++) expect(pair.send(1000)).toBe(true)
    expect(pair.send(1000)).toBe(false)
    expect(pair.peak()).toBe(queue)
    // One leaves when its last bit does.
    pair.pass(1024 * 8 - 1)
    expect(pair.send(1000)).toBe(false)
    pair.pass(1)
    expect(pair.send(1000)).toBe(true)
    expect(pair.send(1000)).toBe(false)
  })

  it('turns its queue around many times without ever being idle', () => {
    const pair = pairOf(1e9, 5)
    for (let i = 0; i < 20_000; i++) {
      pair.send(500)
      if (i % 3 !== 0) pair.pass(4000)
    }
  })

  it('keeps a rate of no whole nanoseconds a byte', () => {
    const pair = pairOf(7e9, 10)
    let sent = 0
    for (; sent < 20_000; sent++) {
      while (!pair.send(1400)) pair.pass(500)
    }
    // Ten may still be waiting.
    const seconds = pair.now() / 1e9
    expect(Math.abs(seconds - (sent * 1424 * 8) / 7e9)).toBeLessThan((12 * 1424 * 8) / 7e9)
  })

  it('counts a short frame as the shortest there is, and everything its gap and preamble', () => {
    const pair = pairOf(8e9, 10)
    pair.send(14)
    pair.send(60)
    pair.send(61)
  })

  it('does not limit what is no node', () => {
    const { clock, image, params, state } = stackLab({ nicRate: 1, queue: 1 })
    const link = createLink(params, image, state, clock)
    clock[0] = 77
    for (let i = 0; i < 5; i++) expect(link(APPLIANCE as never, NODE, 65_000)).toBe(true)
    expect([clock[Moment.DEPART], clock[Moment.ARRIVE]]).toEqual([77, 77 + params.gatewayLatencyNs])
  })
})
