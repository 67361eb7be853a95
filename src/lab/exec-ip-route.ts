// `ip route`, `ip rule` and `ip neigh` of pods and nodes, as iproute2 6.1 prints them. A node's list is made of the very tables that its
// packets look their way up in.
import { nodeRoute, Way } from '../datapath/route.js'
import type { LpId } from '../datapath/stack.js'
import {
  formatCidr,
  formatIpv4,
  formatMac,
  MAC_HOST_VETH_HIGH,
  MAC_HOST_VETH_LOW,
  MAC_NODE,
  MAC_POD,
  MAC_VTEP,
  maskOf,
  networkOf,
  parseIpv4,
} from '../wire/address.js'
import { broadcastOf, type ExecPlace, hasTunnel, isReady, podRange, podsOn } from './exec-devices.js'
import { iproute2Json, type Json } from './exec-json.js'
import type { IpWords } from './exec-words.js'
import type { Cluster } from './lab.js'
import { LabError } from './lab-error.js'
import { ProbeWire } from './probe-wire.js'
import { vethName } from './routes.js'

/** What Azure's transparent pods call their router: nobody has the address, the veth answers for it. */
const LINK_LOCAL_ROUTER = '169.254.1.1'
const VETH_MAC = formatMac(MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW)

interface Route {
  /** `default`, an address or a range. */
  readonly to: string
  readonly type?: 'unreachable' | 'blackhole' | 'prohibit'
  readonly via?: string
  readonly dev?: string
  readonly kernel?: boolean
  readonly scope?: 'link'
  readonly source?: string
  readonly onlink?: boolean
}

export function ipRoute(cluster: Cluster, place: ExecPlace, words: IpWords): string {
  if (words.command === 'get') return routeGet(cluster, place, words.rest[0] ?? '')
  const at = words.rest.indexOf('table')
  const table = at < 0 ? 'main' : words.rest[at + 1]
  if (table === 'local' && place.pod >= 0) return localTable(cluster, place)
  if (table !== 'main') return ''
  const dev = words.rest.indexOf('dev')
  const all = place.pod >= 0 ? podRoutes(cluster, place) : nodeRoutes(cluster, place)
  const shown = words.family === 6 ? [] : all.filter(route => dev < 0 || route.dev === words.rest[dev + 1])
  return words.json ? iproute2Json(shown.map(routeJson), words.pretty) : shown.map(route => `${routeText(route)}\n`).join('')
}

const gatewayOfPod = ({ scenario, plan }: Cluster, lp: number): string | null => {
  const { block } = plan.nodes[lp]
  return scenario.fabric.podInterface === 'gateway' && block !== null ? formatIpv4(block.base + 1) : null
}

function podRoutes(cluster: Cluster, { lp, pod }: ExecPlace): Route[] {
  const gateway = gatewayOfPod(cluster, lp)
  if (gateway === null)
    return [
      { to: 'default', via: LINK_LOCAL_ROUTER, dev: 'eth0' },
      { to: LINK_LOCAL_ROUTER, dev: 'eth0', scope: 'link' },
    ]
  const range = networkOf(podRange(cluster, lp, pod))
  const source = formatIpv4(cluster.image.podAddress[pod])
  return [
    { to: 'default', via: gateway, dev: 'eth0' },
    { to: formatCidr(range), dev: 'eth0', kernel: true, scope: 'link', source },
  ]
}

function nodeRoutes(cluster: Cluster, { lp, atNs }: ExecPlace): Route[] {
  const { image, params, plan, scenario } = cluster
  const pool = scenario.cluster.agentPoolProfiles[plan.nodes[lp].pool]
  const subnet = networkOf(scenario.vnet.subnets[pool.vnetSubnet].cidr)
  const found: { base: number; prefix: number; route: Route }[] = [
    {
      ...subnet,
      route: { to: formatCidr(subnet), dev: 'eth0', kernel: true, scope: 'link', source: formatIpv4(image.lpAddress[lp]) },
    },
  ]
  for (const pod of podsOn(cluster, lp, atNs)) {
    const base = image.podAddress[pod]
    found.push({ base, prefix: 32, route: { to: formatIpv4(base), dev: vethName(base, image.lpBlockBase[lp]), scope: 'link' } })
  }
  const { podCidrRoute } = scenario.fabric
  plan.nodes.forEach(({ block }, other) => {
    if (block === null || !isReady(plan, other, atNs)) return
    if (other === lp && podCidrRoute !== 'none') found.push({ ...block, route: { to: formatCidr(block), type: podCidrRoute } })
    if (other === lp || !hasTunnel(cluster, lp, atNs)) return
    found.push({ ...block, route: { to: formatCidr(block), via: formatIpv4(image.lpVtep[other]), dev: 'vxlan0', onlink: true } })
  })
  found.sort((a, b) => (a.base >>> 0) - (b.base >>> 0) || a.prefix - b.prefix)
  return [{ to: 'default', via: formatIpv4(params.gatewayAddress), dev: 'eth0' }, ...found.map(({ route }) => route)]
}

function routeText({ to, type, via, dev, kernel, scope, source, onlink }: Route): string {
  const words = [type, to, via && `via ${via}`, dev && `dev ${dev}`, kernel && 'proto kernel', scope && `scope ${scope}`]
  return [...words, source && `src ${source}`, onlink && 'onlink']
    .filter(Boolean)
    .map(word => `${word} `)
    .join('')
}

const routeJson = ({ to, type, via, dev, kernel, scope, source, onlink }: Route): Json => ({
  type,
  dst: to,
  gateway: via,
  dev,
  protocol: kernel ? 'kernel' : undefined,
  scope,
  prefsrc: source,
  flags: onlink ? ['onlink'] : [],
})

