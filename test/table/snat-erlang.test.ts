// A pool of SNAT ports to one destination is a system of c servers without a queue: the share of new flows that find no port is Erlang's
// B formula, whatever the distribution of how long a port is held. Reuse of ports and random choice have closed formulas too. The
// figures are those of golden/analytic.json; the tables of both devices are driven directly.
import { describe, expect, it } from 'vitest'
import analytic from '../golden/analytic.json' with { type: 'json' }
import { RandomStream } from '../support/random-stream.js'
import { SECOND, SnatLab, TCP, UDP } from '../support/snat-lab.js'

const LONG = process.env.VXLANE_LONG !== undefined
const BATCHES = 30
const MEAN_S = 10

/** How long a port is held, MEAN_S on average. */
const HOLDS: Readonly<Record<string, (stream: RandomStream) => number>> = {
  constant: () => MEAN_S,
  exponential: stream => -Math.log(stream.uniform()) * MEAN_S,
  // One in ten holds nine times as long as the others.
  bimodal: stream => (stream.below(10) === 0 ? MEAN_S * 5 : (MEAN_S * 5) / 9),
}

interface Measured {
  readonly mean: number
  readonly error: number
}

function measured(batches: readonly number[]): Measured {
  const mean = batches.reduce((sum, x) => sum + x, 0) / batches.length
  const variance = batches.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (batches.length - 1)
  return { mean, error: Math.sqrt(variance / batches.length) }
}

/** Blocked share of Poisson arrivals that offer `a` ports' worth of load to each of `targets` destinations, in batches after a warm-up. */
function blockedShare(lab: SnatLab, a: number, hold: string, perBatch: number, targets = 1, protocol = UDP): Measured {
  const stream = RandomStream.named(7, `${hold}:${a}`, 'erlang')
  const gap = MEAN_S / a / targets
  let seconds = 0
  let source = 0
  const batches: number[] = []
  for (let batch = -1; batch < BATCHES; batch++) {
    let blocked = 0
    for (let i = 0; i < perBatch; i++) {
      seconds += -Math.log(stream.uniform()) * gap
      lab.clock[0] = Math.round(seconds * SECOND)
      const record = lab.open(0, protocol, source++ % 6e7, stream.below(targets) + 1)
      if (record < 0) blocked++
      else lab.table.flows.arm(record, lab.clock, Math.round(HOLDS[hold](stream) * SECOND))
    }
    if (batch >= 0) batches.push(blocked / perBatch)
  }
  return measured(batches)
}

/** Three batch standard errors, and where hardly anything is blocked, what a few flows more or less come to. */
function expectShare({ mean, error }: Measured, B: number, arrivals: number): void {
  expect(Math.abs(mean - B)).toBeLessThanOrEqual(3 * error + 3 * Math.sqrt(B / arrivals) * (error === 0 ? 1 : 0) + 3 / arrivals)
}

const erlang = analytic.erlangB.table.flatMap(({ c, rows }) => rows.map(row => ({ c, ...row })))
const noLimit = { perDestination: 1e9, connections: 1e9 }

describe('blocked share of a pool of c ports is Erlang B', () => {
  // The largest pool needs some ten times as many arrivals for the same precision: three of its rows, unless there is time.
  const rows = erlang.filter(({ c, rho }) => c < 1024 || LONG || rho === 1 || rho === 0.9 || rho === 1.2)
  it.each(rows.flatMap(row => Object.keys(HOLDS).map(hold => ({ ...row, hold }))))(
    'load balancer, c $c rho $rho, $hold',
    ({ c, a, B, hold }) => {
      const perBatch = (LONG ? 40 : c < 1024 ? 8 : 4) * Math.max(c, 100)
      expectShare(blockedShare(SnatLab.loadBalancer(1, c), a, hold, perBatch), B, perBatch * BATCHES)
    },
  )

  it.each(erlang.filter(({ c, rho }) => c === 64 && rho >= 0.7))('NAT gateway, c $c rho $rho', ({ c, a, B }) => {
    const perBatch = (LONG ? 40 : 6) * 100
    const lab = SnatLab.natGateway(1, { ports: c, ...noLimit }, { udpHoldNs: 0 })
    expectShare(blockedShare(lab, a, 'exponential', perBatch), B, perBatch * BATCHES)
  })

  it('with the hold made of a lifetime and the wait after the close', () => {
    const { c, a, B } = erlang.find(row => row.c === 64 && row.rho === 1)!
    const stream = RandomStream.named(3, 'lifetimes', 'erlang')
    // 4 s of life and 6 s of wait after the FIN are the 10 s of the formula.
    const lab = SnatLab.loadBalancer(1, c, 1, { finNs: 6 * SECOND })
    const open: { readonly endS: number; readonly record: number }[] = []
    let seconds = 0
    let first = 0
    const perBatch = 700
    const batches: number[] = []
    for (let batch = -1; batch < BATCHES; batch++) {
      let blocked = 0
      for (let i = 0; i < perBatch; i++) {
        seconds += (-Math.log(stream.uniform()) * MEAN_S) / a
        for (; first < open.length && open[first].endS <= seconds; first++) {
          lab.seconds = open[first].endS
          lab.close(open[first].record)
        }
        lab.seconds = seconds
        const record = lab.connect(0, batch * perBatch + i + perBatch)
        if (record < 0) blocked++
        else open.push({ endS: seconds + 4, record })
      }
      if (batch >= 0) batches.push(blocked / perBatch)
    }
    expectShare(measured(batches), B, perBatch * BATCHES)
  })
})

