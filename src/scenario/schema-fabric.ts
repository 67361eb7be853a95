// Shape of `fabric`: everything that Azure does not publish, such as latency, queues and encapsulation.
import { z } from 'zod'
import { address, bytes, port, portRange, quantity, refuse, time } from './fields.js'
import { controlPlane } from './schema-timeline.js'

const MTU = { min: 68, max: 65535 }

/** An 8-bit field as a number, or text such as "0x10", or one of the device's words. */
const tos = z.union([z.int().min(0).max(255), z.string()]).superRefine((given, ctx) => {
  if (typeof given === 'string' && !/^(default|inherit|0x[0-9a-fA-F]{1,2})$/.test(given))
    refuse(ctx, 'BadValue', `"${given}" is not a TOS`, 'write default, inherit, or a byte such as 0x10')
})

const vxlan = z.strictObject({
  udpChecksum: z.boolean().default(true).describe('Whether the outer UDP header carries a checksum (udpcsum).'),
  ttl: z
    .union([z.int().min(1).max(255), z.literal('inherit')])
    .default(64)
    .describe('Outer TTL; inherit copies the inner one.'),
  tos: tos.default('default').describe('Outer TOS.'),
  df: z.enum(['unset', 'set', 'inherit']).default('unset').describe("Outer don't-fragment bit."),
  sourcePorts: portRange().default('32768-60999').describe('Outer UDP source ports, chosen by the hash of the inner flow.'),
})

const appliance = z.strictObject({
  address: address().optional().describe('Inside address; the first of the node subnet by default.'),
  publicAddress: address().default('198.51.100.1').describe('Address that the outside sees.'),
  nextHop: address().optional().describe("Router outside; the last host address of the publicAddress's /24 by default."),
  portRange: portRange().default('1024-65535').describe('Source ports of masqueraded connections.'),
})

/** Each with the documented or observed choice as its default. */
const ipam = z.strictObject({
  poolMonitor: z
    .enum(['v1', 'v2'])
    .default('v2')
    .describe(
      'Pod subnet, dynamic: how a node reckons what to ask for. v2: 16 x ceil(0.5 + used / 16) at once; v1: one batch a second (azure-container-networking has both).',
    ),
  primaryAddress: z
    .enum(['within', 'beside'])
    .default('within')
    .describe(
      "Pod subnet, dynamic: whether the address that a node keeps for itself is one of its batches' (15 nodes fill a /24) or one more.",
    ),
  subnetScarcity: z.boolean().default(false).describe('Pod subnet, dynamic: nodes ask for single addresses once the subnet is exhausted.'),
  staticCheck: z
    .enum(['oneBlock', 'allBlocks'])
    .default('oneBlock')
    .describe('Pod subnet, static: what Azure counts for a node before it makes the pool: 16 addresses (observed), or all its blocks.'),
  upgradeBuffer: z
    .int()
    .min(0)
    .max(1)
    .default(0)
    .describe('Overlay: nodes a pool that Azure counts in the check of the pod CIDR for an upgrade to come; users report 1.'),
})

const publicAddresses = (of: string) =>
  z
    .array(address())
    .min(1)
    .optional()
    .describe(`Public addresses of the ${of}, as many as its profile counts; 198.51.100.1 and the following by default.`)
const outsideRouter = () =>
  address().optional().describe("Router outside; the last host address of the first public address's /24 by default.")

const loadBalancer = z.strictObject({
  publicAddresses: publicAddresses('frontends'),
  nextHop: outsideRouter(),
  releaseAfterFin: time({ min: 1 }).default('240s').describe('A SNAT port is free again so long after the last FIN.'),
  releaseAfterRst: time({ min: 1 }).default('15s').describe('A SNAT port is free again so long after a RST.'),
  halfOpen: time({ min: 1 })
    .optional()
    .describe('An unanswered SYN holds its port for so long; Azure documents no time of its own, so it is the idle timeout by default.'),
})

const natGateway = z.strictObject({
  publicAddresses: publicAddresses('NAT gateway'),
  nextHop: outsideRouter(),
  coolDownAfterFin: time({ min: 1 }).default('65s').describe('A port serves the same destination again so long after the last FIN.'),
  coolDownAfterRst: time({ min: 1 }).default('16s').describe('The same after a RST.'),
  coolDownUdp: time({ min: 1 }).default('65s').describe('The same after a UDP flow has timed out.'),
  halfOpen: time({ min: 1 }).default('30s').describe('An unanswered SYN holds its port for so long.'),
  udpIdle: time({ min: 1 }).default('4m').describe('An idle UDP flow is forgotten after so long.'),
})

export const fabric = z.strictObject({
  encapsulation: z
    .enum(['vxlan', 'none'])
    .optional()
    .describe(
      'vxlan: node VTEPs, 50 bytes more on the wire; none: a routing domain of the fabric, as Azure has it. By default vxlan in an overlay; the other modes have none and take no other.',
    ),
  vni: z.int().min(0).max(0xffffff).default(1).describe('VXLAN network identifier.'),
  mtu: bytes(MTU).default(1500).describe("MTU of a node's eth0."),
  podMtu: bytes(MTU).optional().describe('MTU of the pods; mtu - 50 with VXLAN and mtu without, by default.'),
  latency: time({ min: 1 }).default('50us').describe('One way between two nodes; also the length of a simulation window.'),
  gatewayLatency: time({ min: 1 }).default('500us').describe('One way from a node to the outbound gateway, and from there to endpoints.'),
  nicRate: quantity('bitRate', { min: 1 }).optional().describe('Egress rate of a node; by default that of its vmSize, else 12.5Gbps.'),
  queue: z.int().min(1).max(10_000_000).default(1000).describe('Packets per NIC egress queue; the rest is dropped.'),
  podInterface: z
    .enum(['transparent', 'gateway'])
    .optional()
    .describe(
      'transparent: default route via 169.254.1.1; gateway: via the first address of the block. By default gateway with kubenet (its bridge), else transparent.',
    ),
  vxlan: vxlan.prefault({}).describe('Options of the Linux VXLAN device.'),
  masquerade: z
    .strictObject({
      enabled: z.boolean().default(true),
      vnet: z
        .boolean()
        .optional()
        .describe(
          'Whether packets to other VNet addresses are masqueraded too. By default as in Azure: in an overlay and with kubenet yes, else no.',
        ),
    })
    .prefault({}),
  appliance: appliance.prefault({}).describe('The Linux NAT machine of outboundType userDefinedRouting.'),
  loadBalancer: loadBalancer.prefault({}).describe('The Standard Load Balancer of outboundType loadBalancer.'),
  natGateway: natGateway.prefault({}).describe('The NAT gateway of the outboundTypes that have one.'),
  conntrack: z
    .strictObject({ max: z.int().min(1).max(16_777_216).default(262_144).describe('Tracked connections of a node.') })
    .prefault({}),
  ephemeralPorts: portRange().default('32768-60999').describe('Source ports of senders.'),
  podCidrRoute: z
    .enum(['none', 'unreachable', 'blackhole', 'prohibit'])
    .default('none')
    .describe('What a node does with a packet to an address of its own block that no pod has.'),
  controlPlane: controlPlane.prefault({}),
  ipam: ipam.prefault({}).describe('Where pages of Microsoft disagree about addresses, or say nothing.'),
  icmpRateLimit: z.boolean().default(false).describe('Limit ICMP errors as Linux does.'),
})

export const containerPort = z.strictObject({
  name: z.string().optional(),
  containerPort: port(),
  protocol: z.enum(['TCP', 'UDP', 'SCTP']).default('TCP'),
})
