// Clusters for generated scenarios, in each of the five addressing modes. Where they change, ranges are just large enough for the nodes that
// there are at the beginning, so that those who come later often find none, and stay NotReady.
import fc from 'fast-check'
import { ADDRESSING_MODES, type AddressingMode, hasPodSubnet, isFlat } from '../../src/base/addressing-mode.js'

export interface AnyCluster {
  readonly mode: AddressingMode
  readonly pools: readonly number[]
  readonly outbound: string
  /** Nodes carry the addresses of the recordings, so that recorded frames find their way. */
  readonly isFixed: boolean
  readonly replicas: readonly [number, number, number]
}

export const anyCluster: fc.Arbitrary<AnyCluster> = fc.record({
  mode: fc.oneof({ weight: 1, arbitrary: fc.constant('overlay' as const) }, { weight: 2, arbitrary: fc.constantFrom(...ADDRESSING_MODES) }),
  pools: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 2 }),
  outbound: fc.constantFrom('none', 'userDefinedRouting', 'loadBalancer', 'managedNATGateway'),
  isFixed: fc.boolean(),
  replicas: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 5 })),
})

const nodesOf = ({ pools }: AnyCluster): number => pools.reduce((sum, count) => sum + count, 0)

/** Two blocks of 16, or 16 addresses, for each node: a /24 is enough for seven, and for fifteen. */
const podSubnetOf = (cluster: AnyCluster): string =>
  `10.225.0.0/${cluster.mode === 'podSubnetStatic' ? (nodesOf(cluster) > 7 ? 23 : 24) : nodesOf(cluster) > 7 ? 24 : 25}`

/** A power of two of blocks; those of the fixed nodes are among the first four. */
const podCidrOf = (cluster: AnyCluster, changes: boolean): string =>
  `10.244.0.0/${changes ? 24 - Math.ceil(Math.log2(Math.max(4, nodesOf(cluster)))) : 16}`

/** The subnet of the pods, in the modes that have one. */
export const podSubnets = (cluster: AnyCluster): object => (hasPodSubnet(cluster.mode) ? { pods: { cidr: podSubnetOf(cluster) } } : {})

/** Only overlays have a tunnel. */
export const encapsulationIn = ({ mode }: AnyCluster, wanted: string): string => (mode === 'overlay' ? wanted : 'none')

/** Kubenet has Calico alone. */
export const engineIn = ({ mode }: AnyCluster, wanted = 'none'): string => (mode === 'kubenet' && wanted !== 'none' ? 'calico' : wanted)

export function clusterOf(cluster: AnyCluster, changes: boolean, networkPolicy?: string): object {
  const { mode, pools, outbound, isFixed } = cluster
  const nodes = (count: number) =>
    Array.from({ length: Math.min(count, 3) }, (_, i) => ({
      name: `node${i + 1}`,
      address: `10.224.0.${i + 4}`,
      ...(!isFlat(mode) && { podCidr: `10.244.${i + 1}.0/24` }),
    }))
  return {
    networkProfile: {
      networkPlugin: mode === 'kubenet' ? 'kubenet' : 'azure',
      networkPluginMode: mode === 'overlay' ? 'overlay' : null,
      networkPolicy: engineIn(cluster, networkPolicy),
      ...(!isFlat(mode) && { podCidr: podCidrOf(cluster, changes) }),
      outboundType: outbound,
    },
    agentPoolProfiles: pools.map((count, i) => ({
      name: ['one', 'two'][i],
      count,
      vnetSubnet: 'aks-nodes',
      ...((changes || isFlat(mode)) && { maxPods: 30 }),
      ...(hasPodSubnet(mode) && { podSubnet: 'pods', ...(mode === 'podSubnetStatic' && { podIpAllocationMode: 'StaticBlock' }) }),
      ...(isFixed && i === 0 && { nodes: nodes(count) }),
    })),
  }
}
