// All that a shard is born with: numbers (`Params`) and sealed columns in one shared buffer. The control plane fills it
// (`cluster/compile.ts`), then nobody writes to it again. Workers never see YAML, names or classes of the control plane.
import type { LpId } from '../base/brand.js'
import { type Columns, openRegion, planRegion, type Region } from '../shm/region.js'

/** What a logical process is. */
export const LpKind = { node: 0, appliance: 1, endpoint: 2 } as const
/** Where an endpoint lives. */
export const Location = { internet: 0, vnet: 1, peered: 2, onPremises: 3 } as const
/** Answer of a node for an address of its own block that no pod has. */
export const OwnRoute = { none: 0, unreachable: 1, blackhole: 2, prohibit: 3 } as const
/** Kinds of arrivals (`trafficArrivals`). */
export const Arrivals = { constant: 0, poisson: 1, onOff: 2 } as const
/** Kinds of size distributions (`trafficSizeKind`); parameters a, b, c in `trafficSizeA/B/C`. */
export const SizeKind = {
  /** a */
  constant: 0,
  /** a = least, b = most, integers, both included */
  uniform: 1,
  /** a = mean, b = least, c = most (values outside are clamped) */
  exponential: 2,
  /** a = median, b = sigma of the logarithm, c = most (least is 28: an empty datagram) */
  lognormal: 3,
  /** a = scale (least), b = shape, c = most */
  pareto: 4,
  /** a = first row, b = rows in `sizeValue` / `sizeCumulative` (cumulative probability, ends at 1) */
  empirical: 5,
} as const

/** Kinds of results of the route table (`fib`), in the top 4 bits of a value; the low 28 bits are its argument. Value 0 is "no route". */
export const RouteKind = {
  none: 0,
  /** A node's pod block: argument = logical process that owns it. */
  podBlock: 1,
  /** Directly on the node subnet: the destination itself is the next hop. */
  onLink: 2,
  /** By the VNet's router or the default gateway (`gatewayAddress`). */
  gateway: 3,
} as const

/** Numbers that hold for the whole run. Times in ns, lengths in bytes, addresses as signed 32-bit integers. */
export interface Params {
  readonly seed: number
  readonly durationNs: number
  /** Window length: no packet crosses from one logical process to another in less. */
  readonly lookaheadNs: number
  /** Statistics interval; a multiple of `lookaheadNs`. */
  readonly intervalNs: number
  readonly latencyNs: number
  readonly gatewayLatencyNs: number
  readonly shardCount: number
  readonly lpCount: number
  readonly podCount: number
  readonly flowCount: number
  /** The appliance, or -1. */
  readonly applianceLp: number
  /** First internet endpoint: where the outside's router leads packets that no endpoint owns; -1 without one. */
  readonly internetLp: number

  readonly vxlan: boolean
  readonly vni: number
  readonly mtu: number
  /** MTU of the way into the overlay (`mtu` - 50 under VXLAN). */
  readonly overlayMtu: number
  readonly podMtu: number
  readonly queue: number
  readonly udpChecksum: boolean
  /** 0: inherit. */
  readonly outerTtl: number
  /** -1: default (ECN only), -2: inherit, else the value. */
  readonly outerTos: number
  /** 0 unset, 1 set, 2 inherit. */
  readonly outerDf: number
  readonly sourcePortFirst: number
  readonly sourcePortLast: number

  readonly podCidrBase: number
  readonly podCidrMask: number
  /** Conntrack, hence NAT and defragmentation, on nodes. */
  readonly masquerade: boolean
  /** Also towards the VNet's own addresses. */
  readonly masqueradeVnet: boolean
  /** VNet and peered ranges: pairs of base and mask. */
  readonly vnetRanges: readonly (readonly [number, number])[]
  readonly nodeSubnetBase: number
  readonly nodeSubnetMask: number
  /** The subnet's .1: the VNet's router, or the appliance that took its place. */
  readonly gatewayAddress: number
  readonly conntrackMax: number
  readonly icmpRateLimit: boolean
  readonly ephemeralFirst: number
  readonly ephemeralLast: number
  readonly appliancePublic: number
  readonly applianceNextHop: number
  readonly appliancePortFirst: number
  readonly appliancePortLast: number

