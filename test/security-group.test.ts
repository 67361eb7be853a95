// Network security groups: the rule that decides is the one a plain walk finds; what the VNet sees under VXLAN are nodes alone, without it
// pods; flows are stateful; and a group that kills the tunnel is told before the run and in its result.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admit } from '../src/cluster/admission.js'
import { compileGroups } from '../src/cluster/nsg-compile.js'
import { planCluster } from '../src/cluster/plan.js'
import { explainerOf } from '../src/cluster/policy-explain.js'
import { loadScenario } from '../src/scenario/load.js'
import { allowsRow, decidingRow, INBOUND, OUTBOUND } from '../src/table/nsg.js'
import { contains, parseCidr, parseIpv4 } from '../src/wire/address.js'
import { runShards, runWith } from './support/any-run.js'

interface Rule {
  readonly name: string
  readonly priority: number
  readonly direction: string
  readonly access: string
  readonly protocol?: string
  readonly sourceAddressPrefix?: string
  readonly destinationAddressPrefixes?: readonly string[]
  readonly destinationPortRange?: string
  readonly sourcePortRange?: string
}

const scenario = (rules: readonly Rule[], rest: object = {}, encapsulation = 'vxlan') => ({
  apiVersion: 'vxlane/v1',
  name: 'nsg',
  duration: '60ms',
  vnet: {
    addressSpace: ['10.224.0.0/12'],
    subnets: { 'aks-nodes': { cidr: '10.224.0.0/16', networkSecurityGroup: { securityRules: rules } }, vms: { cidr: '10.225.0.0/16' } },
  },
  cluster: {
    networkProfile: { networkPluginMode: 'overlay', outboundType: 'none', podCidr: '10.244.0.0/16' },
    agentPoolProfiles: [{ name: 'np', count: 3 }],
  },
  fabric: { encapsulation },
  workloads: [
    { namespace: 'a', name: 'c', replicas: 3 },
    { namespace: 'a', name: 's', replicas: 3 },
  ],
  endpoints: [{ name: 'vm', address: '10.225.0.9', location: 'vnet' }],
  traffic: [
    {
      name: 'east-west',
      from: { workload: 'a/c' },
      to: { workload: 'a/s', port: 80 },
      protocol: 'udp',
      size: '300B',
      rate: '1000/s',
      flows: 4,
      answer: { size: '100B' },
    },
  ],
  ...rest,
})

const deny = (rest: Partial<Rule>): Rule => ({ name: 'no', priority: 100, direction: 'Inbound', access: 'Deny', ...rest })
const codes = (given: object) => admit(loadScenario(given).scenario).map(({ code }) => code)

