// `ip link` and `ip addr`, as iproute2 6.1 prints them.
import { formatIpv4 } from '../wire/address.js'
import { broadcastOf, type Device } from './exec-devices.js'
import { iproute2Json, type Json } from './exec-json.js'
import type { IpWords } from './exec-words.js'
import type { Cluster } from './lab.js'

const FOREVER = 4294967295
const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff'
/** What the kernel says of any such device. */
const OFFLOADS = 'gso_max_size 65536 gso_max_segs 65535 tso_max_size 524280 tso_max_segs 65535 gro_max_size 65536 '

export function ipLink(devices: readonly Device[], words: IpWords, cluster: Cluster, lp: number): string {
  if (words.json)
    return iproute2Json(
      devices.map(device => linkJson(device, words.details, cluster, lp)),
      words.pretty,
    )
  if (words.brief) return devices.map(device => `${briefHead(device)}${device.mac} <${flagsOf(device).join(',')}> \n`).join('')
  return devices
    .map(device => {
      const details = words.details ? detailLines(device, cluster, lp) : '\n'
      return `${headLine(device, 'mode DEFAULT ')}\n${macLine(device)}${details}`
    })
    .join('')
}

export function ipAddr(devices: readonly Device[], words: IpWords): string {
  const shown = words.family === 6 ? [] : devices.filter(({ address }) => address !== null || words.family === null)
  if (words.json) return iproute2Json(shown.map(addrJson), words.pretty)
  if (words.brief) return shown.map(device => `${briefHead(device)}${device.address ? `${localOf(device.address)} ` : ''}\n`).join('')
  return shown
    .map(device => {
      const link = words.family === null ? `\n${macLine(device)}\n` : `${namespaceOf(device)}\n`
      return `${headLine(device, '')}${link}${inetLines(device)}`
    })
    .join('')
}

const localOf = ({ local, prefix }: NonNullable<Device['address']>): string => `${formatIpv4(local)}/${prefix}`
const shownName = ({ name, peer }: Device): string => (peer ? `${name}@if${peer.index}` : name)
const stateOf = ({ kind }: Device): string => (kind === 'veth' ? 'UP' : 'UNKNOWN')
const flagsOf = ({ kind }: Device): string[] =>
  kind === 'loopback' ? ['LOOPBACK', 'UP', 'LOWER_UP'] : ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP']
const namespaceOf = ({ peer }: Device): string => (peer ? ` link-netnsid ${peer.namespace}` : '')

const briefHead = (device: Device): string => {
  // `ip -br link` hides the flags LOWER_UP's state but not the peer.
  return `${shownName(device).padEnd(16)} ${stateOf(device).padEnd(14)} `
}

const headLine = (device: Device, mode: string): string =>
  `${device.index}: ${shownName(device)}: <${flagsOf(device).join(',')}> mtu ${device.mtu} qdisc noqueue state ${stateOf(device)} ${mode}group default qlen 1000`

function macLine(device: Device): string {
  if (device.kind === 'loopback') return `    link/loopback ${device.mac} brd 00:00:00:00:00:00`
  return `    link/ether ${device.mac} brd ${BROADCAST_MAC}${namespaceOf(device)}`
}

function inetLines({ name, kind, address }: Device): string {
  if (!address) return ''
  const broadcast = kind === 'loopback' ? null : broadcastOf(address.local, address.prefix)
  const brd = broadcast === null ? '' : ` brd ${formatIpv4(broadcast)}`
  const scope = kind === 'loopback' ? 'host' : 'global'
  return `    inet ${localOf(address)}${brd} scope ${scope} ${name}\n       valid_lft forever preferred_lft forever\n`
}

function detailLines(device: Device, cluster: Cluster, lp: number): string {
  const limits = device.kind === 'loopback' ? 'minmtu 0 maxmtu 0 ' : 'minmtu 68 maxmtu 65535 '
  const queues = device.kind === 'veth' ? 2 : 1
  const kind = device.kind === 'vxlan' ? `    ${vxlanWords(cluster, lp)}` : device.kind === 'veth' ? '    veth ' : '    '
  const shared = `addrgenmode eui64 numtxqueues ${queues} numrxqueues ${queues} ${OFFLOADS}`
  return ` promiscuity 0  allmulti 0 ${limits}\n${kind}${shared}\n`
}

