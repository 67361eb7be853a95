// Shape of who runs in the cluster, what lives outside, who sends what, and what is captured.
import { z } from 'zod'
import { address, bytes, choice, name, port, quantity, time } from './fields.js'
import { connections } from './schema-connections.js'
import { containerPort } from './schema-fabric.js'
import { churn, growth, startup } from './schema-timeline.js'

const fixedPod = z.strictObject({
  name: name(),
  node: z.string().optional().describe('Node by name; placed by the scheduler if absent.'),
  address: address().optional().describe("Allocated from the node's block if absent."),
  labels: z.record(z.string(), z.string()).optional().describe('Labels beside those of the workload; of the same key, this one counts.'),
  ports: z.array(containerPort).optional().describe('Instead of those of the workload.'),
  ready: z.boolean().default(true).describe('Whether Services send it connections.'),
})

export const workload = z.strictObject({
  namespace: name().default('default'),
  name: name(),
  replicas: z.int().min(0).max(10_000_000).optional().describe('Pods to place; 1 by default, or as many as `pods` lists.'),
  labels: z.record(z.string(), z.string()).default({}),
  ports: z.array(containerPort).default([]),
  hostNetwork: z
    .boolean()
    .default(false)
    .describe("Whether the pods use their node's address. They take no pod address, and count toward maxPods."),
  pods: z.array(fixedPod).default([]).describe('Fixed pods of imported clusters, instead of replicas.'),
  growth: growth.optional(),
  churn: churn.optional(),
  startup: startup.optional(),
})

export const endpoint = z.strictObject({
  name: name(),
  address: address(),
  location: z.enum(['internet', 'vnet', 'peered', 'onPremises']).default('internet'),
})

/** Keys of a peer that say who it is; exactly one stands in each. */
export const PEER_KINDS = ['workload', 'selector', 'pod', 'endpoint', 'node', 'service', 'address'] as const

export const peer = z.strictObject({
  workload: z.string().optional().describe('namespace/name: every pod of the workload.'),
  selector: z
    .strictObject({ namespace: z.string().optional(), labels: z.record(z.string(), z.string()).default({}) })
    .optional()
    .describe('Pods of the workloads that carry these labels.'),
  pod: z.string().optional().describe('namespace/workload/index, or namespace/name of a fixed pod.'),
  endpoint: z.string().optional(),
  node: z.string().optional().describe('pool/index, a fixed name, or the name Azure would give.'),
  interface: z.enum(['eth0']).optional(),
  service: z.string().optional().describe('namespace/name: the address of the Service, of a headless one its pods. Only as a target.'),
  address: address().optional(),
  port: port().optional().describe('Destination port.'),
})

// An IP packet with an empty datagram has 28 bytes, the longest 65,535.
const LEAST_SIZE = 28
const MOST_SIZE = 65535
const length = () => bytes({ min: LEAST_SIZE, max: MOST_SIZE })
const least = length().default(LEAST_SIZE)
const most = length().default(MOST_SIZE)
const positive = z.number().positive()

const distribution = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), value: length() }),
  z.strictObject({ kind: z.literal('uniform'), least, most }),
  z.strictObject({ kind: z.literal('exponential'), mean: bytes({ min: 1 }), least, most }),
  z.strictObject({ kind: z.literal('lognormal'), median: bytes({ min: 1 }), sigma: positive.max(20), least, most }),
  z.strictObject({ kind: z.literal('pareto'), scale: length(), shape: positive, most }),
  z.strictObject({
    kind: z.literal('empirical'),
    values: z.array(z.strictObject({ value: length(), weight: positive.default(1) })).min(1),
  }),
])

const arrivals = z.union([
  z.enum(['constant', 'poisson', 'onOff']),
  z.strictObject({
    kind: z.enum(['constant', 'poisson', 'onOff']),
    on: time({ min: 1 }).optional().describe('Mean time that an onOff flow sends; 100ms by default.'),
    off: time({ min: 1 }).optional().describe('Mean time that an onOff flow is silent; 100ms by default.'),
  }),
])

const replay = z.strictObject({
  file: z.string().min(1).describe('pcap or pcapng of Ethernet frames, relative to the scenario file.'),
  spacing: time({ min: 1 }).optional().describe('Replaces the recorded times.'),
})

export const traffic = z.strictObject({
  name: z.string().min(1).optional(),
  from: peer,
  to: peer.optional(),
  protocol: choice(['udp', 'tcp', 'icmp', 'sctp'], ['udp', 'tcp'], 'traffic of protocol')
    .optional()
    .describe(
      'tcp for connections, udp for streams of datagrams and for exchanges of request and response; tcp by default with connections, else udp.',
    ),
  size: z
    .union([z.literal('imix'), length(), distribution])
    .optional()
    .describe('IP length of each packet: a number, a distribution, or imix (7 of 40, 4 of 576, 1 of 1500 bytes).'),
  flows: z.int().min(1).max(65_535).default(1).describe('Flows of each source pod, each to one target.'),
  rate: quantity('frequency', { min: 1e-9, max: 1e9 }).optional().describe('Packets per second of each flow (while on).'),
  arrivals: arrivals.default('constant'),
  df: z.boolean().default(true).describe("Don't fragment, as Linux UDP sockets set it."),
  answer: z
    .strictObject({ size: length(), after: time().default('0s') })
    .optional()
    .describe('Each datagram is answered with one of this size after this long.'),
  start: time().default('0s').describe('First moment of the entry.'),
  stop: time().optional().describe('Last moment at which a packet is sent; the end by default.'),
  replay: replay.optional(),
  connections: connections.optional().describe('Connections instead of a stream of packets: opened, used, held and closed.'),
})

export const capture = z.strictObject({
  node: z.string().optional(),
  pod: z.string().optional(),
  endpoint: z.string().optional(),
  gateway: z.enum(['inside', 'outside']).optional(),
  interface: z.enum(['eth0']).optional(),
  file: z.string().min(1).describe('pcapng, relative to the output folder.'),
  maxPackets: z.int().min(1).max(100_000_000).default(10_000),
})