describe('a group on the node subnet', () => {
  it('without rules of its own changes nothing, under VXLAN and without', async () => {
    for (const encapsulation of ['vxlan', 'none']) {
      const free = {
        ...scenario([], {}, encapsulation),
        vnet: { subnets: { 'aks-nodes': { cidr: '10.224.0.0/16' }, vms: { cidr: '10.225.0.0/16' } } },
      }
      expect((await runWith(scenario([], {}, encapsulation), 0)).digest).toBe((await runWith(free, 0)).digest)
    }
  })

  it('that denies UDP 4789 kills the tunnel, and says so before and after', async () => {
    const given = scenario([deny({ protocol: 'Udp', destinationPortRange: '4789' })])
    expect(codes(given)).toEqual(['NsgBlocksTunnel'])
    const result = await runWith(given, 0)
    expect(result.warnings.map(({ code }) => code)).toContain('NsgBlocksTunnel')
    expect(result.totals.decapsulated).toBe(0)
    expect(result.drops.byReason.nsgDenied).toBe(result.totals.encapsulated - result.totals.inFlight)
    expect(result.drops.total).toBe(result.drops.byReason.nsgDenied)
  })

  it('cannot see pods under VXLAN: rules about their addresses do nothing', async () => {
    const rule = deny({ sourceAddressPrefix: '10.244.0.0/16' })
    expect((await runWith(scenario([rule]), 0)).drops.total).toBe(0)
    expect(codes(scenario([rule], {}, 'none'))).toEqual(['NsgBlocksOverlay'])
    const seen = await runWith(scenario([rule], {}, 'none'), 0)
    expect(seen.drops.byReason.nsgDenied).toBe(seen.drops.total)
    expect(seen.drops.total).toBeGreaterThan(100)
  })

  it('lets answers of a flow in that it would not let in by itself', async () => {
    const closed = deny({ sourceAddressPrefix: '10.225.0.0/16' })
    const traffic = (from: object, to: object) => [
      { name: 'x', from, to: { ...to, port: 53 }, protocol: 'udp', size: '100B', rate: '1000/s', answer: { size: '200B' } },
    ]
    const out = await runWith(scenario([closed], { traffic: traffic({ workload: 'a/c' }, { endpoint: 'vm' }) }), 0)
    expect(out.drops.total).toBe(0)
    expect(out.totals.delivered).toBeGreaterThan(300)
    const into = await runWith(scenario([closed], { traffic: traffic({ endpoint: 'vm' }, { node: 'np/0' }) }), 0)
    expect(into.totals.delivered).toBe(0)
    expect(into.drops.byReason.nsgDenied).toBeGreaterThan(40)
  })

  it.each(['vxlan', 'none'])('leaves the same result for any shards, express or by the steps (%s)', encapsulation => {
    const rules = [
      deny({ protocol: 'Udp', sourcePortRange: '32768-45000', destinationPortRange: '4789' }),
      deny({ name: 'pods', priority: 200, direction: 'Outbound', destinationAddressPrefixes: ['10.244.1.0/24'] }),
    ]
    const given = scenario(rules, {}, encapsulation)
    const alone = runShards(given, 1)
    expect(runShards(given, 1, true)).toEqual(alone)
    for (const shards of [2, 3]) expect(runShards(given, shards)).toEqual(alone)
  })

  it('is taken as az prints it, and two rules of one priority are refused', () => {
    const printed = {
      ...deny({ protocol: 'TCP', direction: 'inbound', access: 'deny', destinationPortRange: '443' }),
      ...{ id: '/subscriptions/x', etag: 'W/1', provisioningState: 'Succeeded', resourceGroup: 'rg', sourceAddressPrefixes: [] },
      ...{ type: 'Microsoft.Network/networkSecurityGroups/securityRules', sourceAddressPrefix: 'internet', sourcePortRanges: [] },
    }
    expect(codes(scenario([printed]))).toEqual([])
    expect(() => loadScenario(scenario([deny({}), deny({ name: 'again' })]))).toThrow(/SecurityRuleConflict/)
    expect(() => loadScenario(scenario([deny({ sourceAddressPrefix: 'Storage' })]))).toThrow(
      /NotSupportedYet: not supported yet: service tag Storage/,
    )
  })
})

const PREFIXES = ['*', '10.224.0.0/16', '10.224.0.4', '10.244.0.0/16', '203.0.113.0/24', 'VirtualNetwork', 'Internet', 'AzureLoadBalancer']
const PORTS = ['*', '80', '79-81', '0-1024', '4789']
const ADDRESSES = ['10.224.0.4', '10.224.0.5', '10.225.0.9', '10.244.1.7', '203.0.113.9', '168.63.129.16', '8.8.8.8'].map(
  text => parseIpv4(text)!,
)

const anyRule = fc.record({
  priority: fc.integer({ min: 100, max: 120 }),
  direction: fc.constantFrom('Inbound', 'Outbound'),
  access: fc.constantFrom('Allow', 'Deny'),
  protocol: fc.constantFrom('*', 'Tcp', 'Udp', 'Icmp'),
  sourceAddressPrefixes: fc.uniqueArray(fc.constantFrom(...PREFIXES), { minLength: 1, maxLength: 2 }),
  sourcePortRange: fc.constantFrom(...PORTS),
  destinationAddressPrefixes: fc.uniqueArray(fc.constantFrom(...PREFIXES), { minLength: 1, maxLength: 2 }),
  destinationPortRanges: fc.uniqueArray(fc.constantFrom(...PORTS), { minLength: 1, maxLength: 2 }),
})
type AnyRule = typeof anyRule extends fc.Arbitrary<infer R> ? R : never

