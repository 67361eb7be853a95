// The sample cluster as a scenario: whatever it was read from, the same one comes out; it loads, and keeps every fact on the way.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { planCluster } from '../../src/cluster/plan.js'
import { scenarioYaml } from '../../src/import/cluster-text.js'
import { importCluster, mergeAll } from '../../src/import/import-cluster.js'
import { loadAdmitted } from '../../src/run/admitted.js'
import { run } from '../../src/run/run.js'
import { showScenario } from '../../src/scenario/show.js'
import { formatIpv4 } from '../../src/wire/address.js'
import { collected, sampleBytes } from '../kube/read-text.js'
import { CLI_OVERLAY, SUBNETS } from './az-samples.js'

const folder = mkdtempSync(join(tmpdir(), 'vxlane-'))
const json = (name: string): unknown => JSON.parse(sampleBytes(name).toString('utf8'))
const expected = json('expected.json') as { pods: Record<string, unknown>[]; nodes: Record<string, unknown>[] }

interface Plain {
  workloads: { namespace: string; name: string; hostNetwork?: boolean; pods?: { name: string; node?: string; address?: string }[] }[]
  cluster: { agentPoolProfiles: { nodes: { name: string; address: string; podCidr: string }[] }[] }
  networkPolicies: unknown[]
}

const imported = importCluster({ kubernetes: [json('all.json')] })
const scenario = imported.scenario as unknown as Plain

describe('the scenario', () => {
  test('is the same from JSON, from YAML, and from one list a kind', () => {
    expect(importCluster({ kubernetes: [parse(sampleBytes('all.yaml').toString('utf8'))] })).toEqual(imported)
    const lists = importCluster({ kubernetes: ['pods.json', 'networkpolicies.json', 'services.json', 'nodes.json'].map(json) }).scenario
    const { namespaces: _, services: whole, ...rest } = imported.scenario as Record<string, unknown>
    // Without namespaces and slices, the labels of the ones and the addresses behind default/kubernetes are unknown.
    const { services, ...same } = lists as Record<string, unknown>
    expect(same).toEqual(rest)
    const withoutEndpoints = (list: unknown) => (list as Record<string, unknown>[]).map(({ endpoints: __, ...service }) => service)
    expect(withoutEndpoints(services)).toEqual(withoutEndpoints(whole))
  })
  test('has every pod that holds an address, where expected.json has it', () => {
    const pods = scenario.workloads.flatMap(({ namespace, hostNetwork = false, pods: own = [] }) =>
      own.map(({ name, node = null, address = null }) => ({ pod: `${namespace}/${name}`, node, ip: address, hostNetwork })),
    )
    const wanted = expected.pods
      .filter(({ phase }) => phase !== 'Succeeded')
      .map(({ pod, node, ip, hostNetwork }) => ({ pod, node, ip: hostNetwork ? null : ip, hostNetwork }))
    const byName = (a: { pod: unknown }, b: { pod: unknown }): number => String(a.pod).localeCompare(String(b.pod))
    expect(pods.toSorted(byName)).toEqual(wanted.toSorted(byName))
    expect(scenario.cluster.agentPoolProfiles[0].nodes).toEqual(
      expected.nodes.map(({ name, ip, podCIDR }) => ({ name, address: ip, podCidr: podCIDR })),
    )
  })
  test('has the policies in their own words', () => {
    const { items } = json('networkpolicies.json') as { items: { metadata: { name: string; namespace: string }; spec: unknown }[] }
    expect(scenario.networkPolicies).toEqual(
      items.map(({ metadata: { name, namespace }, spec }) => ({ metadata: { name, namespace }, spec })),
    )
  })
  test('says what was assumed and what was left out', () => {
    expect(imported.skipped).toEqual({})
    expect(imported.notes).toEqual([
      "assumed: serviceCidr 10.0.0.0/16, the range around the Services' addresses",
      'assumed: subnet aks-nodes is 10.224.0.0/16; az network vnet subnet list -o json (--subnets) would say it',
      "assumed: podCidr 10.244.0.0/16, the range around the nodes' blocks and the pods' addresses",
      'assumed: networkPolicy calico, because there are NetworkPolicies (4) and no pod tells who enforces them',
      'left out: 1 pod done (Succeeded, Failed), without an address any more',
      'Pending without an address: 1 pod, placed by vxlane and not ready',
    ])
  })
})

describe('written down', () => {
  const { facts, ...rest } = collected(sampleBytes('all.json'))
  expect(rest).toEqual({ faults: [], repeated: [] })
  const text = scenarioYaml(mergeAll({}, { facts, repeated: [] } as never, []), ['all.json'])

  test('as YAML, it is the same scenario', () => {
    expect(parse(text)).toEqual(imported.scenario)
  })
  test('and loaded, shown, loaded again: one hash', () => {
    const loaded = loadAdmitted(imported.scenario)
    const file = join(folder, 'shown.yaml')
    writeFileSync(file, showScenario(loaded))
    const again = loadAdmitted(file)
    expect(again.hash).toBe(loaded.hash)
    expect(showScenario(again).split('\n').slice(1)).toHaveLength(showScenario(loaded).split('\n').length - 1)
  })
  test('it is scenarios/imported-cluster.yaml up to who talks to whom', () => {
    const example = readFileSync(new URL('../../scenarios/imported-cluster.yaml', import.meta.url), 'utf8')
    const facts = (whole: string): string => whole.slice(whole.indexOf('\nvnet:'), whole.indexOf('\n# Who talks to whom'))
    expect(facts(example)).toBe(facts(text))
  })
})

test('it runs at once, every pod at its own address', async () => {
  const loaded = loadAdmitted(imported.scenario)
  const { pods, pending } = planCluster(loaded.scenario)
  expect(pending).toEqual([])
  const addresses = new Set([...pods.address].map(formatIpv4))
  for (const { ip, phase, hostNetwork } of expected.pods) if (phase === 'Running' && !hostNetwork) expect(addresses).toContain(ip)
  const traffic = [{ from: { workload: 'shop/web' }, to: { workload: 'shop/api', port: 3000 }, size: '500B', rate: '50/s' }]
  const result = await run(loadAdmitted({ ...imported.scenario, duration: '100ms', traffic }), { workers: 0 })
  expect(result.totals.sent).toBeGreaterThan(0)
})

test('with what az says of it, nothing about the network is assumed', () => {
  const both = importCluster({ az: CLI_OVERLAY, subnets: SUBNETS, kubernetes: [json('all.json')] })
  expect(both.notes.filter(note => note.startsWith('assumed'))).toEqual([])
  const { vnet, cluster } = both.scenario as { vnet: unknown; cluster: { agentPoolProfiles: unknown[] } }
  expect(vnet).toEqual({ subnets: { nodes: { cidr: '10.224.0.0/20', occupied: 3 }, pods: { cidr: '10.225.0.0/16' } } })
  expect(cluster.agentPoolProfiles).toMatchObject([
    { name: 'nodepool1', count: 3, maxPods: 250, vnetSubnet: 'nodes', upgradeSettings: { maxSurge: '33%' }, nodes: [{}, {}, {}] },
  ])
})
