// The outer source port: Linux's own formula on published rows, and what the recordings say a flow's port depends on and does not.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flowHash, sourcePortOf } from '../../src/wire/flow.js'
import * as ipv4 from '../../src/wire/ipv4.js'
import * as udp from '../../src/wire/udp.js'

const FIRST = 32768
const LAST = 60999
const VECTORS = fileURLToPath(new URL('../../../shared/data/net-vectors.json', import.meta.url))

interface Flow {
  readonly from: number
  readonly to: number
  readonly fromPort?: number
  readonly toPort?: number
  readonly protocol?: number
  readonly ttl?: number
  readonly tos?: number
  readonly id?: number
  readonly flags?: number
}

function portOf({ from, to, fromPort = 5000, toPort = 7000, protocol = 17, ttl = 64, tos = 0, id = 0, flags = 0 }: Flow): number {
  const frame = new DataView(new ArrayBuffer(60))
  ipv4.write(frame, 14, tos, 40, id, flags, ttl, protocol, from, to)
  udp.write(frame, 34, fromPort, toPort, 20, 0)
  return sourcePortOf(flowHash(frame, 14), FIRST, LAST)
}

const address = fc.integer()
const port = fc.nat(0xffff)

describe('the outer source port', () => {
  it.skipIf(!existsSync(VECTORS))("scales a hash as Linux's udp_flow_src_port does", () => {
    for (const row of JSON.parse(readFileSync(VECTORS, 'utf8')).vxlanSourcePort.cases) {
      const hash = Number.parseInt(row.hash, 16)
      expect(sourcePortOf(hash ^ (hash << 16), row.min, row.max)).toBe(row.port)
    }
  })

  it('is the same for both directions and for all packets of a flow', () => {
    fc.assert(
      fc.property(address, address, port, port, fc.nat(255), fc.nat(0xffff), (from, to, fromPort, toPort, ttl, id) => {
        const wanted = portOf({ from, to, fromPort, toPort })
        expect(wanted).toBeGreaterThanOrEqual(FIRST)
        expect(wanted).toBeLessThan(LAST)
        expect(portOf({ from: to, to: from, fromPort: toPort, toPort: fromPort })).toBe(wanted)
        expect(portOf({ from, to, fromPort, toPort, ttl, tos: ttl, id, flags: ipv4.DONT_FRAGMENT })).toBe(wanted)
        const icmp = { from, to, protocol: 1 }
        expect(portOf({ ...icmp, fromPort, toPort })).toBe(portOf(icmp))
        const fragment = { from, to, flags: ipv4.MORE_FRAGMENTS }
        expect(portOf({ ...fragment, fromPort, toPort })).toBe(portOf(fragment))
        expect(portOf({ ...fragment, flags: 185 })).toBe(portOf(fragment))
      }),
    )
  })

  // The kernel gave 2000 flows 1936 ports (facts.json); 2000 balls in 28231 boxes fill 1931 on average.
  it.each([
    ['2000 source ports of one pair', (i: number) => ({ from: 0x0af4010b, to: 0x0af4020b, fromPort: 20000 + i })],
    ['pods to pods, the same ports', (i: number) => ({ from: 0x0af40100 + (i % 40), to: 0x0af40200 + Math.floor(i / 40) })],
    [
      'pods to one pod, ports counted up',
      (i: number) => ({ from: 0x0af40100 + (i % 200), to: 0x0af40909, fromPort: 32768 + Math.floor(i / 200) }),
    ],
    ['many blocks, one pod each', (i: number) => ({ from: 0x0af40004 + (i << 8), to: 0x0b000004 + (i << 8), fromPort: 40000 })],
  ])('is well spread: %s', (_, flow) => {
    const distinct = new Set(Array.from({ length: 2000 }, (_, i) => portOf(flow(i))))
    expect(distinct.size).toBeGreaterThan(1880)
  })
})
