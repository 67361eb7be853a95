// Takes objects as they come and keeps of each what concerns the network. Kinds that do not concern it are counted and forgotten, and
// so is everything else of a pod: of 8 KB that kubectl prints about it some hundred bytes stay.
import type { ClusterFacts, KubeNode } from './cluster-facts.js'
import type { Fault } from './fault.js'
import { type Fields, fieldsOf, nameOf } from './fields.js'
import type { Place } from './place.js'
import { firstIpv4, podOf } from './pod-facts.js'
import type { Found } from './read-objects.js'
import { serviceOf, sliceEndpoints, subsetEndpoints } from './service-facts.js'
import { Texts } from './texts.js'
import { workloadOf } from './workload-facts.js'

/** Kinds that are read, with their API groups; other groups have kinds of the same names that mean something else. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Node: [''],
  Namespace: [''],
  Pod: [''],
  Service: [''],
  Endpoints: [''],
  ReplicationController: [''],
  Deployment: ['apps', 'extensions'],
  ReplicaSet: ['apps', 'extensions'],
  StatefulSet: ['apps'],
  DaemonSet: ['apps', 'extensions'],
  Job: ['batch'],
  CronJob: ['batch'],
  EndpointSlice: ['discovery.k8s.io'],
  NetworkPolicy: ['networking.k8s.io', 'extensions'],
}

/** Kinds that have no namespace. */
const OF_CLUSTER: ReadonlySet<string> = new Set(['Node', 'Namespace'])

export class Collector {
  readonly facts: ClusterFacts = {
    nodes: [],
    namespaces: [],
    pods: [],
    workloads: [],
    services: [],
    endpoints: [],
    policies: [],
    counts: new Map(),
    skipped: new Map(),
  }
  /** Objects that came again, with the place of the first. */
  readonly repeated: { readonly name: string; readonly place: Place; readonly first: Place }[] = []
  private readonly places = new Map<string, Place>()
  private readonly texts = new Texts()

  /** `keepText`: for manifests, whose mistakes may be found much later. A dump of 200,000 pods is not kept. */
  constructor(
    private readonly faults: Fault[],
    private readonly keepText: boolean,
  ) {}

  add(found: Found): void {
    const { value } = found
    const object = fieldsOf(found, this.faults)
    const kind = object.text('kind')
    const version = object.text('apiVersion')
    const group = version === null ? null : version.includes('/') ? version.slice(0, version.indexOf('/')) : ''
    if (kind === null) {
      if (object.raw('kind') === undefined) object.refuse('kind', 'MissingKey', '"kind" is missing', 'is this a Kubernetes object?')
      return
    }
    if (!Object.hasOwn(GROUPS, kind) || (group !== null && !GROUPS[kind].includes(group))) {
      const shown = Object.hasOwn(GROUPS, kind) ? `${kind}.${group}` : kind
      this.facts.skipped.set(shown, (this.facts.skipped.get(shown) ?? 0) + 1)
      return
    }
    const metadata = object.object('metadata')
    const name = metadata.text('name')
    if (name === null || name === '') {
      if (metadata.raw('name') === undefined || name === '')
        metadata.refuse('name', 'MissingKey', '"name" is missing', 'give the object a name')
      return
    }
    const place = this.keepText ? found.place : found.place.brief()
    const namespace = OF_CLUSTER.has(kind) ? '' : this.texts.of(metadata.text('namespace') || 'default')
    const own = this.texts.of(name)
    if (this.isRepeated(`${kind} ${namespace}/${own}`, nameOf(value), place)) return
    this.facts.counts.set(kind, (this.facts.counts.get(kind) ?? 0) + 1)
    this.keep(kind, object, namespace, own, place)
  }

  private isRepeated(key: string, name: string, place: Place): boolean {
    const first = this.places.get(key)
    if (first === undefined) this.places.set(key, place)
    else this.repeated.push({ name, place, first })
    return first !== undefined
  }

  private keep(kind: string, object: Fields, namespace: string, name: string, place: Place): void {
    const { facts } = this
    switch (kind) {
      case 'Node':
        facts.nodes.push(nodeOf(object, name, place))
        break
      case 'Namespace':
        facts.namespaces.push({ name, labels: object.object('metadata').labels('labels') ?? {}, place })
        break
      case 'Pod':
        facts.pods.push(podOf(object, namespace, name, place, this.texts))
        break
      case 'Service': {
        const service = serviceOf(object, namespace, name, place)
        if (service !== null) facts.services.push(service)
        else facts.skipped.set(NO_ADDRESS, (facts.skipped.get(NO_ADDRESS) ?? 0) + 1)
        break
      }
      case 'EndpointSlice':
        for (const one of sliceEndpoints(object, namespace)) facts.endpoints.push(one)
        break
      case 'Endpoints':
        for (const one of subsetEndpoints(object, namespace, name)) facts.endpoints.push(one)
        break
      case 'NetworkPolicy': {
        object.object('spec')
        if (object.raw('spec') === undefined)
          object.refuse('spec', 'MissingKey', '"spec" is missing', 'add it, as in spec: { podSelector: {} }')
        facts.policies.push({ namespace, name, spec: object.raw('spec') ?? {}, place })
        break
      }
      default:
        facts.workloads.push(workloadOf(kind, object, namespace, name, place))
    }
  }
}

const NO_ADDRESS = 'Service without an IPv4 address (ExternalName, IPv6)'

function nodeOf(object: Fields, name: string, place: Place): KubeNode {
  const spec = object.object('spec')
  const status = object.object('status')
  const inside = status.objects('addresses').filter(one => one.text('type') === 'InternalIP')
  const maxPods = Number(status.object('capacity').raw('pods') ?? Number.NaN)
  const blocks = [spec.text('podCIDR'), ...spec.texts('podCIDRs')]
  return {
    name,
    labels: object.object('metadata').labels('labels') ?? {},
    address: firstIpv4(inside.map(one => one.text('address'))),
    podCidr: blocks.find(block => block !== null && !block.includes(':')) ?? null,
    maxPods: Number.isInteger(maxPods) && maxPods > 0 && maxPods <= 100_000 ? maxPods : null,
    place,
  }
}
