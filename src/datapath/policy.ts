// NetworkPolicies on a packet's way, at the place of Linux's FORWARD hook: addresses are those of the pods (inside the tunnel, Services already
// translated, not yet masqueraded). The first packet of a connection is asked about, the rest rides on connection tracking, replies and
// ICMP errors about it too. What a node sends itself never comes by here: a node always reaches its own pods, and they reach it.
import { LpKind, RouteKind } from '../image/kinds.js'
import { Direction } from '../table/conntrack.js'
import { lookup } from '../table/fib.js'
import { EGRESS, INGRESS, isAllowed, OTHER, protocolClass } from '../table/policy.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import { podBehind, Way } from './route.js'
import { type LpId, type PacketId, type Stack, Tracked } from './stack.js'
import { Verdict } from './verdict.js'

const ARGUMENT = 0x0fffffff
const NOBODY = -1

/** Asks the policies of the pod that sent the packet (`veth`), then of the pod that gets it (`routePod`); `continue` lets it pass. */
export function police(stack: Stack, lp: LpId, id: PacketId, way: number): Verdict {
  if (stack.image.lpKind[lp] !== LpKind.node || !mustAsk(stack)) return Verdict.continue
  const { image, pool, veth } = stack
  const target = way === Way.pod ? stack.routePod : NOBODY
  // A pod cannot shut itself out.
  if (veth === target && veth !== NOBODY) return Verdict.continue
  const frame = pool.view
  const ip = pool.start(id) + ethernet.HEADER_LEN
  const epoch = epochAt(image.policyEpochNs, stack.clock)
  const leaving = veth === NOBODY ? NOBODY : programOf(stack, epoch, veth, EGRESS)
  if (leaving !== NOBODY && !passes(stack, leaving, frame, ip, ipv4.target(frame, ip))) return deny(stack, Verdict.policyEgressDenied)
  const entering = target === NOBODY ? NOBODY : programOf(stack, epoch, target, INGRESS)
  if (entering !== NOBODY && !passes(stack, entering, frame, ip, ipv4.source(frame, ip))) return deny(stack, Verdict.policyIngressDenied)
  return Verdict.continue
}

/** Nobody learns from the connection of a packet that ends here. */
function deny(stack: Stack, verdict: Verdict): Verdict {
  if (stack.connection !== Tracked.NEW) stack.connection = Tracked.NOT
  return verdict
}

/** Whether a packet ended here. */
export const isDenial = (verdict: Verdict): boolean => verdict === Verdict.policyEgressDenied || verdict === Verdict.policyIngressDenied

/**
 * What conntrack knows is let through: with iptables (Calico, Azure NPM) an established connection outlives the policy that allowed it.
 * Cilium asks about every packet in the direction that was opened (bpf_lxc.c: CT_NEW and CT_ESTABLISHED), so a policy that
 * changes cuts what it no longer allows.
 */
function mustAsk(stack: Stack): boolean {
  const { connection } = stack
  if (connection < 0) return !stack.admitted
  return stack.params.policyRecheck && !stack.related && (connection & 3) === Direction.ORIGINAL
}

/** The policies in force now: the last moment of change that has come. */
export function epochAt(epochNs: Float64Array, clock: Float64Array): number {
  let epoch = epochNs.length - 1
  while (epoch > 0 && epochNs[epoch] > clock[0]) epoch--
  return epoch
}

function programOf({ image, params }: Stack, epoch: number, pod: number, direction: number): number {
  const identity = image.policyPodIdentity[pod]
  return identity < 0 ? NOBODY : image.policyPrograms[(epoch * params.policyIdentities + identity) * 2 + direction]
}

function passes(stack: Stack, program: number, frame: DataView, ip: number, peerAddress: number): boolean {
  const protocol = protocolClass(ipv4.protocol(frame, ip))
  const l4 = ip + ipv4.headerLength(frame, ip)
  const port = protocol === OTHER ? 0 : frame.getUint16(l4 + 2)
  return isAllowed(stack.image, stack.params.policyWidth, program, protocol, port, peerOf(stack, peerAddress))
}

/** Who an address is to policies: the identity of its pod, or the class of an address outside. A tunnel's address stands for its node. */
function peerOf(stack: Stack, address: number): number {
  const { image, params } = stack
  const value = lookup(image.fib, address)
  let outside = address
  const pod = podBehind(stack, value, address)
  if (pod >= 0 && image.policyPodIdentity[pod] >= 0) return image.policyPodIdentity[pod]
  if (params.vxlan && value >>> 28 === RouteKind.podBlock) {
    const owner = value & ARGUMENT
    if (address === image.lpVtep[owner]) outside = image.lpAddress[owner]
  }
  return params.policyIdentities + Math.max(0, lookup(image.policyFib, outside) - 1)
}
