// The rules that translate addresses: `nft list ruleset` of the masquerade as the recorded Linux cluster has it, and the iptables form of it
// together with kube-proxy's chains, as `iptables-save -t nat` prints them on a node (pkg/proxy/iptables/proxier.go).
import { createHash } from 'node:crypto'
import type { PlannedService } from '../cluster/plan-services.js'
import { endpointFinder, type ServiceEndpoint } from '../cluster/service-endpoints.js'
import { formatCidr, formatIpv4, networkOf } from '../wire/address.js'
import type { Cluster } from './lab.js'

/** Ranges that a node's pods reach under their own addresses: the pod range, and without `fabric.masquerade.vnet` the VNet's and its peers'. */
function plainRanges({ scenario }: Cluster): string[] {
  const { podCidr } = scenario.cluster.networkProfile
  const { addressSpace, peerings } = scenario.vnet
  const near = scenario.fabric.masquerade.vnet ? [] : [...addressSpace, ...peerings.flatMap(peering => peering.addressSpace)]
  return [...(podCidr === null ? [] : [podCidr]), ...near].map(range => formatCidr(networkOf(range)))
}

export function nftRuleset(cluster: Cluster): string {
  const { podCidr } = cluster.scenario.cluster.networkProfile
  if (!cluster.params.masquerade || podCidr === null) return ''
  const rules = [
    'type nat hook postrouting priority srcnat; policy accept;',
    `ip saddr != ${formatCidr(networkOf(podCidr))} return`,
    ...plainRanges(cluster).map(range => `ip daddr ${range} return`),
    'oifname "eth0" counter packets 0 bytes 0 masquerade',
  ]
  return ['table ip ko {', '\tchain post {', ...rules.map(rule => `\t\t${rule}`), '\t}', '}'].map(line => `${line}\n`).join('')
}

type Port = PlannedService['ports'][number]

export function iptablesNat(cluster: Cluster, lp: number): string {
  const lines = ['-P PREROUTING ACCEPT', '-P INPUT ACCEPT', '-P OUTPUT ACCEPT', '-P POSTROUTING ACCEPT', ...kubeProxy(cluster, lp)]
  const { podCidr } = cluster.scenario.cluster.networkProfile
  if (cluster.params.masquerade && podCidr !== null) {
    lines.push('-N IP-MASQ-AGENT', '-A POSTROUTING -m addrtype ! --dst-type LOCAL -j IP-MASQ-AGENT')
    for (const range of plainRanges(cluster)) lines.push(`-A IP-MASQ-AGENT -d ${range} -j RETURN`)
    lines.push('-A IP-MASQ-AGENT -j MASQUERADE')
  }
  return lines.map(line => `${line}\n`).join('')
}

function kubeProxy(cluster: Cluster, lp: number): string[] {
  if (!cluster.params.services) return []
  const { plan, scenario } = cluster
  const find = endpointFinder(scenario, plan)
  const entry: string[] = []
  const chains: string[] = []
  for (const service of plan.services) {
    if (service.clusterIp === null) continue
    for (const port of service.ports) {
      const endpoints = find(service, port)
      if (endpoints.length > 0) chains.push(...serviceChains(cluster, service, port, endpoints, lp, entry))
    }
  }
  return [
    '-N KUBE-SERVICES',
    '-N KUBE-MARK-MASQ',
    '-N KUBE-POSTROUTING',
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    ...entry,
    ...chains,
  ]
}

/** Chain names are the first 16 letters of a base32 hash, as kube-proxy makes them. */
export function chainName(prefix: string, text: string): string {
  const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...createHash('sha256').update(text).digest().subarray(0, 10)].map(byte => byte.toString(2).padStart(8, '0')).join('')
  const letters = Array.from({ length: 16 }, (_, i) => LETTERS[Number.parseInt(bits.slice(i * 5, i * 5 + 5), 2)])
  return `${prefix}${letters.join('')}`
}

function serviceChains(
  cluster: Cluster,
  service: PlannedService,
  port: Port,
  endpoints: readonly ServiceEndpoint[],
  lp: number,
  entry: string[],
): string[] {
  const name = `${service.namespace}/${service.name}${port.name === null ? '' : `:${port.name}`}`
  const protocol = port.protocol.toLowerCase()
  const chain = chainName('KUBE-SVC-', name + protocol)
  const comment = (text: string): string => `-m comment --comment "${text}"`
  const { podCidr } = cluster.scenario.cluster.networkProfile
  const address = formatIpv4(service.clusterIp!)
  entry.push(
    `-A KUBE-SERVICES -d ${address}/32 -p ${protocol} ${comment(`${name} cluster IP`)} -m ${protocol} --dport ${port.port} -j ${chain}`,
  )
  const lines = [`-N ${chain}`]
  if (podCidr !== null) {
    const outside = `! -s ${formatCidr(networkOf(podCidr))} -d ${address}/32 -p ${protocol}`
    lines.push(`-A ${chain} ${outside} ${comment(`${name} cluster IP`)} -m ${protocol} --dport ${port.port} -j KUBE-MARK-MASQ`)
  }
  const served = service.internalTrafficPolicy === 'Local' ? endpoints.filter(({ node }) => node === lp) : endpoints
  served.forEach((endpoint, i) => {
    const to = `${formatIpv4(endpoint.address)}:${endpoint.port}`
    const own = chainName('KUBE-SEP-', name + protocol + to)
    const left = served.length - i
    const share = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(11)}` : ''
    lines.push(`-A ${chain} ${comment(`${name} -> ${to}`)}${share} -j ${own}`)
    lines.push(`-N ${own}`, `-A ${own} -s ${formatIpv4(endpoint.address)}/32 ${comment(name)} -j KUBE-MARK-MASQ`)
    const sticky = service.sessionAffinity === 'ClientIP' ? ` -m recent --set --name ${own} --mask 255.255.255.255 --rsource` : ''
    lines.push(`-A ${own} -p ${protocol} ${comment(name)}${sticky} -m ${protocol} -j DNAT --to-destination ${to}`)
  })
  return lines
}
