// All that a shard is born with: numbers (`params.ts`) and sealed columns in one shared buffer. The control plane fills it
// (`cluster/compile.ts`), then nobody writes to it again; the data plane reads it. The one thing that passes between the two planes.
import { type Columns, openRegion, planRegion, type Region } from '../shm/region.js'
import type { Params } from './params.js'

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
  /** When a node is there; empty unless `params.changes`, as all of the next four. */
  lpJoinNs: 'f64',
  lpReadyNs: 'f64',
  lpLeaveNs: 'f64',
  // ---- pods ----
  podAddress: 'i32',
  podLp: 'i32',
  /** When a pod has its address, and when it gives it back; looked at only where `params.changes`. */
  podStartNs: 'f64',
  podStopNs: 'f64',
  /** Pod at each address of each block, then at each pod's address in the VNet, or -1. */
  podAt: 'i32',
  // ---- nodes and pods that come and go after the beginning, in order of time: see `Change` in `kinds.ts` ----
  changeNs: 'f64',
  changeKind: 'u8',
  changeOf: 'i32',
  // ---- backend pool of a load balancer: nodes that join it (their number) and leave it (its complement), in order of time ----
  poolChangeNs: 'f64',
  poolChangeNode: 'i32',
  // ---- routes and addresses ----
  /** Longest-prefix match, see `table/fib.ts`. */
  fib: 'u32',
  /** Open addressing over addresses of logical processes, see `table/address-index.ts`. */
  addressKey: 'i32',
  addressLp: 'i32',
  // ---- NetworkPolicies, see `table/policy.ts`; empty without ----
  /** When each set of policies comes into force. */
  policyEpochNs: 'f64',
  policyPodIdentity: 'i32',
  policyPrograms: 'i32',
  policyFirst: 'u32',
  policyPort: 'u16',
  policyRow: 'u32',
  policyBits: 'u32',
  /** Class + 1 of an address outside, by longest prefix. */
  policyFib: 'u32',
  // ---- network security groups, see `table/nsg.ts`; empty without ----
  lpNsg: 'i32',
  nsgFirst: 'u32',
  nsgRules: 'i32',
  nsgSets: 'u32',
  nsgFrom: 'u32',
  nsgTo: 'u32',
  // ---- Services: listeners by address, protocol and port (`table/service.ts`), one row each; empty without Services ----
  serviceAddress: 'i32',
  serviceListener: 'i32',
  serviceSlot: 'i32',
  serviceKind: 'u8',
  /** First endpoint, and how many there are. */
  serviceFirst: 'u32',
  serviceCount: 'u32',
  /** 1: only endpoints of the node that the packet came to. */
  serviceLocal: 'u8',
  /** How long a client keeps its endpoint; 0: no session affinity. */
  serviceAffinityNs: 'f64',
  /** The Service port that the row belongs to. */
  serviceOf: 'u32',
  endpointAddress: 'i32',
  endpointPort: 'u16',
  /** The pod, or -1. */
  endpointPod: 'i32',
  endpointLp: 'i32',
  /** Nodes that the load balancer hands a frontend's connections to. */
  balancerFirst: 'u32',
  balancerCount: 'u32',
  balancerLp: 'i32',
  /** When each of them is in the cluster. */
  balancerJoinNs: 'f64',
  balancerLeaveNs: 'f64',
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
  /** Bit 0: pods of the host network are among the targets; bit 1: among the sources. */
  trafficHostEnds: 'u8',
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
  /** When its source ends; empty unless `params.changes`. */
  flowStopNs: 'f64',
  // ---- connections: settings by traffic entry (protocol 0: the entry has none), and the targets of all entries ----
  talkProtocol: 'u8',
  talkPort: 'u16',
  talkTargetFirst: 'u32',
  talkTargets: 'u32',
  talkClose: 'u8',
  talkServer: 'u8',
  /** Connections of a client's pool; 0: a new one each time. */
  talkPool: 'u32',
  /** Requests after which a connection of a pool is closed; 0: none. */
  talkPoolRequests: 'u32',
  talkSynRetries: 'u8',
  talkSynLinear: 'u8',
  talkDataRetries: 'u8',
  talkTimeoutNs: 'f64',
  /** Hold, request and response of each entry, kinds and parameters as `trafficSizeKind` and its neighbours. */
  talkLawKind: 'u8',
  talkLawA: 'f64',
  talkLawB: 'f64',
  talkLawC: 'f64',
  /** Pod, or -1 for a host; and its logical process, or -1. */
  targetPod: 'i32',
  targetLp: 'i32',
  targetAddress: 'i32',
  // ---- clients: the sources of such entries, grouped by logical process ----
  clientTraffic: 'u16',
  clientLp: 'i32',
  /** Pod, or -1: the host itself. */
  clientPod: 'i32',
  clientAddress: 'i32',
  /** First client of the same pod or host: they share its ports. */
  clientFirst: 'i32',
  clientKey0: 'i32',
  clientKey1: 'i32',
  /** When the client may first open; arrivals are counted from here. */
  clientStartNs: 'f64',
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
