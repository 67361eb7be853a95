// The connection that a host had in hand, as a trace speaks of it.
import { formatIpv4 } from '../wire/address.js'
import type { PacketHeaders } from './headers.js'
import type { Connection } from './probe-wire.js'

/** The connection that the host had in hand, unless it is another packet's: a host that answers handles the answer before the packet ends. */
export function ownConnection(before: PacketHeaders, connection: Connection | null): Connection | null {
  if (connection === null || connection.isRelated) return connection
  const { isReply, source, target, replySource, replyTarget } = connection
  const [from, to] = isReply ? [replySource, replyTarget] : [source, target]
  return formatIpv4(from) === before.source && formatIpv4(to) === before.target ? connection : null
}

const ICMP = 1
/** The connection as its first packet showed it. */
export function connectionLine({ protocol, source, target, ports }: Connection): string {
  if (protocol === ICMP) return `${formatIpv4(source)} > ${formatIpv4(target)} echo ${ports >>> 16}`
  return `${formatIpv4(source)}:${ports >>> 16} > ${formatIpv4(target)}:${ports & 0xffff}`
}
