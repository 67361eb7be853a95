// Which addressing mode a file describes, what follows from it by default, and keys that do not fit together.
import { describe, expect, it, test } from 'vitest'
import { ADDRESSING_MODES, type AddressingMode } from '../../src/base/addressing-mode.js'
import { loadScenario } from '../../src/scenario/load.js'
import { nodesOf, parseNodeShare } from '../../src/scenario/node-share.js'
import { failure } from './samples.js'

const scenarioOf = (networkProfile: object, pool: object = {}, fabric: object = {}) => ({
  apiVersion: 'vxlane/v1',
  vnet: { subnets: { 'aks-nodes': { cidr: '10.224.0.0/16' }, pods: { cidr: '10.225.0.0/16' } } },
  cluster: { networkProfile, agentPoolProfiles: [pool] },
  fabric,
})

const OF_MODE: Readonly<Record<AddressingMode, ReturnType<typeof scenarioOf>>> = {
  overlay: scenarioOf({ networkPlugin: 'azure', networkPluginMode: 'overlay' }),
  nodeSubnet: scenarioOf({ networkPlugin: 'azure' }),
  podSubnetDynamic: scenarioOf({ networkPlugin: 'azure' }, { podSubnet: 'pods' }),
  podSubnetStatic: scenarioOf({ networkPlugin: 'azure' }, { podSubnetID: '/a/subnets/pods', podIPAllocationMode: 'StaticBlock' }),
  kubenet: scenarioOf({ networkPlugin: 'kubenet' }),
}

describe('the mode', () => {
  test.each(ADDRESSING_MODES)('%s is read, and is the same when every default is written out', mode => {
    const loaded = loadScenario(OF_MODE[mode])
    expect(loaded.scenario.cluster.networkProfile.addressing).toBe(mode)
    expect(loadScenario(loaded.document).hash).toBe(loaded.hash)
  })

  it('is overlay where nothing is said, node subnet with the plugin alone or an empty mode', () => {
    const mode = (profile: object) => loadScenario(scenarioOf(profile)).scenario.cluster.networkProfile.addressing
    expect([mode({}), mode({ networkPlugin: 'azure' }), mode({ networkPluginMode: null })]).toEqual(['overlay', 'nodeSubnet', 'nodeSubnet'])
  })

  it('brings its own defaults', () => {
    const rows = ADDRESSING_MODES.map(mode => {
      const { cluster, fabric } = loadScenario(OF_MODE[mode]).scenario
      const [{ maxPods, podSubnet }] = cluster.agentPoolProfiles
      const { podCidr } = cluster.networkProfile
      return [mode, maxPods, podSubnet, podCidr !== null, fabric.encapsulation, fabric.podMtu, fabric.podInterface, fabric.masquerade.vnet]
    })
    expect(rows).toEqual([
      ['overlay', 250, null, true, 'vxlan', 1450, 'transparent', true],
      ['nodeSubnet', 30, null, false, 'none', 1500, 'transparent', false],
      ['podSubnetDynamic', 250, 'pods', false, 'none', 1500, 'transparent', false],
      ['podSubnetStatic', 250, 'pods', false, 'none', 1500, 'transparent', false],
      ['kubenet', 110, null, true, 'none', 1500, 'gateway', true],
    ])
  })
})