describe('reuse of ports', () => {
  const { ports } = analytic.snatReuse

  it('serves P flows to each of D destinations, and not one more', () => {
    for (const lab of [SnatLab.loadBalancer(1, 64), SnatLab.natGateway(1, { ports: 64, ...noLimit })]) {
      for (let target = 1; target <= 4; target++) {
        const passed = Array.from({ length: 80 }, (_, i) => lab.open(0, TCP, i, target)).filter(record => record >= 0)
        expect(passed).toHaveLength(64)
        expect(new Set(passed.map(record => lab.external(record).port)).size).toBe(64)
      }
    }
  })

  it('keeps the blocked share of two destinations that of one', () => {
    const { c, a, B } = erlang.find(row => row.c === 64 && row.rho === 1)!
    expectShare(blockedShare(SnatLab.loadBalancer(1, c), a, 'exponential', 2400, 2, TCP), B, 2400 * BATCHES)
    // Without reuse 64 ports would have to carry both, and block B(P, 2a).
    expect(B).toBeLessThan(0.1)
  })

  it('counts UDP flows by address, TCP connections by address and port', () => {
    const lab = SnatLab.loadBalancer(1, 8)
    const tried = (protocol: number) =>
      Array.from({ length: 16 }, (_, i) => lab.open(0, protocol, i, 9, 53 + (i & 1))).filter(r => r >= 0).length
    expect(tried(TCP)).toBe(16)
    expect(tried(UDP)).toBe(8)
    expect(lab.open(0, UDP, 99, 10, 53)).toBeGreaterThanOrEqual(0)
  })

  const small = ports.filter(({ P }) => P <= 256)
  /** Flows that come one at a time, each over before the next: the NAT gateway draws every port anew. */
  function* draws(P: number, seed: number): Generator<number> {
    const lab = SnatLab.natGateway(1, { ports: P, ...noLimit }, { rstNs: 1 * SECOND }, seed)
    for (let i = 0; ; i++) {
      lab.seconds = i * 10
      const record = lab.connect(0, i)
      yield lab.external(record).port
      lab.abort(record)
    }
  }

  it.each(small)('random ports of $P: repeats and coupons', ({ P, couponsAll, firstReuse, distinctAfterP }) => {
    const coupons: number[] = []
    const firsts: number[] = []
    const distinct: number[] = []
    for (let seed = 1; seed <= (LONG ? 400 : 40); seed++) {
      const seen = new Set<number>()
      let n = 0
      let first = 0
      for (const port of draws(P, seed)) {
        n++
        if (seen.has(port) && first === 0) first = n
        seen.add(port)
        if (n === P) distinct.push(seen.size)
        if (seen.size === P) break
      }
      coupons.push(n)
      firsts.push(first)
    }
    for (const [sample, theory] of [
      [coupons, couponsAll],
      [firsts, firstReuse],
      [distinct, distinctAfterP],
    ] as const) {
      const { mean, error } = measured(sample)
      expect(Math.abs(mean - theory)).toBeLessThanOrEqual(3 * error)
    }
  })

  it.each(small.flatMap(({ P, expectedPicks }) => expectedPicks.map(row => ({ P, ...row }))))(
    'a port for a destination that has $busy of $P busy takes $picks tries',
    ({ P, busy, picks }) => {
      const tries: number[] = []
      for (let seed = 1; seed <= 300; seed++) {
        const lab = SnatLab.natGateway(1, { ports: P, ...noLimit }, {}, seed)
        for (let i = 0; i < busy; i++) lab.open(0, TCP, i, 1)
        for (let i = 0; i < P - busy; i++) lab.open(0, TCP, i, 2)
        lab.draws = 0
        lab.open(0, TCP, P, 1)
        // One draw is that of the address.
        tries.push(lab.draws - 1)
      }
      const { mean, error } = measured(tries)
      expect(Math.abs(mean - picks)).toBeLessThanOrEqual(3 * error)
    },
  )
})
