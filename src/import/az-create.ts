// `vxlane import --az-create`: the cluster that an `az aks create` command line describes, as a scenario that a person can read and go
// on with. Facts stay as they are; what the command line does not say (the range behind a subnet's id) is chosen and commented.
import { freeRange } from '../scenario/free-range.js'
import { AzCreateError, type AzFlags, readFlags } from './az-flags.js'
import { commentedCommand, type Entries, EXAMPLE, tunnelNote, yamlBlock } from './scenario-text.js'
import { shellWords } from './shell-words.js'

export { AzCreateError } from './az-flags.js'

export interface Imported {
  /** The scenario as YAML. */
  readonly text: string
  /** What the reader should know: warnings and ignored flags, one line each. */
  readonly notes: readonly string[]
}

export function importAzCreate(command: string): Imported {
  const words = shellWords(command)
  if (words === null) throw new AzCreateError('a quote is not closed')
  const start = words.indexOf('aks')
  if (start < 0 || words[start + 1] !== 'create')
    throw new AzCreateError('this is not "az aks create …"; other commands are not supported yet')
  const flags = readFlags(words.slice(start + 2))
  const notes: string[] = []
  const mode = modeOf(flags, notes)
  warnUnsupported(flags, mode, notes)
  noteIgnored(flags, notes)
  const name = flags.text('--name') ?? 'aks'
  const text = [
    '# yaml-language-server: $schema=../schema/scenario.schema.json',
    `# The cluster ${name}, as this command line makes it:`,
    ...commentedCommand(words),
    '#',
    ...tunnelNote(mode.mode === 'overlay'),
    '',
    'apiVersion: vxlane/v1',
    ...yamlBlock({ name }, 0),
    '',
    ...yamlBlock({ vnet: vnetEntries(flags) }, 0),
    '',
    ...yamlBlock({ cluster: { networkProfile: profileEntries(flags, mode), agentPoolProfiles: [poolEntries(flags)] } }, 0),
    '',
    ...EXAMPLE,
    '',
  ]
  return { text: text.join('\n'), notes }
}

interface Mode {
  readonly plugin: string
  readonly mode: string | null
  readonly comment: string | null
}

/** Without a plugin az makes an overlay; with the plugin azure and no mode, nodes and pods share a subnet. */
function modeOf(flags: AzFlags, notes: string[]): Mode {
  const plugin = flags.text('--network-plugin')
  const mode = flags.text('--network-plugin-mode') ?? null
  if (plugin === undefined && mode === null) return { plugin: 'azure', mode: 'overlay', comment: 'what az makes without --network-plugin' }
  const podRange = flags.text('--pod-cidr') ?? flags.list('--pod-cidrs')?.[0]
  if ((plugin ?? 'azure') === 'azure' && mode === null && podRange !== undefined) {
    notes.push(
      `warning: imported as overlay, because the command names a pod CIDR (${podRange}); az itself needs --network-plugin-mode overlay for that`,
    )
    return { plugin: 'azure', mode: 'overlay', comment: 'not in the command: az needs --network-plugin-mode overlay to take a pod CIDR' }
  }
  return { plugin: plugin ?? 'azure', mode, comment: null }
}

function warnUnsupported(flags: AzFlags, mode: Mode, notes: string[]): void {
  const later = (what: string): void => {
    notes.push(`warning: not supported yet: ${what}; imported as it is, so this scenario does not load until you change it`)
  }
  if (mode.plugin !== 'azure' && mode.plugin !== 'kubenet') later(`networkPlugin ${mode.plugin}`)
  if ((flags.list('--ip-families') ?? []).some(family => family.toLowerCase() !== 'ipv4')) later('IPv6')
  for (const flag of ['--pod-cidrs', '--service-cidrs'] as const) {
    if ((flags.list(flag)?.length ?? 0) > 1) later(`dual stack (${flag} with two ranges)`)
  }
}

function noteIgnored(flags: AzFlags, notes: string[]): void {
  if (flags.ignored.length === 0) return
  const shown = flags.ignored.map(({ flag, near }) => (near === null ? flag : `${flag} (did you mean ${near}?)`))
  notes.push(`ignored, not about networking: ${shown.join(', ')}`)
}

const lastOf = (id: string | undefined): string | undefined => /\/subnets\/([^/]+)\/?$/i.exec(id ?? '')?.[1]

const subnetName = (flags: AzFlags): string => lastOf(flags.text('--vnet-subnet-id')) ?? 'aks-nodes'

