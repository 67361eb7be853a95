// The express path: what a flow cache does in a kernel (nf_flow_table, VFP's unified flow table). The first datagram of a flow walks
// through every step; when it went by VXLAN to another node, untranslated, the flow remembers the connection at its source and the
// remote node, and the receiver's side remembers the connection there. Later datagrams are written whole in one go, and received
// whole in one go, as long as both connections are still the very same. Bytes, counters, timers and digest are those of the steps:
// `verify` runs without it and must agree. Captures on a host, too, take the steps.
import { PacketFlag, Slot } from '../shm/packet-pool.js'
import { Direction } from '../table/conntrack.js'
import { Entry } from '../table/conntrack-records.js'
import { Flow, type Flows } from '../traffic/flows.js'
import { flowHash, sourcePortOf } from '../wire/flow.js'
import { answerOf } from './answer.js'
import { createStops } from './changes.js'
import { isPlain, isUntouched, outerPort, redirect } from './express-learn.js'
import { createMeet } from './express-meet.js'
import { State } from './lp-state.js'
import { tunnelLeaves } from './nsg.js'
import { epochAt } from './policy.js'
import { nodeRoute, Way } from './route.js'
import { Count, type LpId, type PacketId, type Stack } from './stack.js'

const UDP = 17
/** Outer Ethernet 14, IPv4 20, UDP 8, VXLAN 8, inner Ethernet 14, IPv4 20, UDP 8. */
const HEAD = 92
const INNER_HEAD = 42
const FLAGS = PacketFlag.IP_GOOD | PacketFlag.L4_GOOD | PacketFlag.IS_DATAGRAM | PacketFlag.OUTER_GOOD | PacketFlag.EXPRESS
const OVERHEAD = 50
const DF = 0x4000

/** 16-bit one's complement of a sum below 2^32. */
function complement(total: number): number {
  let s = (total & 0xffff) + (total >>> 16)
  s = (s & 0xffff) + (s >>> 16)
  return ~s & 0xffff
}

/** What a word adds to an Internet checksum. */
const halves = (word: number): number => (word >>> 16) + (word & 0xffff)

export interface Express {
  /**
   * Writes the whole frame of the flow's next datagram of `size` bytes, as `sender`, `forward` and `encap` would have left it, counts it and
   * refreshes its connection; -1 where the datagram has to take the steps.
   */
  write(lp: LpId, flow: number, size: number): PacketId | -1
  /** Finishes the frame of an answer that is due; the process it goes to, or -1 where it has to take the steps. */
  wrapAnswer(lp: LpId, id: PacketId): number
  /** After a datagram of `flow` took the steps and went on: may the next ones go express? */
  learn(lp: LpId, flow: number): void
  /** Receives an express frame at its node in one go, as the pod gets it; false where it has to take the steps. The books are the caller's. */
  receive(lp: LpId, id: PacketId): boolean
  /** After an express frame took the steps and was delivered to its pod: may the next ones be received in one go? */
  learnReceived(lp: LpId, flow: number): void
  /**
   * Two words a flow: its connection record + 1 at the receiver (-1 where the receiver tracks nothing, 0 while nothing is known), and that
   * record's generation.
   */
  readonly inRecord: Int32Array
}

/**
 * The express path of one shard. A factory of closures, not a class: what they capture never changes, so the compiler knows the very
 * columns and reads them without a check (a class's fields cost several instructions at each access, a third of the whole path).
 */
