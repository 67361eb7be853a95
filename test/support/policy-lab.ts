// A cluster out of a NetworkPolicy case, compiled once, and single packets sent through its whole data plane: what became of each, on which
// node it ended, and what was put on the wire for it. No engine, no clock: a frame on the wire arrives at once.
import { compile } from '../../src/cluster/compile.js'
import { namesOf } from '../../src/cluster/names.js'
import { type Plan, planCluster } from '../../src/cluster/plan.js'
import { type Explainer, explainerOf } from '../../src/cluster/policy-explain.js'
import { Defragmenter } from '../../src/datapath/defragment.js'
import { receiverOf } from '../../src/datapath/fabric.js'
import { fromPod, fromWire } from '../../src/datapath/host.js'
import { createLpState } from '../../src/datapath/lp-state.js'
import { hostOutput } from '../../src/datapath/output.js'
import { type Carrier, createStack, type LpId, originate, type PacketId, type Stack } from '../../src/datapath/stack.js'
import { Verdict } from '../../src/datapath/verdict.js'
import { openImage } from '../../src/image/image.js'
import { loadScenario } from '../../src/scenario/load.js'
import type { Scenario } from '../../src/scenario/model.js'
import { PacketPool } from '../../src/shm/packet-pool.js'
import { Conntrack } from '../../src/table/conntrack.js'
import { formatIpv4, parseIpv4 } from '../../src/wire/address.js'
import { frame, icmpPacket, packet, tcpPacket, udpPacket } from './frame-builder.js'
import { viewOf } from './kernel-case.js'

export type Protocol = 'TCP' | 'UDP' | 'SCTP' | 'ICMP'

/** What became of a packet. */
export interface Fate {
  readonly verdict: Verdict
  /** Where it ended. */
  readonly lp: number
  /** Frames put on the wire for it. */
  readonly onWire: number
}

const hex = (prefix: number, address: number): string =>
  prefix.toString(16).padStart(4, '0') + (address >>> 0).toString(16).padStart(8, '0')

export class PolicyLab {
  readonly scenario: Scenario
  readonly plan: Plan
  readonly stack: Stack
  readonly explainer: Explainer
  private readonly names
  private fate: Fate = { verdict: Verdict.continue, lp: -1, onWire: 0 }
  private onWire = 0
  /** Slots of the packets asked about; answers and errors that hosts make are others'. Fragments stay until their datagram is whole. */
  private readonly mine = new Set<PacketId>()
  private readonly flying: { to: LpId; id: PacketId }[] = []
  private ports = 0

  constructor(document: object) {
    this.scenario = loadScenario(document).scenario
    this.plan = planCluster(this.scenario)
    this.explainer = explainerOf(this.scenario, this.plan, 0)
    this.names = namesOf(this.scenario, this.plan)
    const image = compile(this.scenario, this.plan, { shards: 1, readReplay: () => [] })
    const pool = new PacketPool(16)
    const carrier: Carrier = {
      transmit: (lp, id, interfaceNumber) => this.transmit(lp, id, interfaceNumber),
      finish: (lp, id, verdict) => {
        if (this.mine.delete(id)) this.fate = { verdict, lp, onWire: this.onWire }
        pool.release(id)
      },
      tap: () => {},
      sendLater: (_lp, _pod, id) => pool.release(id),
      fragmentsDue: () => {},
      arrived: () => {},
    }
    const { params } = image
    this.stack = createStack({
      params,
      image: openImage(image),
      pool,
      conntrack: new Conntrack(params.lpCount, 0),
      state: createLpState(params.lpCount),
      carrier,
      fragments: new Defragmenter(),
      clock: new Float64Array(4),
      tapped: new Uint8Array(params.lpCount),
    })
  }

  private transmit(lp: LpId, id: PacketId, interfaceNumber: number): Verdict {
    const to = receiverOf(this.stack, lp, id, interfaceNumber)
    if (this.mine.has(id)) this.onWire++
    if (to < 0) return -to
    this.flying.push({ to: to as LpId, id })
    return Verdict.held
  }

  /** What is on the wire arrives, once its sender is done with it. */
  private land(): void {
    for (let frame = this.flying.shift(); frame; frame = this.flying.shift()) {
      this.settle(frame.to, frame.id, fromWire(this.stack, frame.to, frame.id))
    }
  }

