// What the result will say about finite things: their use over time, peaks, the moment something was first refused, how often that was, and
// how long pods waited. Rows of addressing are read when something about nodes or batches has changed; places for pods are counted here.
import type { Addressing, AddressResource, ResourceUse } from '../../ipam/addressing.js'
import type { Resource, ResourceName } from '../resource.js'
import type { NotReadyNode } from './node-range.js'
import { TimelineRecorder } from './timeline-recorder.js'
import { Waits } from './waits.js'

/** So many nodes that were NotReady are kept by name, beside those that still are: an autoscaler may make and remove thousands. */
const MOST_NODES = 200

/** As the rows of a cluster at rest stand. */
const ORDER: readonly ResourceName[] = ['nodeSubnet', 'podSubnet', 'podCidr', 'routeTable', 'maxPods', 'podIps', 'vnetAddresses']

interface Row {
  readonly timeline: TimelineRecorder
  latest: ResourceUse
}

interface Failures {
  count: number
  firstNs: number
}

export class Recorder {
  private readonly rows = new Map<string, Row>()
  private readonly failures = new Map<ResourceName, Failures>()
  private readonly places: TimelineRecorder
  /** The most places that there were. */
  private slots = 0
  private mostHeld = 0
  private mostNode = ''
  /** Use may have changed since it was last read. */
  isStale = true
  readonly forNode = new Waits()
  readonly forAddress = new Waits()
  /** From their address until they are ready. */
  readonly forStart = new Waits()
  /** Nodes, for a range for their pods. */
  readonly forRange = new Waits()
  /** Those that waited for one: the first ones by name, in the order in which their waiting ended. */
  readonly notReady: NotReadyNode[] = []

  constructor(private readonly durationNs: number) {
    this.places = new TimelineRecorder(durationNs)
  }

  /** Reads every row of addressing; of pods' addresses, that of the fullest node. */
  read(atNs: number, addressing: Addressing): void {
    this.isStale = false
    for (const use of addressing.usage()) {
      const key = use.name === 'podIps' ? use.name : `${use.name} ${use.scope}`
      const row = this.rows.get(key)
      if (row) row.latest = use
      else this.rows.set(key, { timeline: new TimelineRecorder(this.durationNs), latest: use })
      this.rows.get(key)?.timeline.record(atNs, use.used)
    }
  }

  /** A node holds so many addresses of pods: the most that any ever held is the peak. */
  holds(atNs: number, node: string, count: number): void {
    if (count <= this.mostHeld) return
    this.mostHeld = count
    this.mostNode = node
    this.rows.get('podIps')?.timeline.record(atNs, count)
  }

  wasNotReady(node: NotReadyNode): void {
    if (this.notReady.length < MOST_NODES || node.end === 'stillNotReady') this.notReady.push(node)
  }

  /** Pods that have a place, and places that there are. */
  place(atNs: number, pods: number, slots: number): void {
    this.slots = Math.max(this.slots, slots)
    this.places.record(atNs, pods)
  }

  fail(atNs: number, resource: ResourceName, count = 1): void {
    const known = this.failures.get(resource)
    if (known) known.count += count
    else this.failures.set(resource, { count, firstNs: atNs })
  }

  /** Rows of the result. Where there are several of a name (subnets), the one that came nearest to its limit. */
  resources(nodeName: (node: number) => string): Resource[] {
    const fullest = new Map<AddressResource, Row>()
    for (const row of this.rows.values()) {
      const { name } = row.latest
      const best = fullest.get(name)
      if (best === undefined || fill(row) > fill(best)) fullest.set(name, row)
    }
    const rows = [...fullest.values()].map(({ latest, timeline }) => {
      const scope = latest.name === 'podIps' ? this.mostNode || nodeName(latest.node) : latest.scope
      const extra = latest.stranded === undefined ? {} : { stranded: latest.stranded }
      return { ...this.row(latest.name, scope, latest.unit, latest.capacity, timeline), ...extra }
    })
    const all = [...rows, this.row('maxPods', 'cluster', 'pods', this.slots, this.places)]
    return all.sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name))
  }

  private row(name: ResourceName, scope: string, unit: string, capacity: number, timeline: TimelineRecorder): Resource {
    const failed = this.failures.get(name)
    return {
      name,
      scope,
      unit,
      capacity,
      used: timeline.used,
      peak: timeline.peak,
      exhausted: failed !== undefined,
      exhaustedAtNs: failed?.firstNs ?? null,
      failures: failed?.count ?? 0,
      timeline: timeline.points(),
    }
  }
}

const fill = ({ latest, timeline }: Row): number => (latest.capacity > 0 ? timeline.peak / latest.capacity : 0)