export function createExpress(stack: Stack, flows: Flows, verify: boolean): Express {
  const { params, image, pool, conntrack, clock, tapped, counts } = stack
  const { lpAddress, lpVtep, trafficDf, trafficAnswerSize } = image
  const { flowTraffic, flowPod, flowLp, flowSourceAddress, flowTargetAddress, flowPorts } = image
  const state = stack.state.words
  const { words } = flows
  const meet = createMeet(conntrack, clock)
  const { view, words: slots, times: births } = pool
  const { outerTtl, outerTos, outerDf, vxlan, udpChecksum, vni, overlayMtu, podMtu, tracking, nsg, services } = params
  // The device's unusual options take the steps; so does everything when the run is verified.
  const enabled = !verify && vxlan && udpChecksum && outerTtl > 0 && outerTos === -1 && outerDf === 0
  const inRecord = new Int32Array(enabled ? flowTraffic.length * 2 : 0)
  // Where the engine asks about established connections again when policies change, what was learnt holds until they do.
  const { policyRecheck } = params
  const { policyEpochNs } = image
  const sentEpoch = new Int32Array(enabled && policyRecheck ? flowTraffic.length : 0)
  const inEpoch = new Int32Array(sentEpoch.length)
  // Where pods come and go, what was learnt holds until the pod stops: seen from the sender, and at the receiver.
  const { changes } = params
  const { podStopNs } = image
  const sentTo = createStops(image, clock, enabled && changes ? flowTraffic.length : 0)
  const receivedAt = createStops(image, clock, enabled && changes ? flowTraffic.length : 0)
  const vniWord = vni << 8
  /** Sum of the header fields that are the same in every outer UDP checksum. */
  const constantSum = UDP + 4789 + 0x0800 + (vniWord >>> 16) + (vniWord & 0xffff) + 0x0201 * 2 + 0x0800
  const dfWords = Int32Array.from(trafficDf, isSet => isSet * DF)
  const mostBytes = Math.min(overlayMtu, podMtu)

  function write(lp: LpId, flow: number, size: number): PacketId | -1 {
    const w = flow * Flow.WORDS
    const remote = words[w + Flow.REMOTE] - 1
    if (remote < 0 || size > mostBytes || tapped[lp] !== 0) return -1
    if (changes && !sentTo.holds(flow, remote)) {
      words[w + Flow.REMOTE] = 0
      return -1
    }
    if (policyRecheck && sentEpoch[flow] !== epochAt(policyEpochNs, clock)) {
      words[w + Flow.REMOTE] = 0
      return -1
    }
    const source = words[w + Flow.SOURCE]
    const target = words[w + Flow.TARGET]
    const ports = words[w + Flow.PORTS]
    const record = words[w + Flow.RECORD] - 1
    if (record >= 0 && !meet(record, words[w + Flow.GENERATION], Direction.ORIGINAL)) {
      words[w + Flow.REMOTE] = 0
      return -1
    }
    const traffic = words[w + Flow.TRAFFIC]
    const s = lp * State.WORDS
    const id = pool.take()
    const r = id * Slot.WORDS
    births[id * Slot.DOUBLES] = clock[0]
    slots[r + Slot.FLOW] = flow
    slots[r + Slot.ORIGIN] = lp
    slots[r + Slot.SERIAL] = state[s + State.SERIAL]++
    slots[r + Slot.SPAN] = HEAD << 16
    slots[r + Slot.TAIL] = size - 28
    slots[r + Slot.FLAGS] = FLAGS | (traffic << 16)
    state[s + State.SENT]++
    counts[Count.SENT]++
    const portAndId = words[w + Flow.IP_ID]
    const innerId = portAndId & 0xffff
    words[w + Flow.IP_ID] = (portAndId & ~0xffff) | ((innerId + 1) & 0xffff)
    const df = dfWords[traffic]
    const addresses = halves(source) + halves(target)
    const segment = size - 20
    const udpCheck = complement(addresses + UDP + segment + segment + halves(ports))
    const innerCheck = complement(0x4500 + size + innerId + df + 0x3f11 + addresses)
    const at = id * Slot.BYTES + Slot.RECORD
    view.setInt32(at + 64, 0x45000000 | size)
    view.setInt32(at + 68, (innerId << 16) | df)
    view.setInt32(at + 72, (0x3f11 << 16) | innerCheck)
    view.setInt32(at + 76, source)
    view.setInt32(at + 80, target)
    view.setInt32(at + 84, ports)
    view.setInt32(at + 88, (segment << 16) | (udpCheck === 0 ? 0xffff : udpCheck))
    wrap(at, lp, remote, size, portAndId >>> 16, complement(addresses + UDP + segment))
    return id
  }

  /**
   * Writes the outer headers and the inner Ethernet header, 64 bytes from `at`, around an inner IPv4 packet of `size` bytes that sums to
   * `innerSum` (the complement of its pseudo-header: see `encap.ts`), and counts it.
   */
  function wrap(at: number, lp: LpId, remote: number, size: number, port: number, innerSum: number): void {
    const from = lpAddress[lp]
    const to = lpAddress[remote]
    const fromVtep = lpVtep[lp]
    const toVtep = lpVtep[remote]
    const outerId = state[lp * State.WORDS + State.IP_ID]++ & 0xffff
    const outerLength = size + OVERHEAD
    const outerSegment = outerLength - 20
    const nodes = halves(from) + halves(to)
    const vteps = halves(fromVtep) + halves(toVtep)
    const outerUdp = complement(constantSum + nodes + vteps + outerSegment + outerSegment + port + innerSum)
    const outerCheck = complement(0x4500 + outerLength + outerId + ((outerTtl << 8) | UDP) + nodes)
    counts[Count.ENCAPSULATED]++
    view.setInt32(at, 0x02000000 | (to >>> 16))
    view.setInt32(at + 4, (to << 16) | 0x0200)
    view.setInt32(at + 8, from)
    view.setInt32(at + 12, 0x08004500)
    view.setInt32(at + 16, (outerLength << 16) | outerId)
    view.setInt32(at + 20, (outerTtl << 8) | UDP)
    view.setInt32(at + 24, (outerCheck << 16) | (from >>> 16))
    view.setInt32(at + 28, (from << 16) | (to >>> 16))
    view.setInt32(at + 32, (to << 16) | port)
    view.setInt32(at + 36, (4789 << 16) | outerSegment)
    view.setInt32(at + 40, ((outerUdp === 0 ? 0xffff : outerUdp) << 16) | 0x0800)
    view.setInt32(at + 44, vniWord >>> 16)
    view.setInt32(at + 48, (vniWord << 16) | 0x0201)
    view.setInt32(at + 52, toVtep)
    view.setInt32(at + 56, 0x02010000 | (fromVtep >>> 16))
    view.setInt32(at + 60, (fromVtep << 16) | 0x0800)
  }

  function wrapAnswer(lp: LpId, id: PacketId): number {
    const flow = pool.flow(id)
    // Where groups guard the NICs, each answer is asked about: it takes the steps.
    const known = enabled && !nsg ? inRecord[flow * 2] : 0
    const size = pool.length(id) - 14
    if (known === 0 || tapped[lp] !== 0 || size > mostBytes || flowPod[flow] < 0) return -1
    if (changes && clock[0] >= podStopNs[flowPod[flow]]) return -1
    const source = flowTargetAddress[flow]
    const target = flowSourceAddress[flow]
    const at = id * Slot.BYTES + Slot.RECORD
    if (view.getInt32(at + 76) !== source || view.getInt32(at + 80) !== target) return -1
    if (known > 0) {
      if (!meet(known - 1, inRecord[flow * 2 + 1], Direction.REPLY)) return -1
    }
    // TTL 64 -> 63, the checksum + 0x0100 with end-around carry.
    const check = (view.getInt32(at + 72) & 0xffff) + 0x100
    view.setInt32(at + 72, 0x3f110000 | ((check + (check >= 0xffff ? 1 : 0)) & 0xffff))
    const addresses = halves(source) + halves(target)
    const port = sourcePortOf(flowHash(view, at + 64), params.sourcePortFirst, params.sourcePortLast)
    const remote = flowLp[flow]
    wrap(at, lp, remote, size, port, complement(addresses + UDP + size - 20))
    pool.setWhole(id, HEAD, PacketFlag.OUTER_GOOD | PacketFlag.EXPRESS)
    return remote
  }

  function learn(lp: LpId, flow: number): void {
    if (!enabled || flowPod[flow] < 0) return
    const w = flow * Flow.WORDS
    const reference = stack.connection
    if (tracking && (reference < 0 || (reference & 3) !== Direction.ORIGINAL)) return
    if (tracking && !isPlain(conntrack, reference >> 2, lp, words[w + Flow.SOURCE], flowTargetAddress[flow], flowPorts[flow] | 0)) return
    if (services) redirect(conntrack, words, w, reference >> 2)
    if (nodeRoute(stack, lp, words[w + Flow.TARGET]) !== Way.vxlan) return
    if (nsg && !tunnelLeaves(stack, lp, stack.routeLp, outerPort(words, w, params))) return
    words[w + Flow.RECORD] = tracking ? (reference >> 2) + 1 : 0
    words[w + Flow.GENERATION] = tracking ? conntrack.pulses.generation(reference >> 2) : 0
    if (changes && !sentTo.note(flow, stack.routeLp, words[w + Flow.TARGET])) return
    words[w + Flow.REMOTE] = stack.routeLp + 1
    if (policyRecheck) sentEpoch[flow] = epochAt(policyEpochNs, clock)
    words[w + Flow.IP_ID] = (words[w + Flow.IP_ID] & 0xffff) | (outerPort(words, w, params) << 16)
  }

  function receive(lp: LpId, id: PacketId): boolean {
    if (tapped[lp] !== 0) return false
    const r = id * Slot.WORDS
    const flow = slots[r + Slot.FLOW]
    const flags = slots[r + Slot.FLAGS]
    const isAnswer = (flags & PacketFlag.IS_ANSWER) !== 0
    // An answer belongs to the connection at the flow's own source, which is here.
    const known = isAnswer ? knownAtSource(flow) : inRecord[flow * 2]
    if (known === 0 || (policyRecheck && !isAnswer && inEpoch[flow] !== epochAt(policyEpochNs, clock))) return false
    if (changes && !(isAnswer ? clock[0] < podStopNs[flowPod[flow]] : receivedAt.holds(flow, lp))) return false
    const at = id * Slot.BYTES + Slot.RECORD
    // The frame is ours and untouched; what could have changed is who reads it.
    if (view.getInt32(at + 30) !== lpAddress[lp] || view.getInt32(at + 46) !== vniWord) return false
    const target = view.getInt32(at + 80)
    if (services && known > 0 && !isAnswer && !leadsTo(known - 1, target, view.getInt32(at + 84))) return false
    if (known > 0) {
      const still = isAnswer
        ? meet(known - 1, words[flow * Flow.WORDS + Flow.GENERATION], Direction.REPLY)
        : meet(known - 1, inRecord[flow * 2 + 1], Direction.ORIGINAL)
      if (!still) return false
    }
    counts[Count.DECAPSULATED]++
    // TTL 63 -> 62, the checksum + 0x0100 with end-around carry.
    const word = view.getInt32(at + 72)
    const check = (word & 0xffff) + 0x100
    view.setInt32(at + 72, 0x3e110000 | ((check + (check >= 0xffff ? 1 : 0)) & 0xffff))
    view.setInt32(at + 50, 0x02020000 | (target >>> 16))
    view.setInt32(at + 54, (target << 16) | 0xaaaa)
    view.setInt32(at + 58, 0xaaaaaaaa)
    slots[r + Slot.SPAN] = Slot.HEADROOM | (INNER_HEAD << 16)
    slots[r + Slot.FLAGS] = flags & ~(PacketFlag.OUTER_GOOD | PacketFlag.EXPRESS)
    if (!isAnswer && trafficAnswerSize[flags >>> 16] !== 0) answer(lp, id, target)
    return true
  }

  function leadsTo(record: number, target: number, ports: number): boolean {
    const r = record * Entry.WORDS
    return conntrack.words[r + 1] === target && conntrack.words[r + 2] === ports
  }

  /** Connection record + 1 at the source of a flow; -1 where nothing is tracked, 0 while the flow is not express. */
  function knownAtSource(flow: number): number {
    const w = flow * Flow.WORDS
    if (words[w + Flow.REMOTE] === 0) return 0
    // Answers from behind a Service are translated back, which the steps do.
    if (services && (words[w + Flow.TARGET] !== flowTargetAddress[flow] || words[w + Flow.PORTS] !== (flowPorts[flow] | 0))) return 0
    return words[w + Flow.RECORD] === 0 ? -1 : words[w + Flow.RECORD]
  }

  function answer(lp: LpId, id: PacketId, target: number): void {
    const pod = image.podAt[image.lpPodRow[lp] + ((target - image.lpBlockBase[lp]) | 0)]
    answerOf(stack, lp, pod, id)
  }

  function learnReceived(lp: LpId, flow: number): void {
    if (!tracking) {
      if (!changes || receivedAt.note(flow, lp, flowTargetAddress[flow])) inRecord[flow * 2] = -1
      return
    }
    const reference = stack.connection
    if (reference < 0 || (reference & 3) !== Direction.ORIGINAL) return
    const source = flowSourceAddress[flow]
    const record = reference >> 2
    const isOurs = services
      ? isUntouched(conntrack, record, lp, source, flowPorts[flow] >>> 16)
      : isPlain(conntrack, record, lp, source, flowTargetAddress[flow], flowPorts[flow] | 0)
    if (!isOurs || (changes && !receivedAt.note(flow, lp, conntrack.words[record * Entry.WORDS + 1]))) return
    inRecord[flow * 2] = (reference >> 2) + 1
    inRecord[flow * 2 + 1] = conntrack.pulses.generation(reference >> 2)
    if (policyRecheck) inEpoch[flow] = epochAt(policyEpochNs, clock)
  }

  return { write, wrapAnswer, learn, receive, learnReceived, inRecord }
}

/** Whether a packet was written by the express path for its receiver's express path. */
export const isExpress = (flags: number): boolean => (flags & PacketFlag.EXPRESS) !== 0
