// What load balancer and NAT gateway do with ports over time: waits after a close, idle times, limits, nodes that join and leave. The
// figures are those of "Use SNAT for outbound connections" and "SNAT with NAT Gateway".
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IN, OUT } from '../../src/table/snat-table.js'
import { ACK, SYN } from '../../src/wire/tcp.js'
import { SECOND, SnatLab, TCP, UDP } from '../support/snat-lab.js'

const LONG = process.env.VXLANE_LONG !== undefined

describe('a port after its flow', () => {
  const cases: [string, SnatLab, (lab: SnatLab) => void, number][] = [
    ['load balancer, FIN', SnatLab.loadBalancer(1, 8), lab => lab.close(lab.connect(0, 1)), 240],
    ['load balancer, RST', SnatLab.loadBalancer(1, 8), lab => lab.abort(lab.connect(0, 1)), 15],
    ['load balancer, idle', SnatLab.loadBalancer(1, 8), lab => lab.connect(0, 1), 1800],
    ['load balancer, UDP', SnatLab.loadBalancer(1, 8), lab => lab.open(0, UDP, 1), 1800],
    ['NAT gateway, FIN', SnatLab.natGateway(1), lab => lab.close(lab.connect(0, 1)), 65],
    ['NAT gateway, RST', SnatLab.natGateway(1), lab => lab.abort(lab.connect(0, 1)), 16],
    ['NAT gateway, half open', SnatLab.natGateway(1), lab => lab.open(0, TCP, 1), 30],
    ['NAT gateway, idle', SnatLab.natGateway(1), lab => lab.connect(0, 1), 240],
    ['NAT gateway, UDP', SnatLab.natGateway(1), lab => lab.open(0, UDP, 1), 240 + 65],
  ]
  it.each(cases)('%s: free to the nanosecond', (_, lab, make, seconds) => {
    lab.seconds = 0
    make(lab)
    lab.clock[0] = seconds * SECOND - 1
    lab.table.settle()
    expect(lab.table.flows.live).toBe(1)
    lab.clock[0] = seconds * SECOND
    lab.table.settle()
    expect(lab.table.flows.live).toBe(0)
  })

  it('of a NAT gateway is blocked for its destination for 65 s after the FIN, and free for another at once', () => {
    const lab = SnatLab.natGateway(1, { ports: 1 })
    lab.seconds = 100
    lab.close(lab.connect(0, 4285))
    lab.seconds = 101
    expect(lab.connect(1, 5768)).toBe(-1)
    expect(lab.connect(1, 5768, 2)).toBeGreaterThanOrEqual(0)
    lab.clock[0] = 165 * SECOND - 1
    expect(lab.connect(1, 5769)).toBe(-1)
    lab.clock[0] = 165 * SECOND
    expect(lab.connect(1, 5769)).toBeGreaterThanOrEqual(0)
  })

  it('is found free in the very moment, although nobody has looked at the clock since', () => {
    const lab = SnatLab.loadBalancer(1, 8)
    const records = Array.from({ length: 8 }, (_, i) => lab.connect(0, i))
    lab.clock[0] = 7.000_000_123 * SECOND
    for (const record of records) lab.abort(record)
    lab.clock[0] = 22.000_000_123 * SECOND - 1
    expect(lab.connect(0, 100)).toBe(-1)
    lab.clock[0] += 1
    expect(lab.connect(0, 101)).toBeGreaterThanOrEqual(0)
  })

  it('serves a tuple that opens again under another port, while what is late still passes', () => {
    const lab = SnatLab.loadBalancer(1, 8)
    const first = lab.connect(0, 7)
    lab.close(first)
    expect(lab.table.isClosed(first)).toBe(true)
    expect(lab.table.fromInside(TCP, 0, 1, (7 << 16) | 443)).toBe(first)
    lab.table.forget(first)
    const second = lab.connect(0, 7)
    expect(lab.external(second)).not.toEqual(lab.external(first))
    expect(lab.table.fromInside(TCP, 0, 1, (7 << 16) | 443)).toBe(second)
    lab.seconds = 240
    lab.table.settle()
    expect(lab.table.flows.live).toBe(1)
  })

  it('an idle connection of a load balancer is reset, one of a NAT gateway only forgotten, and traffic keeps both', () => {
    for (const [lab, minutes, resets] of [
      [SnatLab.loadBalancer(1, 8), 30, 1],
      [SnatLab.natGateway(1), 4, 0],
    ] as const) {
      const record = lab.connect(0, 1)
      lab.open(0, TCP, 2)
      lab.seconds = minutes * 60 - 1
      lab.table.settle()
      lab.table.followTcp(record, IN, ACK, 5)
      lab.seconds = (2 * minutes - 1) * 60
      lab.table.settle()
      expect(lab.table.flows.live).toBe(1)
      expect(lab.resets).toHaveLength(0)
      lab.seconds = 2 * minutes * 60
      lab.table.settle()
      expect(lab.table.flows.live).toBe(0)
      expect(lab.resets).toHaveLength(resets)
    }
  })

  it('a half-closed connection of a NAT gateway lives on', () => {
    const lab = SnatLab.natGateway(1)
    const record = lab.connect(0, 1)
    lab.table.followTcp(record, OUT, ACK | 1, 3)
    lab.seconds = 200
    lab.table.settle()
    lab.table.followTcp(record, IN, ACK, 3)
    lab.seconds = 400
    lab.table.settle()
    expect(lab.table.flows.live).toBe(1)
  })
})

