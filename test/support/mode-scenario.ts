// A small cluster of each addressing mode, with hosts in its VNet, a peered one and the internet, and what a capture point saw.
import type { AddressingMode } from '../../src/base/addressing-mode.js'
import { formatIpv4 } from '../../src/wire/address.js'
import type { ShardsOutcome } from './any-run.js'
import { layersOf } from './frame-fields.js'

const PROFILE: Readonly<Record<AddressingMode, object>> = {
  overlay: { networkPlugin: 'azure', networkPluginMode: 'overlay' },
  nodeSubnet: { networkPlugin: 'azure' },
  podSubnetDynamic: { networkPlugin: 'azure' },
  podSubnetStatic: { networkPlugin: 'azure' },
  kubenet: { networkPlugin: 'kubenet' },
}

const POOL: Readonly<Record<AddressingMode, object>> = {
  overlay: {},
  nodeSubnet: {},
  podSubnetDynamic: { podSubnet: 'pods' },
  podSubnetStatic: { podSubnet: 'pods', podIpAllocationMode: 'StaticBlock' },
  kubenet: {},
}

/** Where a node's pods come from: the start of their addresses. */
export const POD_RANGE: Readonly<Record<AddressingMode, RegExp>> = {
  overlay: /^10\.244\./,
  nodeSubnet: /^10\.224\./,
  podSubnetDynamic: /^10\.225\./,
  podSubnetStatic: /^10\.225\./,
  kubenet: /^10\.244\./,
}

interface Parts {
  readonly traffic: readonly object[]
  readonly capture?: readonly object[]
  readonly fabric?: object
  readonly workloads?: readonly object[]
  readonly profile?: object
}

/** Three nodes; a/front has a pod on each, and so has a/back. */
export const modeScenario = (mode: AddressingMode, { traffic, capture = [], fabric, workloads = [], profile }: Parts): object => ({
  apiVersion: 'vxlane/v1',
  name: mode,
  duration: '20ms',
  vnet: {
    addressSpace: ['10.224.0.0/12'],
    subnets: { nodes: { cidr: '10.224.0.0/24' }, pods: { cidr: '10.225.0.0/24' }, vms: { cidr: '10.226.0.0/24' } },
    peerings: [{ name: 'hub', addressSpace: ['10.100.0.0/16'] }],
  },
  cluster: {
    networkProfile: { ...PROFILE[mode], outboundType: 'userDefinedRouting', ...profile },
    agentPoolProfiles: [{ name: 'np', count: 3, maxPods: 30, vnetSubnet: 'nodes', ...POOL[mode] }],
  },
  ...(fabric === undefined ? {} : { fabric }),
  workloads: [{ name: 'front', namespace: 'a', replicas: 3 }, { name: 'back', namespace: 'a', replicas: 3 }, ...workloads],
  endpoints: [
    { name: 'vm', address: '10.226.0.10', location: 'vnet' },
    { name: 'far', address: '10.100.0.10', location: 'peered' },
    { name: 'net', address: '203.0.113.10', location: 'internet' },
    { name: 'dns', address: '168.63.129.16', location: 'internet' },
    { name: 'metadata', address: '169.254.169.254', location: 'internet' },
  ],
  traffic: traffic.map((entry, i) => ({ name: `t${i}`, size: 400, rate: '500/s', ...entry })),
  capture: capture.map((at, i) => ({ file: `c${i}.pcapng`, ...at })),
})

export interface Seen {
  readonly source: string
  readonly target: string
  readonly targetPort: number
  readonly ttl: number
  /** Layers of IP: two inside a tunnel. */
  readonly depth: number
}

/** The innermost UDP packets that capture point number `tap` saw. */
export function seenAt({ captures }: ShardsOutcome, tap: number): Seen[] {
  return captures
    .filter(capture => capture.tap === tap)
    .flatMap(({ frames }) =>
      frames.flatMap(({ bytes }) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        const layers = layersOf(view).filter(({ quoted }) => !quoted)
        const inner = layers.at(-1)
        if (inner?.protocol !== 17) return []
        const [source, target] = [inner.source, inner.target].map(formatIpv4)
        return [{ source, target, targetPort: view.getUint16(inner.l4 + 2), ttl: view.getUint8(inner.ip + 8), depth: layers.length }]
      }),
    )
}
