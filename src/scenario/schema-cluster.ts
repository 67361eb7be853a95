// Shape of `vnet` and `cluster`. The cluster block is the part of `az aks show -o json` that concerns networking, with Azure's own
// property names; facts that change nothing in this version (labels of the load balancer, zones) are accepted and kept.
import { z } from 'zod'
import { address, choice, cidr, later, name, nodeShare, refuse } from './fields.js'
import { autoScalerProfile } from './schema-autoscaler.js'
import { networkSecurityGroup } from './schema-nsg.js'

const subnet = z.strictObject({
  cidr: cidr().describe('Address range of the subnet. Azure keeps five of its addresses.'),
  networkSecurityGroup: networkSecurityGroup.optional().describe('What may pass the NICs of this subnet.'),
  occupied: z
    .int()
    .min(0)
    .max(16_777_211)
    .optional()
    .describe('Addresses that others (VMs, private endpoints, internal load balancers) have from the start: the first free ones.'),
})

const peering = z.strictObject({
  name: name(),
  addressSpace: z.array(cidr()).min(1).describe('Address ranges of the peered network.'),
})

export const vnet = z.strictObject({
  addressSpace: z
    .array(cidr())
    .min(1)
    .optional()
    .describe('Address ranges of the virtual network; 10.224.0.0/12 if the subnets lie in it.'),
  subnets: z.record(name(), subnet).optional().describe('Subnets by name; aks-nodes with 10.224.0.0/16 when none is given.'),
  peerings: z.array(peering).default([]).describe('Virtual networks peered with this one.'),
})

/** What Azure prints of addresses that exist already: a list of ids, or an object that holds one. */
const resources = (what: string) =>
  z
    .union([z.array(z.unknown()), z.record(z.string(), z.array(z.unknown()))])
    .describe(`${what}, as Azure prints them; their number counts.`)

const loadBalancerProfile = z
  .strictObject({
    managedOutboundIPs: z
      .strictObject({
        count: z.int().min(1).max(100).optional().describe('Public addresses that AKS makes for the load balancer; 1 by default.'),
        countIpv6: z.int().optional(),
      })
      .optional(),
    outboundIPs: resources('Public addresses of your own').optional(),
    outboundIPPrefixes: resources('Public prefixes of your own').optional(),
    effectiveOutboundIPs: z.array(z.unknown()).optional().describe('The addresses in use; their number counts before anything else.'),
    allocatedOutboundPorts: z
      .int()
      .min(0)
      .default(0)
      .describe("SNAT ports of each node, a multiple of 8 up to 64000; 0: Azure's default for the size of the pool."),
    idleTimeoutInMinutes: z.int().min(4).max(120).default(30).describe('An idle connection is reset after so long.'),
    backendPoolType: z
      .string()
      .regex(/^(nodeIPConfiguration|nodeIP)$/i)
      .default('nodeIPConfiguration')
      .describe('nodeIPConfiguration or nodeIP; makes no difference to SNAT.'),
    enableMultipleStandardLoadBalancers: z.boolean().optional(),
  })
  .describe('The outbound rule of outboundType loadBalancer.')

const natGatewayProfile = z
  .strictObject({
    managedOutboundIpProfile: z
      .strictObject({ count: z.int().min(1).max(16).optional().describe('Public addresses of the NAT gateway; 1 by default.') })
      .optional(),
    effectiveOutboundIPs: z.array(z.unknown()).optional().describe('The addresses in use; their number counts before the other.'),
    idleTimeoutInMinutes: z
      .int()
      .min(4)
      .max(120)
      .default(4)
      .describe('An idle TCP connection is forgotten after so long; UDP after 4 minutes.'),
    sku: z
      .string()
      .regex(/^standard(v2)?$/i)
      .optional()
      .describe(
        'Standard or StandardV2; StandardV2 for managedNATGatewayV2, else Standard, by default. They differ in bandwidth and packets/s only, which are not modelled.',
      ),
  })
  .describe('The NAT gateway of outboundType managedNATGateway, managedNATGatewayV2 and userAssignedNATGateway.')

const oneRange = (what: string) =>
  z.array(z.string()).superRefine((ranges, ctx) => {
    if (ranges.length > 1)
      refuse(ctx, 'NotSupportedYet', `not supported yet: dual stack (${what} with ${ranges.length} ranges)`, 'keep the IPv4 range')
  })

