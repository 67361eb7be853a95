// What the control plane knows at a moment of virtual time. The files beside this one are its parts (scheduler, workloads, autoscaler,
// upgrades); each is free functions over this state, and `simulate.ts` is the loop that calls them.

import type { Ipv4 } from '../../base/brand.js'
import { StreamKey } from '../../base/random.js'
import type { Addressing } from '../../ipam/addressing.js'
import type { Scenario } from '../../scenario/model.js'
import type { Cidr } from '../../wire/address.js'
import { EventLog } from './event-log.js'
import { EventQueue } from './event-queue.js'
import { PodTable, RowList } from './pod-table.js'
import { Recorder } from './recorder.js'
import type { ReplicaSet } from './replicas.js'
import { Spread } from './spread.js'
import type { Upgrade } from './upgrade.js'

/** A node from its creation to its end. */
export interface ControlNode {
  /** Index in `nodes`; never used again. */
  readonly number: number
  /** Its number for addressing, which is. */
  readonly slot: number
  readonly name: string
  readonly pool: number
  /** Index in the scale set, which is never used again either. */
  readonly index: number
  readonly address: Ipv4
  block: Cidr | null
  readonly maxPods: number
  state: 'joining' | 'notReady' | 'ready' | 'cordoned' | 'draining' | 'gone'
  /** It has registered, and it takes pods, from these moments on: one and the same unless it was NotReady between them. -1: not yet. */
  joinNs: number
  readyNs: number
  leaveNs: number
  /** Only its machine is there: what its mode gives it for pods was short (`node-range.ts`). */
  isBare: boolean
  rangeFiled: boolean
  readonly pods: RowList
  /** Of those, the ones that have no address. */
  readonly waiting: RowList
  /** Addresses that its pods have. */
  addresses: number
  /** An event is filed: pods ask again; the pool monitor looks. */
  retryFiled: boolean
  reconcileFiled: boolean
  /** Since when the autoscaler thinks it is not needed; -1: it does not. */
  unneededNs: number
  /** The upgrade that works with it; -1. */
  upgrade: number
  /** It is one of that upgrade's surge nodes. */
  isSurge: boolean
  /** What follows when its drain is over. */
  afterDrain: 'remove' | 'reimage'
  drainNs: number
}

/** A pool's nodes that exist or are on their way, oldest first, and what the autoscaler remembers of it. */
export interface ControlPool {
  readonly nodes: number[]
  nextIndex: number
  /** No scale-up before this moment, and how long the next pause is. */
  backoffUntilNs: number
  backoffNs: number
  /** When the autoscaler asked for nodes last, by when they are to be ready (Infinity: none are on their way), and how many they are. */
  askedNs: number
  expectedNs: number
  increase: number
  /** The upgrade that is going on; -1. */
  upgrade: number
}

export class ControlState {
  readonly queue = new EventQueue()
  readonly spread = new Spread()
  readonly nodes: ControlNode[] = []
  /** Which node has each slot of addressing, and the slots that are free. */
  readonly nodeOfSlot: number[] = []
  readonly freeSlots: number[] = []
  readonly pools: ControlPool[]
  readonly pods: PodTable
  /** Pods that no node has room for. */
  readonly pending = new RowList()
  readonly workloads: ReplicaSet[] = []
  readonly upgrades: Upgrade[] = []
  readonly log = new EventLog()
  readonly recorder: Recorder
  readonly root: StreamKey
  nowNs = 0
  /** As it has been expanded. */
  podCidr: Scenario['cluster']['networkProfile']['podCidr']
  /** Nodes whose pods wait for addresses that their subnet does not have. */
  readonly starved = new Set<number>()
  /** Nodes that are NotReady: they wait for a range for their pods. */
  readonly notReady = new Set<number>()
  /** Pods created and ended: what a simulation costs. */
  podEvents = 0
  /** Nodes that take pods, or would if they were not cordoned; places on them; pods that have one. */
  readyNodes = 0
  private slots = 0
  private placed = 0
  /** The autoscaler's next look: nothing earlier needs to be filed. Its pauses after what it did. */
  scanFiledNs = Number.POSITIVE_INFINITY
  scaleDownAfterNs = 0
  scans = 0
  /** Too many nodes are unready for it to do anything. */
  isUnhealthy = false
  /** Nodes that could not be made. */
  nodesRefused = 0
  readonly isDynamic: boolean
  readonly hasAutoScaler: boolean

  constructor(
    readonly scenario: Scenario,
    readonly addressing: Addressing,
    keepsAll: boolean,
  ) {
    this.pods = new PodTable(keepsAll)
    this.recorder = new Recorder(scenario.durationNs)
    this.root = StreamKey.of(scenario.seed)
    this.podCidr = scenario.cluster.networkProfile.podCidr
    this.isDynamic = addressing.mode === 'podSubnetDynamic'
    this.hasAutoScaler = scenario.cluster.agentPoolProfiles.some(pool => pool.autoScaling !== null)
    const { backoffNs } = scenario.fabric.controlPlane
    this.pools = scenario.cluster.agentPoolProfiles.map(() => ({
      nodes: [],
      nextIndex: 0,
      backoffUntilNs: 0,
      backoffNs,
      askedNs: 0,
      expectedNs: Number.POSITIVE_INFINITY,
      increase: 0,
      upgrade: -1,
    }))
  }

  poolName(pool: number): string {
    return this.scenario.cluster.agentPoolProfiles[pool].name
  }

  countPlaces(pods: number): void {
    this.placed += pods
    this.recorder.place(this.nowNs, this.placed, this.slots)
  }

  /** Nodes join (1) or go (-1) with their places. */
  countNode(sign: 1 | -1, maxPods: number): void {
    this.readyNodes += sign
    this.slots += sign * maxPods
    this.recorder.place(this.nowNs, this.placed, this.slots)
  }
}
