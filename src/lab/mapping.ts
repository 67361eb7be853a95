// What a load balancer or NAT gateway did to a packet: it keeps no table of connections as a host does, so this is read off the headers.
import { endOf, type PacketHeaders } from './headers.js'

export function mappingLines(before: PacketHeaders, now: PacketHeaders): string[] {
  const lines: string[] = []
  const [from, to] = [endOf(before.source, before.sourcePort), endOf(now.source, now.sourcePort)]
  const target = endOf(now.target, now.targetPort)
  if (before.source !== now.source) lines.push(`SNAT: ${from} shows itself as ${to}, a SNAT port for ${target}`)
  if (before.target !== now.target) lines.push(`target translated back: ${before.target} to ${target}`)
  return lines
}