describe('limits of a NAT gateway', () => {
  it.each([
    [1, 50_000],
    [2, 100_000],
  ])('%i addresses hold %i connections to one destination', (addresses, most) => {
    const lab = SnatLab.natGateway(addresses)
    let passed = 0
    for (let i = 0; i < most + 10; i++) if (lab.open(i & 7, TCP, i) >= 0) passed++
    expect(passed).toBe(most)
    expect(lab.table.counts).toMatchObject({ attempted: most + 10, failed: 10 })
    expect(lab.open(0, TCP, 5, 2)).toBeGreaterThanOrEqual(0)
    expect(lab.open(0, UDP, 5, 1)).toBeGreaterThanOrEqual(0)
  })

  it('two million connections are all there can be', () => {
    const lab = SnatLab.natGateway(1, { connections: 100 })
    const passed = Array.from({ length: 120 }, (_, i) => lab.open(0, TCP, i, i)).filter(record => record >= 0)
    expect(passed).toHaveLength(100)
  })

  it('takes unused ports first: until all have served one, none serves two', () => {
    const lab = SnatLab.natGateway(2, { ports: 100 })
    const keys = new Set<string>()
    for (let i = 0; i < 200; i++) {
      const { address, port } = lab.external(lab.open(0, TCP, i, 1 + (i % 50)))
      keys.add(`${address}:${port}`)
    }
    expect(keys.size).toBe(200)
    expect(lab.open(0, TCP, 300, 1)).toBeGreaterThanOrEqual(0)
  })
})

describe('the pool of a load balancer', () => {
  it('gives each node half its ports from the 51st node on; connections on the other half are broken, and no others', () => {
    const lab = SnatLab.loadBalancer(50, 0, 1, {}, 60)
    expect(lab.table.ports.capacityOf(0)).toBe(1024)
    for (let i = 0; i < 1024; i++) expect(lab.connect(0, i)).toBeGreaterThanOrEqual(0)
    for (let i = 0; i < 300; i++) lab.connect(1, i)
    lab.table.change(lab.blocks!, [50], [])
    expect([0, 1, 50].map(node => lab.table.ports.capacityOf(node))).toEqual([512, 512, 512])
    expect(lab.table.counts.broken).toBe(512)
    expect(lab.table.ports.inUse(0, TCP)).toBe(512)
    expect(lab.table.ports.inUse(1, TCP)).toBe(300)
    expect(lab.connect(0, 5000)).toBe(-1)
    // Back to 50 nodes: ports are added, every connection stays.
    lab.table.change(lab.blocks!, [], [50])
    expect(lab.table.counts.broken).toBe(512)
    expect(lab.table.ports.capacityOf(0)).toBe(1024)
    for (let i = 0; i < 512; i++) expect(lab.connect(0, 6000 + i)).toBeGreaterThanOrEqual(0)
    expect(lab.connect(0, 9000)).toBe(-1)
  })

  it('uses a frontend up before the next is touched, and serves 128 nodes with 1,000 ports each from two', () => {
    const lab = SnatLab.loadBalancer(129, 1000, 2)
    expect(lab.table.ports.capacityOf(127)).toBe(1000)
    expect(lab.table.ports.capacityOf(128)).toBe(0)
    expect(lab.connect(128, 1)).toBe(-1)
    const two = SnatLab.loadBalancer(100, 0, 2)
    const addresses = Array.from({ length: 1024 }, (_, i) => two.external(two.connect(3, i)).address)
    expect(addresses).toEqual([...Array(512).fill(1000), ...Array(512).fill(1001)])
    expect(two.connect(3, 2000)).toBe(-1)
  })

  it('leaves other nodes their ports when one is exhausted', () => {
    const lab = SnatLab.loadBalancer(3, 64)
    const passed = (node: number) => Array.from({ length: 100 }, (_, i) => lab.connect(node, i)).filter(record => record >= 0).length
    expect([0, 1].map(passed)).toEqual([64, 64])
    expect(lab.table.ports.inUse(2, TCP)).toBe(0)
    expect([...lab.table.refused.subarray(0, 3)]).toEqual([36, 36, 0])
    expect(lab.table.pools.top()[0]).toMatchObject({ owner: 0, peak: 64, refused: 36, port: 443 })
  })
})