export const networkProfile = z.strictObject({
  networkPlugin: choice(['azure', 'kubenet', 'none'], ['azure', 'kubenet'], 'networkPlugin')
    .optional()
    .describe('The container network plugin; azure by default.'),
  networkPluginMode: z
    .enum(['overlay'])
    .nullable()
    .optional()
    .describe(
      'overlay; absent or null means node subnet, or pod subnet where the pools name a podSubnet. Overlay when networkPlugin and pod subnets are absent too.',
    ),
  networkPolicy: z
    .enum(['none', 'azure', 'calico', 'cilium'])
    .optional()
    .describe('Who enforces NetworkPolicies: none by default, cilium with networkDataplane cilium. azure is the Azure NPM.'),
  networkDataplane: z.enum(['azure', 'cilium']).optional().describe('cilium goes with networkPolicy cilium.'),
  networkMode: later('networkMode'),
  ipFamilies: z
    .array(z.string())
    .superRefine((families, ctx) => {
      if (families.some(family => family.toLowerCase() !== 'ipv4'))
        refuse(ctx, 'NotSupportedYet', 'not supported yet: IPv6', 'keep ipFamilies: [IPv4]')
    })
    .optional(),
  podCidr: cidr().optional().describe('Overlay and kubenet: each node gets a /24 of it; 10.244.0.0/16 by default.'),
  podCidrs: oneRange('podCidrs').optional(),
  serviceCidr: cidr().optional().describe('Range of Service addresses; 10.0.0.0/16 by default.'),
  serviceCidrs: oneRange('serviceCidrs').optional(),
  dnsServiceIp: address().optional().describe('Address of the cluster DNS inside serviceCidr; its tenth address by default.'),
  outboundType: z
    .enum(['loadBalancer', 'managedNATGateway', 'managedNATGatewayV2', 'userAssignedNATGateway', 'userDefinedRouting', 'none'])
    .default('loadBalancer')
    .describe('How packets leave the virtual network; userDefinedRouting leads to the Linux machine of fabric.appliance.'),
  loadBalancerSku: z.string().optional(),
  loadBalancerProfile: loadBalancerProfile.prefault({}),
  natGatewayProfile: natGatewayProfile.prefault({}),
})

const fixedNode = z.strictObject({
  name: name(),
  address: address().optional().describe('Address of eth0; allocated from the subnet if absent.'),
  podCidr: cidr().optional().describe('Block of pod addresses; allocated from the pod CIDR if absent.'),
})

const text = () => z.string().optional()

const agentPool = z.strictObject({
  name: name().optional().describe('nodepool1, nodepool2, … by default.'),
  count: z.int().min(0).max(1_000_000).optional().describe('Number of nodes; 3 by default, or as many as `nodes` lists.'),
  minCount: z.int().min(0).nullable().optional().describe('Least nodes that the autoscaler leaves.'),
  maxCount: z.int().min(0).nullable().optional().describe('Most nodes that the autoscaler asks for.'),
  enableAutoScaling: z.boolean().default(false).describe('The cluster autoscaler keeps the pool between minCount and maxCount.'),
  maxPods: z
    .int()
    .min(1)
    .optional()
    .describe(
      'Most pods on a node, hostNetwork pods included. By default 250 (overlay, pod subnets), 30 (node subnet) or 110 (kubenet); for pod subnets one page of Microsoft says 110.',
    ),
  vmSize: z.string().optional().describe('Sets the NIC rate where it is known (Dsv5).'),
  vnetSubnet: z.string().optional().describe('Name of the subnet the nodes live in.'),
  vnetSubnetId: z.string().optional().describe('The same as Azure prints it; its last segment is the name of the subnet.'),
  podSubnet: z.string().optional().describe('Name of the subnet the pods live in; all pools of a cluster name one, or none does.'),
  podSubnetId: z.string().optional().describe('The same as Azure prints it; its last segment is the name of the subnet.'),
  podIpAllocationMode: z
    .enum(['DynamicIndividual', 'StaticBlock'])
    .optional()
    .describe(
      'How nodes get addresses of the pod subnet: in batches of 16 as they need them (the default), or as blocks of /28 at the start.',
    ),
  upgradeSettings: z
    .strictObject({
      maxSurge: nodeShare().optional().describe('Nodes an upgrade adds at a time: a number or a percentage, rounded up; 10% by default.'),
      maxUnavailable: nodeShare().optional().describe('Nodes an upgrade may take away at a time; 0 by default.'),
      drainTimeoutInMinutes: z.int().min(0).max(1440).optional().describe('30 by default.'),
      nodeSoakDurationInMinutes: z.int().min(0).max(30).optional().describe('0 by default.'),
    })
    .optional()
    .describe('How an upgrade replaces nodes.'),
  nodes: z.array(fixedNode).default([]).describe('Fixed names, addresses and blocks of the first nodes, for imported clusters.'),
  mode: text(),
  osType: text(),
  osSku: text(),
  type: text(),
  orchestratorVersion: text(),
  availabilityZones: z.array(z.string()).optional(),
  nodeLabels: z.record(z.string(), z.string()).optional(),
})

export const cluster = z.strictObject({
  name: z.string().optional(),
  location: z.string().optional(),
  networkProfile: networkProfile.prefault({}),
  autoScalerProfile: autoScalerProfile.nullable().optional(),
  agentPoolProfiles: z.array(agentPool).optional().describe('Node pools; one of 3 nodes when none is given.'),
  limits: z
    .enum(['refuse', 'warn'])
    .default('refuse')
    .describe(
      "What becomes of more nodes or pools than AKS makes: refused as Azure does, or only a warning, to emulate what is larger than Azure's largest cluster. Addresses are never made up: subnets and ranges must have room in any case.",
    ),
})