/** `ttl auto` is what iproute2 calls the device's default of 64; other options only show where they are set. */
function vxlanWords({ params, scenario, image }: Cluster, lp: number): string {
  const { ttl, tos, df } = scenario.fabric.vxlan
  const life = ttl === 'inherit' ? 'ttl inherit' : ttl === 64 ? 'ttl auto' : `ttl ${ttl}`
  const service = tos === 'default' ? '' : ` tos ${tos === 'inherit' ? 'inherit' : `0x${tos.toString(16)}`}`
  const fragment = df === 'unset' ? '' : ` df ${df}`
  const sums = params.udpChecksum ? 'udpcsum' : 'noudpcsum'
  const local = formatIpv4(image.lpAddress[lp])
  return `vxlan id ${params.vni} local ${local} dev eth0 srcport 0 0 dstport 4789 nolearning${service} ${life}${fragment} ageing 300 ${sums} noudp6zerocsumtx noudp6zerocsumrx `
}

function linkJson(device: Device, details: boolean, cluster: Cluster, lp: number): Json {
  const { link, ...rest } = jsonHead(device, 'DEFAULT')
  return { ...link, ...rest, ...(details ? detailJson(device, cluster, lp) : {}) }
}

function addrJson(device: Device): Json {
  const { link, ...rest } = jsonHead(device, null)
  const { address, name, kind } = device
  const broadcast = address && kind !== 'loopback' ? broadcastOf(address.local, address.prefix) : null
  const info: Json[] = address
    ? [
        {
          family: 'inet',
          local: formatIpv4(address.local),
          prefixlen: address.prefix,
          broadcast: broadcast === null ? undefined : formatIpv4(broadcast),
          scope: kind === 'loopback' ? 'host' : 'global',
          label: name,
          valid_life_time: FOREVER,
          preferred_life_time: FOREVER,
        },
      ]
    : []
  return { ...link, ...rest, addr_info: info }
}

function jsonHead(device: Device, mode: string | null) {
  const { index, name, peer, mtu, mac, kind } = device
  return {
    link: {
      ifindex: index,
      link_index: peer?.index,
      ifname: name,
      flags: flagsOf(device),
      mtu,
      qdisc: 'noqueue',
      operstate: stateOf(device),
    },
    linkmode: mode ?? undefined,
    group: 'default',
    txqlen: 1000,
    link_type: kind === 'loopback' ? 'loopback' : 'ether',
    address: mac,
    broadcast: kind === 'loopback' ? '00:00:00:00:00:00' : BROADCAST_MAC,
    link_netnsid: peer?.namespace,
  }
}

function detailJson({ kind }: Device, cluster: Cluster, lp: number): { readonly [name: string]: Json | undefined } {
  const queues = kind === 'veth' ? 2 : 1
  return {
    promiscuity: 0,
    allmulti: 0,
    min_mtu: kind === 'loopback' ? 0 : 68,
    max_mtu: kind === 'loopback' ? 0 : 65535,
    linkinfo:
      kind === 'vxlan' ? { info_kind: 'vxlan', info_data: vxlanJson(cluster, lp) } : kind === 'veth' ? { info_kind: 'veth' } : undefined,
    inet6_addr_gen_mode: 'eui64',
    num_tx_queues: queues,
    num_rx_queues: queues,
    gso_max_size: 65536,
    gso_max_segs: 65535,
    tso_max_size: 524280,
    tso_max_segs: 65535,
    gro_max_size: 65536,
  }
}

function vxlanJson({ params, scenario, image }: Cluster, lp: number): Json {
  const { ttl, tos, df } = scenario.fabric.vxlan
  return {
    id: params.vni,
    local: formatIpv4(image.lpAddress[lp]),
    link: 'eth0',
    port_range: { low: 0, high: 0 },
    port: 4789,
    learning: false,
    tos: tos === 'default' ? undefined : tos === 'inherit' ? 'inherit' : tos,
    ttl: ttl === 'inherit' ? 'inherit' : ttl === 64 ? 0 : ttl,
    df,
    ageing: 300,
    udp_csum: params.udpChecksum,
    udp_zero_csum6_tx: false,
    udp_zero_csum6_rx: false,
  }
}