describe('keys that do not fit together', () => {
  const found = (input: object) => failure(input).issues.map(({ path, code }) => `${path.join('.')}: ${code}`)
  const two = (first: object, second: object) => {
    const base = scenarioOf({ networkPlugin: 'azure' })
    return {
      ...base,
      cluster: {
        ...base.cluster,
        agentPoolProfiles: [
          { name: 'a', ...first },
          { name: 'b', ...second },
        ],
      },
    }
  }

  test.each([
    [
      scenarioOf({ networkPlugin: 'kubenet', networkPluginMode: 'overlay' }),
      'cluster.networkProfile.networkPluginMode: InvalidNetworkPluginMode',
    ],
    [scenarioOf({ networkPlugin: 'azure' }, {}, { encapsulation: 'vxlan' }), 'fabric.encapsulation: NoTunnelInMode'],
    [scenarioOf({ networkPlugin: 'kubenet' }, {}, { encapsulation: 'vxlan' }), 'fabric.encapsulation: NoTunnelInMode'],
    [scenarioOf({ networkPlugin: 'kubenet' }, {}, { podInterface: 'transparent' }), 'fabric.podInterface: InvalidPodInterface'],
    [scenarioOf({ networkPlugin: 'azure' }, {}, { podInterface: 'gateway' }), 'fabric.podInterface: InvalidPodInterface'],
    [scenarioOf({ networkPluginMode: 'overlay' }, { podSubnet: 'pods' }), 'cluster.agentPoolProfiles.0.podSubnet: PodSubnetNotAllowed'],
    [scenarioOf({ networkPlugin: 'kubenet' }, { podSubnetId: 'x/pods' }), 'cluster.agentPoolProfiles.0.podSubnetId: PodSubnetNotAllowed'],
    [scenarioOf({ networkPlugin: 'azure' }, { podSubnet: 'pod' }), 'cluster.agentPoolProfiles.0.podSubnet: UnknownSubnet'],
    [scenarioOf({}, { podIpAllocationMode: 'StaticBlock' }), 'cluster.agentPoolProfiles.0.podIpAllocationMode: PodSubnetMissing'],
    [two({ podSubnet: 'pods' }, {}), 'cluster.agentPoolProfiles.1: MixedAddressingModes'],
    [
      two({ podSubnet: 'pods' }, { podSubnet: 'pods', podIpAllocationMode: 'StaticBlock' }),
      'cluster.agentPoolProfiles.1.podIpAllocationMode: NotSupportedYet',
    ],
    [
      scenarioOf({}, { upgradeSettings: { maxSurge: '0' } }),
      'cluster.agentPoolProfiles.0.upgradeSettings.maxSurge: InvalidUpgradeSettings',
    ],
    [scenarioOf({}, { upgradeSettings: { maxSurge: '1.5' } }), 'cluster.agentPoolProfiles.0.upgradeSettings.maxSurge: BadNodeShare'],
  ])('%#: %o', (input, expected) => {
    expect(found(input)).toEqual([expected])
  })

  it('warn of a pod CIDR that nobody uses', () => {
    const loaded = loadScenario(scenarioOf({ networkPlugin: 'azure', podCidr: '10.244.0.0/16' }))
    expect(loaded.warnings).toMatchObject([{ code: 'UnusedPodCidr', message: expect.stringContaining('10.244.0.0/16') }])
    expect(loaded.scenario.cluster.networkProfile.podCidr).toBeNull()
  })
})

describe('shares of a pool', () => {
  const nodes = (text: string | number, count: number) => nodesOf(parseNodeShare(text)!, count)
  it('are numbers, or percentages rounded up', () => {
    expect([nodes(5, 3), nodes('5', 3), nodes('33%', 10), nodes('10%', 3), nodes('0%', 3), nodes('10%', 0)]).toEqual([5, 5, 4, 1, 0, 0])
    expect(['101%', '-1', '1.5', 'x', '', '%'].map(parseNodeShare)).toEqual(Array(6).fill(null))
  })
  it('of 50 % of five pools of 4 nodes are ten nodes (published)', () => {
    expect(Array.from({ length: 5 }, () => nodes('50%', 4)).reduce((sum, n) => sum + n)).toBe(10)
  })
  it('of a pool where nothing is set are 10 %', () => {
    const { upgrade } = loadScenario(OF_MODE.overlay).scenario.cluster.agentPoolProfiles[0]
    expect(upgrade).toEqual({
      maxSurge: { kind: 'percent', percent: 10 },
      maxUnavailable: { kind: 'nodes', nodes: 0 },
      drainTimeoutNs: 1800e9,
      nodeSoakNs: 0,
    })
  })
})