const NUMBERS: Readonly<Record<string, number>> = { Tcp: 6, Udp: 17, Icmp: 1 }

/** Azure's description of a rule's fields, word by word; `vnet` says what the tag VirtualNetwork holds. */
function fits(
  rule: AnyRule,
  vnet: readonly string[],
  protocol: number,
  [from, to]: readonly number[],
  [fromPort, toPort]: readonly number[],
): boolean {
  const inVnet = (address: number): boolean => vnet.some(range => contains(parseCidr(range)!, address))
  const at = (prefix: string, address: number): boolean => {
    if (prefix === '*') return true
    if (prefix === 'VirtualNetwork') return inVnet(address)
    if (prefix === 'Internet') return !inVnet(address)
    if (prefix === 'AzureLoadBalancer') return address === parseIpv4('168.63.129.16')
    return contains(parseCidr(prefix.includes('/') ? prefix : `${prefix}/32`)!, address)
  }
  const on = (range: string, port: number): boolean => {
    const [first, last = first] = range.split('-').map(Number)
    return range === '*' || (port >= first && port <= last)
  }
  return (
    (rule.protocol === '*' || NUMBERS[rule.protocol] === protocol) &&
    rule.sourceAddressPrefixes.some(prefix => at(prefix, from)) &&
    rule.destinationAddressPrefixes.some(prefix => at(prefix, to)) &&
    on(rule.sourcePortRange, fromPort) &&
    rule.destinationPortRanges.some(range => on(range, toPort))
  )
}

it('any rules decide as a plain walk in order of priority does', { timeout: 1_200_000 }, () => {
  const address = fc.constantFrom(...ADDRESSES)
  const port = fc.constantFrom(53, 79, 80, 1024, 4789, 40_000)
  const packet = fc.record({ protocol: fc.constantFrom(1, 6, 17), ends: fc.tuple(address, address), ports: fc.tuple(port, port) })
  const rules = fc.uniqueArray(anyRule, { maxLength: 8, selector: rule => `${rule.direction}${rule.priority}` })
  fc.assert(
    fc.property(
      rules,
      fc.array(packet, { minLength: 20, maxLength: 20 }),
      fc.constantFrom('vxlan', 'none'),
      (list, packets, encapsulation) => {
        const named = list.map((rule, i) => ({ ...rule, name: `r${i}` }))
        const { scenario: loaded } = loadScenario(scenario(named, {}, encapsulation))
        const plan = planCluster(loaded)
        const explainer = explainerOf(loaded, plan, 0)
        const table = compileGroups(loaded, plan, plan.nodes.length + 1)!
        const vnet = ['10.224.0.0/12', '168.63.129.16/32', '169.254.169.254/32', ...(encapsulation === 'none' ? ['10.244.0.0/16'] : [])]
        const inVnet = (end: number): boolean => vnet.some(range => contains(parseCidr(range)!, end))
        for (const { protocol, ends, ports } of packets) {
          for (const direction of [INBOUND, OUTBOUND]) {
            const own = list
              .filter(rule => (rule.direction === 'Inbound') === (direction === INBOUND))
              .sort((a, b) => a.priority - b.priority)
            const first = own.find(rule => fits(rule, vnet, protocol, ends, ports))
            const byDefault =
              (inVnet(ends[0]) && inVnet(ends[1])) || (direction === OUTBOUND ? !inVnet(ends[1]) : ends[0] === parseIpv4('168.63.129.16'))
            const row = decidingRow(table, 0, direction, protocol, ends[0], ends[1], (ports[0] << 16) | ports[1])
            expect(allowsRow(table, row)).toBe(first ? first.access === 'Allow' : byDefault)
            const facts = { source: ends[0], target: ends[1], protocol, sourcePort: ports[0], port: ports[1] }
            const said = explainer.group(facts, plan.nodes[0].address, direction === INBOUND ? 'Inbound' : 'Outbound')
            expect(said?.allowed).toBe(allowsRow(table, row))
            if (first) expect(said?.rule).toBe(named[list.indexOf(first)].name)
          }
        }
      },
    ),
    { numRuns: process.env.VXLANE_LONG === '1' ? 3000 : 150 },
  )
})
