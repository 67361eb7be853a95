// Commands as one would type them inside a pod or on a node: which there are, and who answers them. The texts are made by the `exec-*` files.
import type { Conntrack } from '../table/conntrack.js'
import { formatIpv4, parseIpv4 } from '../wire/address.js'
import { bridgeFdb } from './exec-bridge.js'
import { conntrackCount, conntrackList } from './exec-conntrack.js'
import { type Device, type ExecPlace, nodeDevices, podDevices } from './exec-devices.js'
import { iptablesNat, nftRuleset } from './exec-firewall.js'
import { ipAddr, ipLink } from './exec-ip-link.js'
import { ipNeigh, ipRoute, ipRule } from './exec-ip-route.js'
import { iptablesFilter } from './exec-policies.js'
import { deviceAmong, type IpWords, ipWords, unknown } from './exec-words.js'
import type { Cluster } from './lab.js'

const IN_POD = [
  'ip [-4] [-j [-p]] [-br] addr [show [dev] eth0]',
  'ip [-d] [-j [-p]] [-br] link [show [dev] eth0]',
  'ip [-j] route [show [table local]], ip route get ADDRESS, ip rule',
  'ip [-j] neigh [show [dev eth0]]',
  'cat /etc/resolv.conf',
]
const ON_NODE = [
  ...IN_POD.slice(0, 4),
  'bridge fdb show [dev vxlan0]',
  'conntrack -L [-p PROTOCOL] [-s ADDRESS] [-d ADDRESS] [-o extended], conntrack -C',
  'nft list ruleset, iptables-save -t nat, iptables -t nat -S',
  'iptables-save -t filter, iptables -S',
]

/** The connections of the whole run at the place's moment; null where nothing has happened yet. */
export type ConnectionsAt = (atNs: number) => Conntrack | null

/** Runs `argv` at a place; the text that the tool prints. Throws a LabError for what is not answered. */
export function execAt(cluster: Cluster, place: ExecPlace, argv: readonly string[], connectionsAt: ConnectionsAt): string {
  const isPod = place.pod >= 0
  const answered = (isPod ? IN_POD : ON_NODE).map(line => `  ${line}`).join('\n')
  const [tool, ...words] = argv
  if (tool === 'ip') return ip(cluster, place, ipWords(argv, answered), () => unknown(argv, answered))
  if (tool === 'cat' && isPod && words[0] === '/etc/resolv.conf') return resolvConf(cluster, place)
  if (isPod) throw unknown(argv, answered)
  const command = argv.filter(word => word !== '-j').join(' ')
  if (/^bridge fdb( show| list)?( (dev|brport) \S+)?$/.test(command))
    return bridgeFdb(cluster, place, deviceAmong(command.split(' ').slice(3)), argv.includes('-j'))
  if (command === 'nft list ruleset') return nftRuleset(cluster)
  if (/^iptables(-save -t nat| -t nat -S)$/.test(command)) return iptablesNat(cluster, place.lp)
  if (/^iptables(-save -t filter| -S| -t filter -S)$/.test(command)) return iptablesFilter(cluster, place.lp, place.atNs)
  if (tool === 'conntrack') {
    const text = conntrack(place, words, connectionsAt)
    if (text !== null) return text
  }
  throw unknown(argv, answered)
}

function ip(cluster: Cluster, place: ExecPlace, words: IpWords, refuse: () => Error): string {
  switch (words.object) {
    case 'route':
      return ipRoute(cluster, place, words)
    case 'rule':
      return ipRule()
    case 'neighbour':
      return ipNeigh(cluster, place, words)
    default: {
      const all = place.pod >= 0 ? podDevices(cluster, place) : nodeDevices(cluster, place)
      const name = deviceAmong(words.rest)
      const devices: readonly Device[] = name === null ? all : all.filter(device => device.name === name)
      if (devices.length === 0 && name !== null) return `Device "${name}" does not exist.\n`
      if (words.command !== 'show') throw refuse()
      return words.object === 'link' ? ipLink(devices, words, cluster, place.lp) : ipAddr(devices, words)
    }
  }
}

/** `conntrack -L` with a few of its filters, `conntrack -C`; null for anything else. */
function conntrack(place: ExecPlace, words: readonly string[], connectionsAt: ConnectionsAt): string | null {
  const clock = Float64Array.of(place.atNs)
  if (words.join(' ') === '-C') return conntrackCount(connectionsAt(place.atNs), place.lp, clock)
  if (words[0] !== '-L' && words[0] !== '--dump') return null
  const filter = { extended: false, protocol: null as string | null, source: null as string | null, target: null as string | null }
  for (let i = 1; i < words.length; i += 2) {
    const value = words[i + 1] ?? ''
    if (words[i] === '-o' && value === 'extended') filter.extended = true
    else if (words[i] === '-p' && value !== '') filter.protocol = value.toLowerCase()
    else if (words[i] === '-s' && parseIpv4(value) !== null) filter.source = value
    else if (words[i] === '-d' && parseIpv4(value) !== null) filter.target = value
    else return null
  }
  return conntrackList(connectionsAt(place.atNs), place.lp, clock, filter)
}

/** As the kubelet writes it for dnsPolicy ClusterFirst. */
function resolvConf({ scenario, names }: Cluster, { pod }: ExecPlace): string {
  const namespace = names.podName(pod).split('/')[0]
  const search = `search ${namespace}.svc.cluster.local svc.cluster.local cluster.local\n`
  return `${search}nameserver ${formatIpv4(scenario.cluster.networkProfile.dnsServiceIp)}\noptions ndots:5\n`
}