  readonly taps: readonly TapParams[]
}

/** One capture point. */
export interface TapParams {
  readonly lp: number
  /** A pod's eth0, or -1. */
  readonly pod: number
  /** Which interface of `lp`: see {@link Interface}. */
  readonly interface: number
  readonly maxPackets: number
}

/** Interfaces of a logical process. */
export const Interface = { eth0: 0, pod: 1, outside: 2 } as const

const COLUMNS = {
  // ---- logical processes: [lpCount] ----
  lpKind: 'u8',
  lpShard: 'u16',
  /** eth0 address: node, appliance inside, endpoint. */
  lpAddress: 'i32',
  /** VTEP address (a node's block base); 0 for others. */
  lpVtep: 'i32',
  lpBlockBase: 'i32',
  /** Addresses in the node's block. */
  lpBlockSize: 'i32',
  /** First row of the node's block in `podAt`. */
  lpPodRow: 'i32',
  /** ns per byte of the NIC; 0 for others than nodes: not limited. */
  lpNsPerByte: 'f64',
  /** Location of an endpoint. */
  lpLocation: 'u8',
  /** 1: beyond the gateway latency. */
  lpFar: 'u8',
  lpOwnRoute: 'u8',
  // ---- pods ----
  podAddress: 'i32',
  podLp: 'i32',
  /** Pod at each address of each block, or -1. */
  podAt: 'i32',
  // ---- routes and addresses ----
  /** Longest-prefix match, see `table/fib.ts`. */
  fib: 'u32',
  /** Open addressing over addresses of logical processes, see `table/address-index.ts`. */
  addressKey: 'i32',
  addressLp: 'i32',
  // ---- traffic: one row per traffic entry of the scenario ----
  trafficArrivals: 'u8',
  /** Mean ns between packets of a flow (while on). */
  trafficIntervalNs: 'f64',
  trafficOnNs: 'f64',
  trafficOffNs: 'f64',
  trafficStopNs: 'f64',
  trafficSizeKind: 'u8',
  trafficSizeA: 'f64',
  trafficSizeB: 'f64',
  trafficSizeC: 'f64',
  trafficDf: 'u8',
  /** IP length of an answer; 0: no answer. */
  trafficAnswerSize: 'u32',
  trafficAnswerAfterNs: 'f64',
  sizeValue: 'f64',
  sizeCumulative: 'f64',
  // ---- flows: [flowCount], grouped by source logical process ----
  flowTraffic: 'u16',
  flowLp: 'i32',
  /** Source pod, or -1: the host itself sends. */
  flowPod: 'i32',
  flowSourceAddress: 'i32',
  flowTargetAddress: 'i32',
  /** source port << 16 | destination port */
  flowPorts: 'u32',
  flowKey0: 'i32',
  flowKey1: 'i32',
  /** When the flow may first send; arrivals are counted from here. */
  flowStartNs: 'f64',
  // ---- replays: frames in time order for each stream; streams are [replayCount] ----
  replayLp: 'i32',
  /** Pod whose veth the frames enter by, or -1: put on the wire at the host's interface. */
  replayPod: 'i32',
  replayFirst: 'u32',
  replayFrames: 'u32',
  frameTimeNs: 'f64',
  frameOffset: 'f64',
  frameLength: 'u32',
  frameBytes: 'u8',
} as const

export const IMAGE_COLUMNS: typeof COLUMNS = COLUMNS
export type ImageColumns = Columns<typeof COLUMNS>

/** What travels to the workers. */
export interface Image {
  readonly params: Params
  readonly region: Region
}

/** Element counts of the columns. */
export type ImageLengths = Readonly<Record<keyof typeof COLUMNS, number>>

/** A zero-filled image, for the control plane to fill. */
export const planImage = (params: Params, lengths: ImageLengths): Image => ({ params, region: planRegion(COLUMNS, lengths) })

export const openImage = (image: Image): ImageColumns => openRegion(COLUMNS, image.region)

/** Lookahead in ns between two logical processes: both near, or one beyond the gateway. */
export const isFar = (columns: ImageColumns, a: LpId, b: LpId): boolean => (columns.lpFar[a] | columns.lpFar[b]) !== 0
