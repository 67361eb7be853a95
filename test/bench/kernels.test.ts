// What the kernels count, against plain programs that do the same work another way.
import { describe, expect, it } from 'vitest'
import type { Done, Prepare } from '../../src/bench/bench.js'
import { Calibration } from '../../src/bench/calibration.js'
import { PENDING, prepare as prepareBuckets, shareOf, stepOf, WINDOW_NS } from '../../src/bench/kernel-buckets.js'
import { prepare as prepareConntrack } from '../../src/bench/kernel-conntrack.js'
import { PASSES as FIB_PASSES, fibInput, prepare as prepareFib } from '../../src/bench/kernel-fib.js'
import { latencies, prepare as prepareHistogram, TIMES } from '../../src/bench/kernel-histogram.js'
import { PASSES as POLICY_PASSES, policyInput, prepare as preparePolicy } from '../../src/bench/kernel-policy.js'
import { prepare as prepareRing } from '../../src/bench/kernel-ring.js'
import { FRAME, prepare as prepareWire, writeFrame } from '../../src/bench/kernel-wire.js'
import { hex, mixed } from '../../src/bench/numbers.js'
import { expectFrame } from '../support/packet-checker.js'

/** Does the work twice, as a child does: the same both times. */
function done(prepare: Prepare): Done {
  const work = prepare('smoke')
  const first = work() as Done
  expect(work()).toEqual(first)
  return first
}

describe('kernels do what they say', () => {
  it('fib: the longest of all prefixes that hold an address', () => {
    const { routes, hosts, asked } = fibInput('smoke')
    const ofHost = new Map([...hosts.addresses].map((address, i) => [address, hosts.values[i]]))
    const byLength = routes.toSorted((a, b) => b.prefix - a.prefix)
    const holds = (address: number, base: number, prefix: number): boolean => prefix === 0 || (address ^ base) >>> (32 - prefix) === 0
    const naive = asked.map(address => ofHost.get(address) ?? byLength.find(({ base, prefix }) => holds(address, base, prefix))!.value)
    let sum = 0
    for (let pass = 0; pass < FIB_PASSES; pass++) for (const value of naive) sum = mixed(sum, value)
    const lookups = asked.length * FIB_PASSES
    const byDefault = naive.filter(value => value === 1).length * FIB_PASSES
    expect(byDefault).toBeGreaterThan(0)
    expect(done(prepareFib)).toEqual({ units: lookups, exact: { lookups, byDefault, checksum: hex(sum) } })
  })

  it('policy: a peer may pass if any span that holds the port names it', () => {
    const { sets, programs, asked } = policyInput('smoke')
    let allowed = 0
    for (let i = 0; i < asked.length; i += 4) {
      const [program, protocol, port, peer] = asked.subarray(i, i + 4)
      const names = (set: number): boolean => ((sets[set][peer >> 5] >>> (peer & 31)) & 1) === 1
      const speaks = programs[program].some(
        span => (span.protocol === null || (span.protocol === protocol && span.first <= port && port <= span.last)) && names(span.set),
      )
      if (speaks) allowed++
    }
    expect(allowed).toBeGreaterThan(0)
    expect(done(preparePolicy).exact).toEqual({ verdicts: (asked.length / 4) * POLICY_PASSES, allowed: allowed * POLICY_PASSES })
  })

  it('histogram: percentiles of the sorted values, to three digits', () => {
    const values = latencies('smoke').toSorted()
    const { units, exact } = done(prepareHistogram)
    expect([units, exact.recorded]).toEqual([values.length * TIMES, values.length * TIMES])
    for (const [name, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
      ['max', 1],
    ] as const) {
      const wanted = values[Math.ceil(values.length * share) - 1]
      expect(Number(exact[name])).toBeGreaterThanOrEqual(wanted)
      expect(Number(exact[name])).toBeLessThanOrEqual(wanted * (1 + 2 ** -10))
    }
  })

  it('conntrack: every connection is met but at hosts that never saw it, and none is left', () => {
    const { units, exact } = done(prepareConntrack)
    expect(exact).toEqual({ connections: 2000, lookups: 12_000, found: 11_250, missed: 750, peak: 2000, left: 0 })
    expect(units).toBe(14_000)
  })

  it('buckets: the events of a list that is sorted each time', () => {
    const { exact } = done(prepareBuckets)
    const end = (Number(exact.lastWindow) + 1) * WINDOW_NS
    let events = 0
    let sum = 0
    const windows = new Set<number>()
    for (let origin = 0; origin < PENDING; origin++) {
      let count = 0
      for (let time = stepOf(origin, count++); time < end; time += stepOf(origin, count++)) {
        events++
        sum = (sum + shareOf(origin, time)) | 0
        windows.add(Math.floor(time / WINDOW_NS))
      }
    }
    expect(exact).toEqual({ events, windows: windows.size, lastWindow: exact.lastWindow, checksum: hex(sum) })
    expect(events).toBeGreaterThanOrEqual(60_000)
  })

  it('ring: what comes out is what went in, in order', () => {
    let sum = 0
    for (let i = 0; i < 20_000; i++) sum = mixed(mixed(sum, i & 1023), i + ((i * 3) & 1023) + i * 7 + i)
    expect(done(prepareRing)).toEqual({ units: 20_000, exact: { packets: 20_000, inFlight: 0, checksum: hex(sum) } })
  })

  it('wire: frames that are right from the outside in', () => {
    const bytes = new Uint8Array(FRAME)
    writeFrame(new DataView(bytes.buffer), 513)
    expectFrame(bytes)
      .ethernet({ from: '02:00:0a:e0:00:04', to: '02:00:0a:e0:00:06' })
      .ipv4({ from: '10.224.0.4', to: '10.224.0.6', ttl: 64, id: 513, length: FRAME - 14 })
      .udp({ to: 4789 })
      .vxlan({ vni: 1 })
      .ethernet({ from: '02:02:0a:f4:00:01', to: '02:02:0a:f5:00:02' })
      .ipv4({ from: '10.244.0.1', to: '10.245.0.2', df: true })
      .udp({ from: 40_513, to: 7000 })
    const { units, exact } = done(prepareWire)
    expect([units, exact.good, exact.bytes]).toEqual([5000, 5000, 5000 * FRAME])
  })
})

it('calibration does the same work each time', () => {
  const [one, other] = [new Calibration(), new Calibration()]
  expect(other.run(10_000)).toBe(one.run(10_000))
  expect(one.run(10_000)).not.toBe(one.run(20_000))
})