/** The pods' own subnet, as large as that of the nodes and beside it. */
function podSubnets(flags: AzFlags, cidr: string): Entries {
  const name = lastOf(flags.text('--pod-subnet-id'))
  const beside = freeRange(16, [cidr])
  return name === undefined || beside === null ? {} : { [name]: { cidr: beside } }
}

/** Room for the nodes that overlaps neither pods nor services: an address space of Azure's usual size, its first /16 for the nodes. */
function vnetEntries(flags: AzFlags): Entries {
  const pods = flags.text('--pod-cidr') ?? flags.list('--pod-cidrs')?.[0] ?? '10.244.0.0/16'
  const services = flags.text('--service-cidr') ?? flags.list('--service-cidrs')?.[0] ?? '10.0.0.0/16'
  const space = freeRange(12, [pods, services]) ?? freeRange(16, [pods, services]) ?? '10.224.0.0/12'
  const cidr = space.replace(/\/\d+$/, '/16')
  const comment =
    flags.has('--vnet-subnet-id') || flags.has('--pod-subnet-id')
      ? 'Chosen to overlap nothing: the id of a subnet does not say its range. Write the real one here.'
      : 'What az makes without --vnet-subnet-id, moved if the pods or services need its place.'
  return { '#': comment, addressSpace: [space], subnets: { [subnetName(flags)]: { cidr }, ...podSubnets(flags, cidr) } }
}

function profileEntries(flags: AzFlags, mode: Mode): Entries {
  const dual = flags.list('--pod-cidrs')
  const services = flags.list('--service-cidrs')
  return {
    networkPlugin: mode.plugin,
    '#': mode.comment,
    networkPluginMode: mode.mode ?? undefined,
    networkDataplane: flags.text('--network-dataplane'),
    networkPolicy: flags.text('--network-policy'),
    ipFamilies: flags.list('--ip-families'),
    podCidr: flags.text('--pod-cidr') ?? dual?.[0],
    podCidrs: dual,
    serviceCidr: flags.text('--service-cidr') ?? services?.[0],
    serviceCidrs: services,
    dnsServiceIp: flags.text('--dns-service-ip'),
    outboundType: flags.text('--outbound-type'),
    loadBalancerSku: flags.text('--load-balancer-sku'),
    loadBalancerProfile: present({
      managedOutboundIPs: present({ count: flags.count('--load-balancer-managed-outbound-ip-count') }),
      outboundIPs: flags.list('--load-balancer-outbound-ips'),
      outboundIPPrefixes: flags.list('--load-balancer-outbound-ip-prefixes'),
      allocatedOutboundPorts: flags.count('--load-balancer-outbound-ports'),
      idleTimeoutInMinutes: flags.count('--load-balancer-idle-timeout'),
      backendPoolType: flags.text('--load-balancer-backend-pool-type'),
    }),
    natGatewayProfile: present({
      managedOutboundIpProfile: present({ count: flags.count('--nat-gateway-managed-outbound-ip-count') }),
      idleTimeoutInMinutes: flags.count('--nat-gateway-idle-timeout'),
    }),
  }
}

function poolEntries(flags: AzFlags): Entries {
  const flat = flags.text('--network-plugin') === 'azure' && !flags.has('--network-plugin-mode') && !flags.has('--pod-subnet-id')
  const podRange = flags.has('--pod-cidr') || flags.has('--pod-cidrs')
  const kubenet = flags.text('--network-plugin') === 'kubenet'
  return {
    name: flags.text('--nodepool-name') ?? 'nodepool1',
    count: flags.count('--node-count') ?? 3,
    minCount: flags.count('--min-count'),
    maxCount: flags.count('--max-count'),
    enableAutoScaling: flags.has('--enable-cluster-autoscaler') || undefined,
    // az's own default depends on the mode: 250 in an overlay and with pod subnets, 30 in a node subnet, 110 with kubenet.
    maxPods: flags.count('--max-pods') ?? (kubenet ? 110 : flat && !podRange ? 30 : 250),
    vmSize: flags.text('--node-vm-size'),
    availabilityZones: flags.list('--zones'),
    vnetSubnet: subnetName(flags),
    podSubnetId: flags.text('--pod-subnet-id'),
    podIpAllocationMode: flags.text('--pod-ip-allocation-mode'),
    upgradeSettings: present({ maxSurge: flags.text('--max-surge'), maxUnavailable: flags.text('--max-unavailable') }),
  }
}

/** The entries, or undefined if none has a value. */
const present = (entries: Entries): Entries | undefined =>
  Object.values(entries).some(value => value !== undefined && value !== null) ? entries : undefined
