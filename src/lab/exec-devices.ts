// The network devices of a pod and of a node, as the emulator's hosts have them: what `ip link` and `ip addr` print. Numbers of devices
// count up as a node makes them: lo, eth0, the tunnel, then one veth for each of its pods.
import { LpKind } from '../image/kinds.js'
import {
  type Cidr,
  contains,
  formatMac,
  MAC_HOST_VETH_HIGH,
  MAC_HOST_VETH_LOW,
  MAC_NODE,
  MAC_POD,
  MAC_VTEP,
  maskOf,
  networkOf,
} from '../wire/address.js'
import type { Cluster } from './lab.js'
import { vethName } from './routes.js'

export interface Device {
  readonly index: number
  readonly name: string
  readonly kind: 'loopback' | 'veth' | 'vxlan'
  /** The other end: its number in its own namespace, and the number of that namespace here. */
  readonly peer: { readonly index: number; readonly namespace: number } | null
  readonly mac: string
  readonly mtu: number
  readonly address: { readonly local: number; readonly prefix: number } | null
}

const LO: Device = {
  index: 1,
  name: 'lo',
  kind: 'loopback',
  peer: null,
  mac: '00:00:00:00:00:00',
  mtu: 65536,
  address: { local: 0x7f000001, prefix: 8 },
}
const ETH0 = 2
const VXLAN0 = 3
/** The first veth of a node that has a tunnel. */
const FIRST_VETH = 4

/** Where a command runs. */
export interface ExecPlace {
  readonly lp: number
  /** The pod, or -1: on the node. */
  readonly pod: number
  readonly atNs: number
}

/** Pods that have a veth on the node, by address. */
export function podsOn({ plan, scenario }: Cluster, lp: number, atNs: number): number[] {
  const found: number[] = []
  const { pods } = plan
  for (let pod = 0; pod < pods.count; pod++) {
    const isThere = pods.node[pod] === lp && pods.startNs[pod] <= atNs && atNs < pods.stopNs[pod]
    if (isThere && !scenario.workloads[pods.workload[pod]].hostNetwork) found.push(pod)
  }
  return found.sort((a, b) => (pods.address[a] >>> 0) - (pods.address[b] >>> 0))
}

/** The range that a pod believes it is in: the whole pod range (transparent), its node's block (gateway), or its subnet. */
export function podRange({ scenario, plan, image }: Cluster, lp: number, pod: number): Cidr {
  const { block } = plan.nodes[lp]
  const { podCidr } = scenario.cluster.networkProfile
  if (block !== null) return scenario.fabric.podInterface === 'gateway' || podCidr === null ? block : podCidr
  const subnets = Object.values(scenario.vnet.subnets).map(({ cidr }) => networkOf(cidr))
  return subnets.find(range => contains(range, image.podAddress[pod])) ?? { base: image.podAddress[pod] as Cidr['base'], prefix: 32 }
}

/** A node has one from the moment on at which it has its block. */
export const hasTunnel = ({ params, image, plan }: Cluster, lp: number, atNs: number): boolean =>
  params.vxlan && image.lpKind[lp] === LpKind.node && isReady(plan, lp, atNs)

/** Whether a node takes pods at a moment: it is there, and not NotReady. */
export const isReady = ({ nodes }: Cluster['plan'], lp: number, atNs: number): boolean =>
  nodes[lp].readyNs <= atNs && atNs < nodes[lp].leaveNs

export function podDevices(cluster: Cluster, { lp, pod, atNs }: ExecPlace): Device[] {
  const { image, params } = cluster
  const local = image.podAddress[pod]
  const index = vethIndex(cluster, lp, atNs) + podsOn(cluster, lp, atNs).indexOf(pod)
  const { prefix } = podRange(cluster, lp, pod)
  const peer = { index, namespace: 0 }
  return [
    LO,
    { index: ETH0, name: 'eth0', kind: 'veth', peer, mac: formatMac(MAC_POD, local), mtu: params.podMtu, address: { local, prefix } },
  ]
}

const vethIndex = (cluster: Cluster, lp: number, atNs: number): number => (hasTunnel(cluster, lp, atNs) ? FIRST_VETH : VXLAN0)

export function nodeDevices(cluster: Cluster, { lp, atNs }: ExecPlace): Device[] {
  const { image, params, scenario, plan } = cluster
  const address = image.lpAddress[lp]
  const pool = scenario.cluster.agentPoolProfiles[plan.nodes[lp].pool]
  const { prefix } = scenario.vnet.subnets[pool.vnetSubnet].cidr
  const eth0: Device = {
    ...{ index: ETH0, name: 'eth0', kind: 'veth', mtu: params.mtu },
    peer: { index: lp + VXLAN0, namespace: 0 },
    mac: formatMac(MAC_NODE, address),
    address: { local: address, prefix },
  }
  const tunnel: Device = {
    ...{ index: VXLAN0, name: 'vxlan0', kind: 'vxlan', peer: null, mtu: params.overlayMtu },
    mac: formatMac(MAC_VTEP, image.lpVtep[lp]),
    address: { local: image.lpVtep[lp], prefix: 32 },
  }
  const veths = podsOn(cluster, lp, atNs).map(
    (pod, i): Device => ({
      ...{ index: vethIndex(cluster, lp, atNs) + i, kind: 'veth', mtu: params.mtu, address: null },
      name: vethName(image.podAddress[pod], image.lpBlockBase[lp]),
      peer: { index: ETH0, namespace: i + 1 },
      mac: formatMac(MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW),
    }),
  )
  return [LO, eth0, ...(hasTunnel(cluster, lp, atNs) ? [tunnel] : []), ...veths]
}

/** The broadcast address of a range, or null where there is none (/31 and /32). */
export const broadcastOf = (local: number, prefix: number): number | null => (prefix > 30 ? null : local | ~maskOf(prefix))
