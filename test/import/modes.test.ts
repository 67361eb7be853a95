// Clusters of all five addressing modes, from az and from kubectl alone: what the dump does not say is guessed so that it loads, and said.
import { describe, expect, test } from 'vitest'
import { planCluster } from '../../src/cluster/plan.js'
import { importCluster } from '../../src/import/import-cluster.js'
import { loadAdmitted } from '../../src/run/admitted.js'
import { formatIpv4 } from '../../src/wire/address.js'

const nodeName = (n: number): string => `aks-np-12345678-vmss00000${n}`
const node = (n: number, podCIDR?: string, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: nodeName(n), labels: { agentpool: 'np', ...labels } },
  spec: podCIDR === undefined ? {} : { podCIDR },
  status: { addresses: [{ type: 'InternalIP', address: `10.1.0.${4 + 31 * n}` }], capacity: { pods: '30' } },
})
const pod = (i: number, n: number, podIP: string, hostIP = `10.1.0.${4 + 31 * n}`) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `p${i}`, namespace: 'd' },
  spec: { nodeName: nodeName(n) },
  status: { phase: 'Running', podIP, hostIP, conditions: [{ type: 'Ready', status: 'True' }] },
})
const az = (profile: object, pool: object = {}) => ({
  name: 'c',
  networkProfile: { networkPlugin: 'azure', networkPluginMode: null, serviceCidr: '10.0.0.0/16', dnsServiceIp: '10.0.0.10', ...profile },
  agentPoolProfiles: [{ name: 'np', count: 2, maxPods: 30, vnetSubnetId: '/s/subnets/nodes', ...pool }],
})
const subnets = [
  { name: 'nodes', id: '/s/subnets/nodes', addressPrefix: '10.1.0.0/24' },
  { name: 'pods', id: '/s/subnets/pods', addressPrefix: '10.2.0.0/24' },
]

/** Mode and pods of what comes out, planned as a run would. */
function planned(sources: Parameters<typeof importCluster>[0]) {
  const { scenario, notes } = importCluster(sources)
  const loaded = loadAdmitted(scenario).scenario
  const plan = planCluster(loaded)
  const pods = [...plan.pods.address].map((address, i) => `${plan.nodes[plan.pods.node[i]].name.slice(-1)} ${formatIpv4(address)}`)
  return { mode: loaded.cluster.networkProfile.addressing, pods, pending: plan.pending.length, notes, loaded }
}

describe('with what az says', () => {
  test.each([
    ['nodeSubnet', az({}), [node(0), node(1), pod(0, 0, '10.1.0.10')], ['0 10.1.0.10']],
    ['podSubnetDynamic', az({}, { podSubnetId: '/s/subnets/pods' }), [node(0), node(1), pod(0, 0, '10.2.0.10')], ['0 10.2.0.10']],
    [
      'podSubnetStatic',
      az({}, { podSubnetId: '/s/subnets/pods', podIpAllocationMode: 'StaticBlock' }),
      [node(0), node(1), pod(0, 0, '10.2.0.18'), pod(1, 0, '10.2.0.19')],
      ['0 10.2.0.18', '0 10.2.0.19'],
    ],
    [
      'kubenet',
      az({ networkPlugin: 'kubenet', podCidr: '10.244.0.0/16' }),
      [node(0, '10.244.0.0/24'), node(1, '10.244.1.0/24'), pod(0, 1, '10.244.1.10')],
      ['1 10.244.1.10'],
    ],
    [
      'overlay',
      az({ networkPluginMode: 'overlay', podCidr: '10.244.0.0/16', networkDataplane: 'cilium', networkPolicy: 'cilium' }),
      [node(0), node(1), pod(0, 0, '10.244.0.10'), pod(1, 1, '10.244.3.10')],
      ['0 10.244.0.10', '1 10.244.3.10'],
    ],
  ])('%s', (mode, cluster, objects, pods) => {
    expect(planned({ az: cluster, subnets, kubernetes: objects })).toMatchObject({ mode, pods, pending: 0, notes: [] })
  })
})

describe('from kubectl alone', () => {
  const overlay = { 'kubernetes.azure.com/podnetwork-type': 'overlay' }
  const podSubnet = { 'kubernetes.azure.com/podnetwork-subnet': 'pods', 'kubernetes.azure.com/network-subnet': 'nodes' }
  test.each([
    ['nodeSubnet', [node(0), node(1), pod(0, 0, '10.1.0.10'), pod(1, 1, '10.1.0.40')], ['0 10.1.0.10', '1 10.1.0.40']],
    ['podSubnetDynamic', [node(0, undefined, podSubnet), pod(0, 0, '10.2.0.5')], ['0 10.2.0.5']],
    ['overlay', [node(0, undefined, overlay), pod(0, 0, '10.244.7.5')], ['0 10.244.7.5']],
    ['overlay', [pod(0, 0, '10.244.0.5'), pod(1, 1, '10.244.1.6')], ['0 10.244.0.5', '1 10.244.1.6']],
  ])('%s', (mode, objects, pods) => {
    expect(planned({ kubernetes: objects })).toMatchObject({ mode, pods, pending: 0 })
  })
  test('pods beside the blocks of their nodes get other addresses, and it is said', () => {
    const objects = [node(0, '10.244.0.0/24'), node(1, '10.244.1.0/24'), pod(0, 0, '192.168.4.5'), pod(1, 1, '10.244.1.7')]
    const { mode, pods, notes } = planned({ kubernetes: objects })
    expect([mode, pods]).toEqual(['overlay', ['0 10.244.0.4', '1 10.244.1.7']])
    expect(notes).toContain("given another address, because theirs is not in their node's block or another pod has it: 1 pod")
  })
  test('who enforces policies is told by the pods that do it', () => {
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'p', namespace: 'd' },
      spec: { podSelector: {} },
    }
    const agent = (name: string) => ({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name, namespace: 'kube-system' }, spec: {} })
    const engineOf = (...objects: object[]) =>
      planned({ kubernetes: [node(0, '10.244.0.0/24'), ...objects] }).loaded.cluster.networkProfile.networkPolicy
    expect(engineOf(policy, agent('azure-npm'))).toBe('azure')
    expect(engineOf(policy, agent('cilium'))).toBe('cilium')
    expect(engineOf(policy)).toBe('calico')
    expect(engineOf()).toBe('none')
  })
})