function localTable(cluster: Cluster, { lp, pod }: ExecPlace): string {
  const own = cluster.image.podAddress[pod]
  const broadcast = broadcastOf(own, podRange(cluster, lp, pod).prefix)
  const address = formatIpv4(own)
  const lines = [
    `local ${address} dev eth0 proto kernel scope host src ${address} `,
    ...(broadcast === null ? [] : [`broadcast ${formatIpv4(broadcast)} dev eth0 proto kernel scope link src ${address} `]),
    'local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1 ',
    'local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1 ',
    'broadcast 127.255.255.255 dev lo proto kernel scope link src 127.0.0.1 ',
  ]
  return lines.map(line => `${line}\n`).join('')
}

function routeGet(cluster: Cluster, { lp, pod, atNs }: ExecPlace, words: string): string {
  const target = parseIpv4(words)
  if (target === null) throw new LabError('UnknownCommand', `"${words}" is not an address`, 'write ip route get 10.244.2.11')
  const { image } = cluster
  const line = (how: string, source: number): string => `${words} ${how}src ${formatIpv4(source)} uid 0 \n    cache \n`
  if (pod >= 0) {
    const own = image.podAddress[pod]
    if (target === own) return `local ${words} dev lo src ${words} uid 0 \n    cache <local> \n`
    const gateway = gatewayOfPod(cluster, lp)
    const isNear = gateway !== null && ((target ^ own) & maskOf(podRange(cluster, lp, pod).prefix)) === 0
    return line(isNear ? 'dev eth0 ' : `via ${gateway ?? LINK_LOCAL_ROUTER} dev eth0 `, own)
  }
  const { stack } = new ProbeWire(cluster.params, cluster.imageAt(atNs), atNs, () => {})
  const way = nodeRoute(stack, lp as LpId, target)
  const address = image.lpAddress[lp]
  if (way === Way.local) return `local ${words} dev lo src ${words} uid 0 \n    cache <local> \n`
  if (way === Way.vxlan) return line(`via ${formatIpv4(image.lpVtep[stack.routeLp])} dev vxlan0 `, image.lpVtep[lp])
  if (way === Way.pod) return line(`dev ${vethName(target, image.lpBlockBase[lp])} `, address)
  if (way === Way.onLink) return line('dev eth0 ', address)
  if (way === Way.gateway) return line(`via ${formatIpv4(cluster.params.gatewayAddress)} dev eth0 `, address)
  const errors: Readonly<Record<number, string>> = { [Way.blackhole]: 'Invalid argument', [Way.prohibit]: 'Permission denied' }
  return `RTNETLINK answers: ${errors[way] ?? (way === Way.unreachable ? 'No route to host' : 'Network is unreachable')}\n`
}

export const ipRule = (): string => '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n'

interface Neighbour {
  readonly address: number
  readonly dev: string
  readonly mac: string
  readonly state: 'PERMANENT' | 'REACHABLE'
}

export function ipNeigh(cluster: Cluster, place: ExecPlace, words: IpWords): string {
  const dev = words.rest.indexOf('dev')
  const all = place.pod >= 0 ? podNeighbours(cluster, place) : nodeNeighbours(cluster, place)
  const shown = words.family === 6 ? [] : all.filter(one => dev < 0 || one.dev === words.rest[dev + 1])
  if (words.json)
    return iproute2Json(
      shown.map(({ address, dev: device, mac, state }) => ({ dst: formatIpv4(address), dev: device, lladdr: mac, state: [state] })),
      words.pretty,
    )
  const device = (one: Neighbour): string => (dev < 0 ? `dev ${one.dev} ` : '')
  return shown.map(one => `${formatIpv4(one.address)} ${device(one)}lladdr ${one.mac} ${one.state} \n`).join('')
}

/** A transparent pod's router is fixed; a gateway is found by ARP, which the veth answers for it. */
function podNeighbours(cluster: Cluster, { lp }: ExecPlace): Neighbour[] {
  const gateway = gatewayOfPod(cluster, lp)
  const address = parseIpv4(gateway ?? LINK_LOCAL_ROUTER) as number
  return [{ address, dev: 'eth0', mac: VETH_MAC, state: gateway === null ? 'PERMANENT' : 'REACHABLE' }]
}

function nodeNeighbours(cluster: Cluster, { lp, atNs }: ExecPlace): Neighbour[] {
  const { image, params, plan, scenario } = cluster
  const onWire = (address: number): Neighbour => ({ address, dev: 'eth0', mac: formatMac(MAC_NODE, address), state: 'PERMANENT' })
  const near = scenario.endpoints.filter(({ location }) => location === 'vnet').map(({ address }) => onWire(address))
  const others = [...plan.nodes.keys()].filter(
    other => other !== lp && plan.nodes[other].joinNs <= atNs && atNs < plan.nodes[other].leaveNs,
  )
  const pods = podsOn(cluster, lp, atNs).map((pod): Neighbour => {
    const address = image.podAddress[pod]
    return { address, dev: vethName(address, image.lpBlockBase[lp]), mac: formatMac(MAC_POD, address), state: 'PERMANENT' }
  })
  const tunnels = hasTunnel(cluster, lp, atNs)
    ? others
        .filter(other => isReady(plan, other, atNs))
        .map(
          (other): Neighbour => ({
            ...{ address: image.lpVtep[other], dev: 'vxlan0', state: 'PERMANENT' },
            mac: formatMac(MAC_VTEP, image.lpVtep[other]),
          }),
        )
    : []
  return [onWire(params.gatewayAddress), ...others.map(other => onWire(image.lpAddress[other])), ...near, ...pods, ...tunnels]
}
