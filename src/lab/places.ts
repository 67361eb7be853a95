// Who is meant: the words of `from` and `to` become a pod, a host or a bare address. Pods and nodes have all the names that a scenario may
// use for them; an unknown one is told the nearest that exists.
import type { Names } from '../cluster/names.js'
import { isHostPod, peersOf } from '../cluster/peers.js'
import type { Plan } from '../cluster/plan.js'
import type { ImageColumns } from '../image/image.js'
import type { LoadedScenario } from '../scenario/load.js'
import { collectNames, nodeNames, podName, podNames } from '../scenario/names.js'
import { nearest } from '../scenario/nearest.js'
import { lpOf } from '../table/address-index.js'
import { formatIpv4, parseIpv4 } from '../wire/address.js'
import { LabError } from './lab-error.js'

export interface Place {
  /** As results print it. */
  readonly name: string
  /** The logical process, or -1: an address that nobody here owns. */
  readonly lp: number
  /** The pod, or -1. */
  readonly pod: number
  readonly address: number
}

export interface Places {
  /** Who is named. Throws a {@link LabError} with a suggestion where nobody is. */
  find(words: string, atNs: number): Place
  /** The same, with `:PORT` behind it if given. */
  findWithPort(words: string, atNs: number): { readonly place: Place; readonly port: number | null }
  readonly nameOf: (lp: number, pod: number) => string
}

const WITH_PORT = /^(.+):(\d{1,5})$/

export function placesOf(loaded: LoadedScenario, plan: Plan, names: Names, image: ImageColumns): Places {
  const { scenario } = loaded
  const known = collectNames(loaded.document)
  const isUp = (pod: number, atNs: number): boolean => image.podStartNs[pod] <= atNs && atNs < image.podStopNs[pod]
  const ofHost = (lp: number): Place => ({ name: names.lpName(lp), lp, pod: -1, address: image.lpAddress[lp] })
  // A pod of the host network is, to the network, its node.
  const ofPod = (pod: number): Place =>
    isHostPod(scenario, plan, pod)
      ? ofHost(image.podLp[pod])
      : { name: names.podName(pod), lp: image.podLp[pod], pod, address: image.podAddress[pod] }

  function ofAddress(address: number, atNs: number): Place {
    const lp = lpOf(image.addressKey, image.addressLp, address)
    if (lp >= 0) return ofHost(lp)
    const pod = podAt(address, atNs)
    return pod >= 0 ? ofPod(pod) : { name: formatIpv4(address), lp: -1, pod: -1, address }
  }

  function podAt(address: number, atNs: number): number {
    let pod = image.podAddress.indexOf(address)
    while (pod >= 0 && !isUp(pod, atNs)) pod = image.podAddress.indexOf(address, pod + 1)
    return pod
  }

  /** The pod of that name that is up; of one that came again, a later life. */
  function podNamed(name: string, atNs: number): Place | null {
    const first = names.pod(name)
    if (first < 0) return null
    const { workload, replica } = plan.pods
    for (let pod: number = first; workload[pod] === workload[first] && replica[pod] === replica[first]; pod++)
      if (isUp(pod, atNs)) return ofPod(pod)
    throw new LabError('PodPending', `the pod ${name} does not run at ${atNs / 1e9} s`, 'name another moment with at')
  }

  function tryFind(words: string, atNs: number): Place | null {
    const address = parseIpv4(words)
    if (address !== null) return ofAddress(address, atNs)
    if (words.startsWith('service:')) return ofService(words.slice('service:'.length), atNs)
    if (words.startsWith('node:')) {
      const lp = names.node(words)
      return lp < 0 ? null : ofHost(lp)
    }
    const full = podName(known, words)
    const pod = podNamed(words, atNs) ?? (full === null ? null : podNamed(full, atNs))
    if (pod) return pod
    if (full !== null) throw pending(full)
    const endpoint = names.endpoint(words)
    if (endpoint >= 0) return ofHost(endpoint)
    const node = names.node(words)
    return node < 0 ? null : ofHost(node)
  }

  /** A Service by its address; a headless one by its first endpoint, as whoever asks its DNS name takes one. */
  function ofService(words: string, atNs: number): Place | null {
    const named = words.includes('/') ? words : `default/${words}`
    const service = plan.services.find(({ namespace, name }) => `${namespace}/${name}` === named)
    if (!service) return null
    if (service.clusterIp !== null) return { name: `service:${named}`, lp: -1, pod: -1, address: service.clusterIp }
    const first = peersOf(scenario, plan, names, { kind: 'service', service: named })
    if (first.count > 0) return ofAddress(first.address[0], atNs)
    throw new LabError(
      'NoEndpoints',
      `the headless Service ${named} has no endpoints: its DNS name has no address`,
      'compare its selector with the labels of the workloads',
    )
  }

  function pending(name: string): LabError {
    const workload = scenario.workloads.findIndex(item => name.startsWith(`${item.namespace}/${item.name}/`))
    const group = plan.pending.find(waiting => waiting.workload === workload)
    return new LabError('PodPending', `the pod ${name} does not run${group ? `: ${group.reason}` : ''}`, 'name one that runs')
  }

  function find(words: string, atNs: number): Place {
    const place = tryFind(words, atNs)
    if (place) return place
    const services = plan.services.map(({ namespace, name }) => `service:${namespace}/${name}`)
    const everyone = [...podNames(known), ...services, ...nodeNames(known).map(node => `node:${node}`), ...known.endpoints]
    const near = nearest(words, everyone)
    const hint = near
      ? `did you mean ${near}?`
      : 'name a pod (namespace/workload/index), service:NAMESPACE/NAME, node:NAME, an endpoint or an address'
    throw new LabError('UnknownName', `there is no ${words}`, hint)
  }

  return {
    find,
    findWithPort(words, atNs) {
      const match = WITH_PORT.exec(words)
      return match ? { place: find(match[1], atNs), port: Number(match[2]) } : { place: find(words, atNs), port: null }
    },
    nameOf: (lp, pod) => (pod >= 0 ? names.podName(pod) : lp >= 0 ? names.lpName(lp) : 'outside'),
  }
}
