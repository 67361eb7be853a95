// One step of a packet's way, as data: what scripts read with --json, and what `trace-text.ts` prints.
import type { PacketHeaders } from './headers.js'

export type StepKind =
  /** The packet leaves its pod or host. */
  | 'send'
  /** By the pod's veth into its node. */
  | 'veth'
  /** Connection tracking recognises an answer. */
  | 'conntrack'
  /** kube-proxy chooses an endpoint of a Service, or shows the Service's address in an answer. */
  | 'service'
  /** A NetworkPolicy decides. */
  | 'policy'
  | 'route'
  /** A source address is translated, or translated back. */
  | 'nat'
  | 'encapsulation'
  /** The VNet (or the outside) carries the frame. */
  | 'underlay'
  /** A network security group decides. */
  | 'nsg'
  | 'decapsulation'
  | 'delivery'
  | 'drop'

/** Which part of the way: the sender's host, the network between, a gateway, or the addressee's host. */
export type Stage = 'source' | 'underlay' | 'gateway' | 'destination'

export interface TraceStep {
  readonly step: StepKind
  /** `SYN`, `SYN-ACK`, `datagram`, `INIT`, `echo request`, or what else was sent because of it. */
  readonly packet: string
  /** The probe itself, its answer, or another packet that it caused (an ICMP error, a RST). */
  readonly direction: 'probe' | 'answer' | 'consequence'
  /** Pod, node, gateway or endpoint. */
  readonly at: string
  readonly stage: Stage
  /** Virtual time since the probe was sent. */
  readonly timeNs: number
  readonly text: string
  /** The packet's headers after this step. */
  readonly headers: PacketHeaders | null
}

export interface TraceResult {
  readonly from: string
  readonly to: string
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'ICMP'
  readonly port: number | null
  /** Whether the probe reached its addressee, and for TCP and ICMP the answer its asker. */
  readonly delivered: boolean
  /** `delivered`, or the reason; a host on which nobody listens was reached too, and says so here. */
  readonly verdict: string
  /** The reason in a sentence. */
  readonly sentence: string
  /** What would let it through, where that can be said. */
  readonly remedy: string | null
  readonly droppedAt: Stage | null
  /** Whether the probe went through VXLAN. */
  readonly encapsulated: boolean
  readonly steps: readonly TraceStep[]
}
