// The cluster of a recorded case as a scenario: three nodes, six pods, a VNet host, a NAT machine and the internet behind it, every send
// of the recording as a replay at its place, and a capture at every place that was observed.
import type { KernelCase } from './kernel-case.js'

/** Time between the steps: longer than any answer takes, shorter than any timeout. */
export const STEP_MS = 20

export const GATEWAY = { publicAddress: '198.51.100.1', ports: [40000, 40063] as const }

const NODES = [1, 2, 3]
const PODS = NODES.flatMap(i => [`pod${i}1`, `pod${i}2`])

/** Observed places and the capture that stands for each. */
export const PLACES: Readonly<Record<string, object>> = {
  ...Object.fromEntries(NODES.map(i => [`node${i}/eth0`, { node: `node${i}`, interface: 'eth0' }])),
  ...Object.fromEntries(PODS.map(pod => [`${pod}/eth0`, { pod: `lab/${pod}`, interface: 'eth0' }])),
  'vm/eth0': { endpoint: 'vm' },
  'inet/eth0': { endpoint: 'inet' },
  'gw/in': { gateway: 'inside' },
  'gw/out': { gateway: 'outside' },
}

export const captureFileOf = (place: string): string => `${place.replace('/', '-')}.pcapng`

export type PodCidrRoute = 'none' | 'unreachable' | 'blackhole' | 'prohibit'

/** Steps that run in one and the same cluster: notes tell where the recording changed it in between. */
export interface Stretch {
  readonly podCidrRoute: PodCidrRoute
  readonly steps: ReadonlySet<number>
}

/** "node2 now has 'unreachable 10.244.2.0/24'": from that step on. */
export function stretchesOf(recorded: KernelCase): Stretch[] {
  const steps = new Map<PodCidrRoute, Set<number>>()
  let route: PodCidrRoute = 'none'
  recorded.steps.forEach((step, i) => {
    const changed = /now has '(unreachable|blackhole|prohibit) /.exec(step.note ?? '')
    if (changed) route = changed[1] as PodCidrRoute
    if (!steps.has(route)) steps.set(route, new Set())
    steps.get(route)!.add(i)
  })
  return [...steps].map(([podCidrRoute, set]) => ({ podCidrRoute, steps: set }))
}

/** The words after --vxlan-opts, as `fabric.vxlan`. */
export function vxlanOptions(text: string): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  const words = text.split(/\s+/).filter(word => word !== '')
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    if (word === 'udpcsum' || word === 'noudpcsum') options.udpChecksum = word === 'udpcsum'
    else if (word === 'ttl') options.ttl = words[++i] === 'inherit' ? 'inherit' : Number(words[i])
    else if (word === 'tos') options.tos = /^\d+$/.test(words[++i]) ? Number(words[i]) : words[i]
    else if (word === 'df') options.df = words[++i]
    else throw new Error(`vxlan option "${word}" is not known to the harness`)
  }
  return options
}

/** `fabric` out of the command line that made the recorded cluster. */
export function fabricOf(cluster: string): Record<string, unknown> {
  const options = /--vxlan-opts '([^']*)'/.exec(cluster)?.[1] ?? ''
  return {
    encapsulation: 'vxlan',
    mtu: 1500,
    vxlan: vxlanOptions(options),
    masquerade: { enabled: true, vnet: /--masq-vnet\b/.test(cluster) },
    appliance: { address: '10.224.0.1', publicAddress: GATEWAY.publicAddress, portRange: GATEWAY.ports.join('-') },
    icmpRateLimit: false,
  }
}

/** A replay's place: a pod's veth, or the wire at a node or host. */
function senderOf(place: string): object {
  const [name] = place.split('/')
  if (name.startsWith('pod')) return { pod: `lab/${name}` }
  return name.startsWith('node') ? { node: name, interface: 'eth0' } : { endpoint: name }
}

/** The scenario in which `sends[i]` (a capture file with one frame, or null) is put at its place at the time of step i. */
export function scenarioOf(recorded: KernelCase, stretch: Stretch, sends: readonly (string | null)[]): object {
  return {
    apiVersion: 'vxlane/v1',
    name: recorded.name,
    description: recorded.describe,
    seed: 1,
    duration: `${(recorded.steps.length + 2) * STEP_MS}ms`,
    vnet: { addressSpace: ['10.224.0.0/16'], subnets: { 'aks-nodes': { cidr: '10.224.0.0/16' } } },
    cluster: {
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        podCidr: '10.244.0.0/16',
        outboundType: 'userDefinedRouting',
      },
      agentPoolProfiles: [
        {
          name: 'nodepool1',
          count: NODES.length,
          vnetSubnet: 'aks-nodes',
          nodes: NODES.map(i => ({ name: `node${i}`, address: `10.224.0.${i + 3}`, podCidr: `10.244.${i}.0/24` })),
        },
      ],
    },
    fabric: { ...fabricOf(recorded.cluster), podCidrRoute: stretch.podCidrRoute },
    workloads: [
      {
        namespace: 'lab',
        name: 'probe',
        pods: PODS.map(pod => ({ name: pod, node: `node${pod[3]}`, address: `10.244.${pod[3]}.1${pod[4]}` })),
      },
    ],
    endpoints: [
      { name: 'inet', address: '203.0.113.10', location: 'internet' },
      { name: 'vm', address: '10.224.0.100', location: 'vnet' },
    ],
    traffic: recorded.steps.flatMap(({ send }, i) => {
      const file = sends[i]
      return send && file ? [{ name: `step-${i}`, from: senderOf(send.at), start: `${(i + 1) * STEP_MS}ms`, replay: { file } }] : []
    }),
    capture: Object.entries(PLACES).map(([place, at]) => ({ ...at, file: captureFileOf(place) })),
  }
}

/** The step during which something happened. */
export const stepAt = (timeNs: number): number => Math.floor(timeNs / (STEP_MS * 1e6)) - 1
