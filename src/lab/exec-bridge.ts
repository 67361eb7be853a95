// `bridge fdb`: which VTEP each remote tunnel address is behind. Entries are put there by the control plane, nothing is learned.
import { formatIpv4, formatMac, MAC_VTEP } from '../wire/address.js'
import { type ExecPlace, hasTunnel, isReady } from './exec-devices.js'
import { iproute2Json } from './exec-json.js'
import type { Cluster } from './lab.js'

export function bridgeFdb(cluster: Cluster, { lp, atNs }: ExecPlace, dev: string | null, json: boolean): string {
  const { image, plan } = cluster
  if (!hasTunnel(cluster, lp, atNs) || (dev !== null && dev !== 'vxlan0')) return json ? iproute2Json([], false) : ''
  const others = [...plan.nodes.keys()].filter(other => other !== lp && isReady(plan, other, atNs))
  const rows = others.map(other => ({ mac: formatMac(MAC_VTEP, image.lpVtep[other]), to: formatIpv4(image.lpAddress[other]) }))
  if (json)
    return iproute2Json(
      rows.map(({ mac, to }) => ({ mac, ifname: 'vxlan0', dst: to, flags: ['self'], state: 'permanent' })),
      false,
    )
  return rows.map(({ mac, to }) => `${mac} ${dev === null ? 'dev vxlan0 ' : ''}dst ${to} self permanent\n`).join('')
}