type Step = readonly [what: number, a: number, b: number, c: number]

/** Everything that is live, as a plain map; each step is checked against it. */
function walk(lab: SnatLab, steps: readonly Step[], nodes: number): void {
  const live = new Map<number, string>()
  let source = 0
  const tupleOf = (record: number): string => {
    const { words } = lab.table.flows
    const [, target, , external, answer, key] = words.subarray(record * 16, record * 16 + 6)
    return `${key & 0xff} ${target} ${answer >>> 16} ${external} ${answer & 0xffff}`
  }
  const present = new Set(Array.from({ length: nodes }, (_, i) => i))
  for (const [what, a, b, c] of steps) {
    const records = [...lab.table.flows.all()]
    const some = records[a % Math.max(1, records.length)]
    if (what < 10) {
      const owner = a % nodes
      if (lab.blocks === null || present.has(owner)) {
        const protocol = b & 1 ? TCP : UDP
        const record =
          protocol === TCP && what < 7
            ? lab.connect(owner, source++, b % 3, 80 + (c % 2))
            : lab.open(owner, protocol, source++, b % 3, c % 2)
        if (record >= 0) live.set(record, tupleOf(record))
      }
    } else if (what < 12 && some !== undefined) lab.close(some)
    else if (what === 12 && some !== undefined) lab.abort(some)
    else if (what === 13) {
      lab.clock[0] += [1, 4e6, 1e9, 15e9, 66e9, 241e9][c % 6]
      lab.table.settle()
    } else if (lab.blocks !== null) {
      const node = a % nodes
      if (present.delete(node)) lab.table.change(lab.blocks, [], [node])
      else {
        present.add(node)
        lab.table.change(lab.blocks, [node], [])
      }
    }
    const now = [...lab.table.flows.all()]
    const tuples = new Set(now.map(tupleOf))
    expect(tuples.size).toBe(now.length)
    expect(lab.table.flows.live).toBe(now.length)
    if (lab.blocks !== null) {
      for (const record of now) expect(present.has(lab.table.flows.words[record * 16 + 5] >> 8)).toBe(true)
    }
  }
  // Every port is back after the last timeout, and as many flows fit as at first.
  lab.clock[0] += 4000 * SECOND
  lab.table.settle()
  expect(lab.table.flows.live).toBe(0)
  for (let node = 0; node < nodes; node++) {
    expect(lab.table.ports.inUse(node, TCP) + lab.table.ports.inUse(node, UDP)).toBe(0)
    if (lab.blocks === null) continue
    const most = lab.table.ports.capacityOf(node)
    const before = lab.table.counts.failed
    for (let i = 0; i < most; i++) lab.open(node, TCP, source++, 50)
    expect(lab.table.counts.failed).toBe(before)
    expect(lab.open(node, TCP, source++, 50)).toBe(-1)
  }
}

describe('no two live flows share what the outside answers to', () => {
  const step = fc.tuple(fc.nat(15), fc.nat(1000), fc.nat(1000), fc.nat(1000))
  const runs = { numRuns: LONG ? 2000 : 120, seed: 4 }

  it('at a load balancer with ports by hand, nodes coming and going', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), steps => walk(SnatLab.loadBalancer(4, 8), steps, 4)),
      runs,
    )
  })
  it('at a load balancer whose pool crosses tiers', () => {
    const tiers = (nodes: number): number => (nodes <= 2 ? 32 : nodes <= 4 ? 16 : 8)
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), steps => walk(SnatLab.tiered(6, tiers), steps, 6)),
      runs,
    )
  })
  it('at a NAT gateway', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), steps => walk(SnatLab.natGateway(2, { ports: 10, perDestination: 8 }), steps, 4)),
      runs,
    )
  })
  it('and a SYN alone is one of them', () => {
    const lab = SnatLab.natGateway(1, { ports: 2 })
    const record = lab.open(0, TCP, 1)
    lab.table.followTcp(record, OUT, SYN, 0)
    expect(lab.table.counts.established).toBe(0)
    lab.table.followTcp(record, IN, SYN | ACK, 1)
    expect(lab.table.counts.established).toBe(1)
  })
})