  /** Address of `ns/pod`, `node:NAME` or `ip:ADDRESS`. */
  addressOf(who: string): number {
    if (who.startsWith('ip:')) return parseIpv4(who.slice(3))!
    if (who.startsWith('node:')) return this.plan.nodes[this.nodeOf(who)].address
    return this.plan.pods.address[this.podOf(who)]
  }

  podOf(who: string): number {
    const pod = this.names.pod(who)
    if (pod < 0) throw new Error(`no pod ${who}`)
    return pod
  }

  nodeOf(who: string): LpId {
    const node = this.names.node(who.startsWith('node:') ? who.slice(5) : who)
    if (node < 0) throw new Error(`no node ${who}`)
    return node as LpId
  }

  /** A source port that no probe has had. */
  freshPort(): number {
    return 1024 + (this.ports++ % 64_000)
  }

  /** The first packet of a connection. */
  open(from: string, to: string, protocol: Protocol, port: number, source = this.freshPort()): Fate {
    const way = { from: this.sourceOf(from, to), to: formatIpv4(this.addressOf(to)) }
    return this.send(from, to, packetOf(way, protocol, source, port))
  }

  /** The packet that answers it, from the other end. */
  answer(from: string, to: string, protocol: Protocol, port: number, source: number): Fate {
    const way = { from: formatIpv4(this.addressOf(to)), to: this.sourceOf(from, to) }
    return this.send(to, from, protocol === 'TCP' ? tcpPacket(way, port, source, 0x12, 900, 101) : packetOf(way, protocol, port, source, 0))
  }

  /** Nodes speak to other nodes' pods with their tunnel's address. */
  sourceOf(from: string, to: string): string {
    const isTunnelled = from.startsWith('node:') && !to.includes(':') && this.stack.params.vxlan
    const lp = isTunnelled ? this.nodeOf(from) : -1
    if (lp >= 0 && this.plan.pods.node[this.podOf(to)] !== lp) return formatIpv4(this.stack.image.lpVtep[lp])
    return formatIpv4(this.addressOf(from))
  }

  /** Puts a packet where its sender would: into the pod's veth, on the node's way out, or on the wire of the receiver's node. */
  send(from: string, to: string, bytes: Uint8Array): Fate {
    const { stack } = this
    this.fate = { verdict: Verdict.continue, lp: -1, onWire: 0 }
    this.onWire = 0
    if (from.startsWith('ip:')) {
      const lp = (to.startsWith('node:') ? this.nodeOf(to) : this.plan.pods.node[this.podOf(to)]) as LpId
      const id = this.put(lp, frame(hex(0x0200, stack.image.lpAddress[lp]), hex(0x0200, stack.params.gatewayAddress), bytes))
      this.settle(lp, id, fromWire(stack, lp, id))
    } else if (from.startsWith('node:')) {
      const lp = this.nodeOf(from)
      const id = this.put(lp, frame('000000000000', '000000000000', bytes))
      hostOutput(stack, lp, id)
    } else {
      const pod = this.podOf(from)
      const lp = this.plan.pods.node[pod] as LpId
      const id = this.put(lp, frame('aaaaaaaaaaaa', hex(0x0202, this.plan.pods.address[pod]), bytes))
      this.settle(lp, id, fromPod(stack, lp, pod, id))
    }
    this.land()
    return this.fate
  }

  private put(lp: LpId, bytes: Uint8Array): PacketId {
    const id = this.stack.pool.allocateFrom(bytes, -1, 0)
    originate(this.stack, lp, id)
    this.mine.add(id)
    return id
  }

  private settle(lp: LpId, id: PacketId, verdict: Verdict): void {
    if (verdict !== Verdict.held) this.stack.carrier.finish(lp, id, verdict)
  }
}

const SYN = 2

export function packetOf(way: { from: string; to: string }, protocol: Protocol, source: number, port: number, type = 8): Uint8Array {
  if (protocol === 'TCP') return tcpPacket(way, source, port, SYN, 100)
  if (protocol === 'UDP') return udpPacket(way, source, port)
  if (protocol === 'ICMP') return icmpPacket(way, type, 0, (source << 16) | 1)
  const init = new Uint8Array(16)
  viewOf(init).setUint16(0, source)
  viewOf(init).setUint16(2, port)
  init[12] = 1
  return packet(way, 132, init)
}
