// Whatever the numbers in a scenario are, admission answers with issues and never throws; and what it admits can be planned and compiled.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Ipv4 } from '../../src/base/brand.js'
import { admit } from '../../src/cluster/admission.js'
import { compile } from '../../src/cluster/compile.js'
import { planCluster } from '../../src/cluster/plan.js'
import { openImage } from '../../src/image/image.js'
import type { Scenario } from '../../src/scenario/model.js'
import { lpOf } from '../../src/table/address-index.js'
import { type Cidr, networkOf, overlaps } from '../../src/wire/address.js'
import { makeScenario, pool, udp, workload } from './make-scenario.js'

const anyAddress = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(value => value as Ipv4)
/** Mostly in a few networks, so that things meet. */
const nearAddress = fc
  .tuple(fc.constantFrom(0x0ae00000, 0x0af40000, 0x0a000000, 0xcb007100), fc.nat(600))
  .map(([base, n]) => ((base + n) | 0) as Ipv4)
const address = fc.oneof({ weight: 4, arbitrary: nearAddress }, { weight: 1, arbitrary: anyAddress })
const range = (least: number): fc.Arbitrary<Cidr> =>
  fc.tuple(address, fc.integer({ min: least, max: 32 })).map(([base, prefix]) => networkOf({ base, prefix }))

/** Mostly the default, or every scenario would be refused. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
const inside = (base: number, size: number): fc.Arbitrary<Ipv4> => fc.nat(size).map(n => (base + n) as Ipv4)
const block = fc.tuple(inside(0x0af40000, 0xffff), fc.integer({ min: 22, max: 29 })).map(([base, prefix]) => networkOf({ base, prefix }))
const mostly = <T>(sound: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 8, arbitrary: sound }, { weight: 1, arbitrary: other })

const host = fc.oneof(
  fc.record({ address: inside(0x0ae00004, 60), location: fc.constant('vnet' as const) }),
  fc.record({ address: inside(0xcb007100, 200), location: fc.constant('internet' as const) }),
  fc.record({ address, location: fc.constantFrom('internet' as const, 'vnet' as const, 'peered' as const) }),
)

const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    own: fc.record({
      podCidr: rarely(range(0)),
      serviceCidr: rarely(range(0)),
      dnsServiceIp: rarely(address),
      space: rarely(range(0)),
      subnet: rarely(range(1)),
      appliance: rarely(address),
      podInterface: rarely(fc.constant('gateway' as const)),
    }),
    counts: fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 3 }),
    nodes: fc.array(fc.record({ address: mostly(inside(0x0ae00004, 60), address), podCidr: mostly(block, range(16)) }), { maxLength: 4 }),
    pods: fc.array(fc.record({ node: fc.option(fc.constantFrom('n0', 'n1', 'p0/0')), address: mostly(inside(0x0af40000, 800), address) }), {
      maxLength: 6,
    }),
    endpoints: fc.array(host, {
      maxLength: 4,
    }),
    udr: fc.boolean(),
  })
  .map(({ own, counts, nodes, pods, endpoints, udr }) => {
    const base = makeScenario()
    const fixed = nodes.map((node, i) => ({ name: `n${i}`, ...node }))
    return makeScenario({
      vnet: {
        addressSpace: own.space ? [own.space] : base.vnet.addressSpace,
        subnets: own.subnet ? { 'aks-nodes': { cidr: own.subnet } } : base.vnet.subnets,
        peerings: [],
      },
      profile: {
        ...(own.podCidr ? { podCidr: own.podCidr } : {}),
        ...(own.serviceCidr ? { serviceCidr: own.serviceCidr } : {}),
        ...(own.dnsServiceIp !== undefined ? { dnsServiceIp: own.dnsServiceIp } : {}),
        outboundType: udr ? 'userDefinedRouting' : 'loadBalancer',
      },
      fabric: {
        podInterface: own.podInterface ?? 'transparent',
        appliance: { ...base.fabric.appliance, address: own.appliance ?? base.fabric.appliance.address },
      },
      pools: [
        ...counts.map((count, i) => pool(`p${i}`, count)),
        ...(fixed.length > 0 ? [pool('fixed', fixed.length, { nodes: fixed })] : []),
      ],
      workloads: [workload('a/x', 20), workload('a/fixed', pods.length, { pods: pods.map((pod, i) => ({ name: `f${i}`, ...pod })) })],
      endpoints: endpoints.map((endpoint, i) => ({ name: `e${i}`, ...endpoint })),
      traffic: [udp('t', 'a/x', 'a/fixed', { flows: 3 })],
    })
  })

describe('any scenario', () => {
  it('is refused with issues, or can be planned and compiled with no address or block given twice', () => {
    let admitted = 0
    fc.assert(
      fc.property(scenarios, scenario => {
        if (admit(scenario).some(({ severity }) => severity === 'error')) return
        admitted++
        const plan = planCluster(scenario)
        expect(plan.nodesRefused).toBe(0)
        expect(new Set(plan.pods.address).size).toBe(plan.pods.count)
        const blocks = plan.nodes.map(node => node.block).sort((a, b) => (a.base >>> 0) - (b.base >>> 0))
        for (let i = 1; i < blocks.length; i++) expect(overlaps(blocks[i - 1], blocks[i])).toBe(false)
        const image = compile(scenario, plan, { shards: 3, readReplay: () => [] })
        const { addressKey, addressLp, lpAddress, lpShard } = openImage(image)
        lpAddress.forEach((own, lp) => {
          expect(lpOf(addressKey, addressLp, own)).toBe(lp)
        })
        expect(Math.max(0, ...lpShard)).toBeLessThan(3)
      }),
      { numRuns: 1500 },
    )
    expect(admitted).toBeGreaterThan(50)
  })
})
