// Source NAT on the way out of a host, and the entry into connection tracking: the POSTROUTING and "confirm" part of the kernel. A node
// masquerades its pods towards everything outside the pod CIDR; the appliance translates the VNet to its public address. Every
// other new connection gets a null binding: its own source, moved to another port only if the reply tuple is taken.
import { LpKind } from '../image/kinds.js'
import type { FlatParams } from '../image/params.js'
import { Direction } from '../table/conntrack.js'
import { Entry } from '../table/conntrack-records.js'
import { earlyDrop } from '../table/early-drop.js'
import { classFirst, classSize, searchPort } from '../table/nat-ports.js'
import { takePort } from '../table/port-takeover.js'
import * as ipv4 from '../wire/ipv4.js'
import { isVnetAddress } from './fabric.js'
import { ownAddress, Way } from './route.js'
import { draw, type LpId, type Stack, Tracked } from './stack.js'
import { beginTracking } from './track.js'
import { Verdict } from './verdict.js'

/** Whether this host tracks connections at all: the appliance always, nodes where anything needs it (masquerade, policies, Services). */
export const tracks = (stack: Stack, lp: LpId): boolean => stack.image.lpKind[lp] === LpKind.appliance || stack.params.tracking

/**
 * Adds the new connection in hand to the table, translated as the host's rules say for this way out. Afterwards `connection` refers
 * to it.
 */
export function confirm(stack: Stack, lp: LpId, way: number): Verdict {
  if (stack.connection !== Tracked.NEW) return Verdict.continue
  const { clock, conntrack } = stack
  const { tupleProtocol, tupleSource, tupleTarget, tuplePorts } = stack
  const isFull = conntrack.used[lp] >= stack.params.conntrackMax
  if (isFull && !earlyDrop(conntrack, lp, tupleProtocol, tupleSource, tupleTarget, tuplePorts, clock)) {
    conntrack.refused[lp]++
    return Verdict.conntrackFull
  }
  const { services } = stack.params
  const target = services ? stack.natTarget : tupleTarget
  const targetPorts = services ? stack.natPorts : tuplePorts
  const external = services && stack.natMark ? ownAddress(stack, lp, way) : externalAddress(stack, lp, way, target)
  const ports = chooseReplyPorts(stack, lp, external, target, targetPorts)
  if (ports === NONE) {
    conntrack.refuseUnbound(lp, tupleProtocol, target, conntrack.replyPortsOf(tupleProtocol, targetPorts), clock)
    return Verdict.natPortsExhausted
  }
  const record = conntrack.add(lp, tupleProtocol, tupleSource, tupleTarget, tuplePorts, target, external, ports | 0, clock)
  beginTracking(stack, record)
  stack.connection = record * 4 + Direction.ORIGINAL
  return Verdict.continue
}

/** The address that the connection in hand shows to the other side on this way. */
function externalAddress(stack: Stack, lp: LpId, way: number, target: number): number {
  const { image, params } = stack
  const source = stack.tupleSource
  if (image.lpKind[lp] === LpKind.appliance) return way === Way.outside && isVnetAddress(stack, source) ? params.gatewayPublic : source
  if (!params.masquerade || (way !== Way.onLink && way !== Way.gateway)) return source
  if (params.flat !== null) return flatSource(stack, lp, params.flat, target)
  const isPod = ((source ^ params.podCidrBase) & params.podCidrMask) === 0
  const staysInside = ((target ^ params.podCidrBase) & params.podCidrMask) === 0
  if (!isPod || staysInside || (!params.masqueradeVnet && isVnetAddress(stack, target))) return source
  return image.lpAddress[lp]
}

const holds = (ranges: readonly (readonly [number, number])[], address: number): boolean => {
  for (const [base, mask] of ranges) if (((address ^ base) & mask) === 0) return true
  return false
}

const AZURE_DNS = 0xa83f8110 | 0
const AZURE_METADATA = 0xa9fea9fe | 0

/** Where pods have addresses of the VNet (ip-masq-agent's list in a node subnet, SWIFT-POSTROUTING of the CNS with a pod subnet). */
function flatSource({ image, tupleSource, tuplePorts }: Stack, lp: LpId, flat: FlatParams, target: number): number {
  const { pods, plain, hostServices } = flat
  if (!holds(pods, tupleSource)) return tupleSource
  const port = tuplePorts & 0xffff
  const isHostService = hostServices && ((target === AZURE_DNS && port === 53) || (target === AZURE_METADATA && port === 80))
  return !isHostService && holds(plain, target) ? tupleSource : image.lpAddress[lp]
}

// A double that is no int32: ports fill all 32 bits.
const NONE = 2 ** 40

/** Ports of the reply tuple (source << 16 | target), or NONE. Mirrors get_unique_tuple: keep, else the socket's other mapping, else search. */
function chooseReplyPorts(stack: Stack, lp: LpId, external: number, target: number, ownPorts: number): number {
  const { clock, conntrack, image, params } = stack
  const protocol = stack.tupleProtocol
  const reply = conntrack.replyPortsOf(protocol, ownPorts)
  const taken = (ports: number, triesLeft = Infinity): boolean => {
    const reference = conntrack.find(lp, protocol, target, external, ports, clock)
    if (reference < 0) return false
    return protocol !== ipv4.PROTOCOL_TCP || !takePort(conntrack, reference, triesLeft)
  }
  const ranged =
    image.lpKind[lp] === LpKind.appliance &&
    external !== stack.tupleSource &&
    (protocol === ipv4.PROTOCOL_UDP || protocol === ipv4.PROTOCOL_TCP)
  const port = stack.tuplePorts >>> 16
  const inRange = (p: number): boolean => !ranged || (p >= params.appliancePortFirst && p <= params.appliancePortLast)
  if (external !== stack.tupleSource) {
    // A socket that has a mapping keeps it towards new destinations (find_appropriate_src).
    const other = conntrack.mappingOf(lp, protocol, stack.tupleSource, port, clock)
    if (other >= 0 && conntrack.words[other * Entry.WORDS + 4] === external) {
      const mapped = externalPortOf(stack, other)
      if (inRange(mapped) && !taken(withPort(protocol, reply, mapped))) return withPort(protocol, reply, mapped)
    }
  }
  if (inRange(port) && !taken(reply)) return reply
  return searchReplyPorts(stack, lp, reply, port, ranged, taken)
}

type Taken = (ports: number, triesLeft?: number) => boolean

function searchReplyPorts(stack: Stack, lp: LpId, reply: number, port: number, ranged: boolean, taken: Taken): number {
  const protocol = stack.tupleProtocol
  const isEcho = protocol === ipv4.PROTOCOL_ICMP
  if (!isEcho && protocol !== ipv4.PROTOCOL_UDP && protocol !== ipv4.PROTOCOL_TCP) return NONE
  const { appliancePortFirst, appliancePortLast } = stack.params
  const first = ranged ? appliancePortFirst : isEcho ? 0 : classFirst(port)
  const size = ranged ? appliancePortLast - appliancePortFirst + 1 : isEcho ? 65536 : classSize(port)
  const found = searchPort(
    first,
    size,
    () => draw(stack, lp),
    (p, triesLeft) => taken(withPort(protocol, reply, p), triesLeft),
  )
  return found < 0 ? NONE : withPort(protocol, reply, found)
}

/** The reply's ports with the translated end replaced: its target port, or an echo's id. */
const withPort = (protocol: number, reply: number, port: number): number =>
  protocol === ipv4.PROTOCOL_ICMP ? (port << 16) | (reply & 0xffff) : (reply & ~0xffff) | port

/** External port (or echo id) of a connection. */
function externalPortOf(stack: Stack, record: number): number {
  const ports = stack.conntrack.words[record * Entry.WORDS + 5]
  return (stack.conntrack.words[record * Entry.WORDS + 6] & 0xff) === ipv4.PROTOCOL_ICMP ? ports >>> 16 : ports & 0xffff
}
