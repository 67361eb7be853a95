// The sample cluster: what must be extracted from it is written down by others, in expected.json.
import { describe, expect, test } from 'vitest'
import type { ClusterFacts, KubeService } from '../../src/kube/cluster-facts.js'
import { topOwner } from '../../src/kube/group-pods.js'
import { endpointsByService, serviceParts } from '../../src/kube/service-parts.js'
import { workloadParts } from '../../src/kube/workload-parts.js'
import { collected, collectedFrom, sampleBytes } from './read-text.js'

const expected = JSON.parse(sampleBytes('expected.json').toString('utf8'))

const fromJson = collected(sampleBytes('all.json'))

/** The pods of a cluster as expected.json lists them. */
function podsOf(facts: ClusterFacts) {
  const objects = new Map(facts.workloads.map(one => [`${one.kind} ${one.namespace}/${one.name}`, one]))
  return facts.pods.map(pod => {
    const owner = topOwner(pod, objects)
    const { phase, node, address: ip, hostNetwork } = pod
    return {
      pod: `${pod.namespace}/${pod.name}`,
      phase,
      node,
      ip,
      hostNetwork,
      workload: `${owner.kind}/${pod.namespace}/${owner.name}`,
    }
  })
}

/** Pods behind a Service's port, by selector, readiness and named ports: what the slices must say too. */
function selected(facts: ClusterFacts, service: KubeService, port: KubeService['ports'][number]): string[] {
  if (service.selector === null) return []
  const wanted = Object.entries(service.selector)
  return facts.pods
    .filter(pod => pod.namespace === service.namespace && pod.ready && wanted.every(([key, value]) => pod.labels[key] === value))
    .map(pod => {
      const target = port.targetPort ?? port.port
      const number = typeof target === 'number' ? target : pod.ports.find(one => one.name === target)?.containerPort
      return `${pod.address}:${number}`
    })
    .sort()
}

/** The same out of the EndpointSlices, of addresses that pods have. */
function sliced(facts: ClusterFacts, service: KubeService, port: KubeService['ports'][number]): string[] {
  const pods = new Set(facts.pods.map(({ address }) => address))
  return (endpointsByService(facts).get(`${service.namespace}/${service.name}`) ?? [])
    .filter(one => one.ready && pods.has(one.address))
    .map(one => `${one.address}:${one.ports.find(({ name, protocol }) => name === port.name && protocol === port.protocol)?.port}`)
    .sort()
}

function servicesOf(facts: ClusterFacts, endpoints: typeof sliced) {
  return facts.services.map(service => ({
    service: `${service.namespace}/${service.name}`,
    type: service.type,
    clusterIP: service.clusterIp,
    ...(service.loadBalancerIp === null ? {} : { externalIP: service.loadBalancerIp }),
    ports: service.ports.map(port => ({
      port: port.port,
      protocol: port.protocol,
      ...(port.nodePort === null ? {} : { nodePort: port.nodePort }),
      endpoints: endpoints(facts, service, port),
    })),
  }))
}

describe.each([
  ['all.json', fromJson],
  ['all.yaml', collected(sampleBytes('all.yaml'))],
])('%s', (_name, { facts, faults }) => {
  test('has every object, each kind counted', () => {
    expect(faults).toEqual([])
    expect(Object.fromEntries(facts.counts)).toEqual(expected.count)
    expect([...facts.skipped]).toEqual([])
  })
  test('has the nodes with address and block', () => {
    expect(facts.nodes.map(({ name, address: ip, podCidr: podCIDR }) => ({ name, ip, podCIDR }))).toEqual(expected.nodes)
  })
  test('has every pod with phase, node, address and workload', () => {
    expect(podsOf(facts)).toEqual(expected.pods)
  })
  test('has the Services, by selector and by EndpointSlice the same endpoints', () => {
    expect(servicesOf(facts, selected)).toEqual(expected.services)
    expect(servicesOf(facts, sliced)).toEqual(expected.services)
  })
})

test('JSON and YAML give the same facts', () => {
  const plain = (facts: ClusterFacts) => JSON.parse(JSON.stringify(facts, (key, value) => (key === 'place' ? undefined : value)))
  expect(plain(collected(sampleBytes('all.yaml')).facts)).toEqual(plain(fromJson.facts))
})

test('a list that a program has already gives the same facts', () => {
  const plain = (facts: ClusterFacts) => JSON.parse(JSON.stringify(facts, (key, value) => (key === 'place' ? undefined : value)))
  const { facts, faults } = collectedFrom(JSON.parse(sampleBytes('all.json').toString('utf8')))
  expect(faults).toEqual([])
  expect(plain(facts)).toEqual(plain(fromJson.facts))
})

test('the four single lists give the same pods, Services and policies', () => {
  const { facts, faults } = collected(...['nodes.json', 'pods.json', 'services.json', 'networkpolicies.json'].map(sampleBytes))
  expect(faults).toEqual([])
  expect(podsOf(facts)).toEqual(expected.pods)
  expect(servicesOf(facts, selected)).toEqual(expected.services)
  expect(facts.policies.map(({ spec }) => spec)).toEqual(fromJson.facts.policies.map(({ spec }) => spec))
  const workloads = (from: ClusterFacts) => workloadParts(from).map(({ kind, value }) => ({ kind, value }))
  expect(workloads(facts)).toEqual(workloads(fromJson.facts))
})

test('a Service without a selector has the endpoints of its slice, which no pod has', () => {
  const kubernetes = serviceParts(fromJson.facts).find(({ value }) => value.name === 'kubernetes')
  expect(kubernetes?.value).toEqual({
    namespace: 'default',
    name: 'kubernetes',
    clusterIp: '10.0.0.1',
    ports: [{ name: 'https', port: 443 }],
    endpoints: [{ address: '10.224.255.4' }],
  })
})

test('manifests alone say how many pods are wanted', () => {
  const { facts, faults } = collected(sampleBytes('manifests.yaml'))
  expect(faults).toEqual([])
  expect(workloadParts(facts).map(({ value }) => [`${value.namespace}/${value.name}`, value.replicas])).toEqual([
    ['data/redis', 2],
    ['monitoring/prometheus', 1],
    ['shop/api', 3],
    ['shop/web', 3],
    ['shop/worker', 1],
  ])
  expect(facts.policies).toHaveLength(4)
  expect(facts.namespaces.map(({ name }) => name)).toEqual(['data', 'monitoring', 'shop'])
})

test('workloads have what their pods share; pods have the rest', () => {
  const parts = workloadParts(fromJson.facts)
  const api = parts.find(({ value }) => value.name === 'api')
  expect(api).toMatchObject({ kind: 'Deployment', waiting: ['api-7c9d8f6b5d-c9lb5'], finished: 0 })
  expect(api?.value).toEqual({
    namespace: 'shop',
    name: 'api',
    labels: { app: 'api', 'pod-template-hash': '7c9d8f6b5d', tier: 'backend' },
    ports: [
      { name: 'http', containerPort: 3000, protocol: 'TCP' },
      { name: 'grpc', containerPort: 50051, protocol: 'TCP' },
    ],
    pods: [
      { name: 'api-7c9d8f6b5d-4nfvb', node: 'aks-nodepool1-31718369-vmss000001', address: '10.244.1.6' },
      { name: 'api-7c9d8f6b5d-c9lb5', ready: false },
      { name: 'api-7c9d8f6b5d-x9j9t', node: 'aks-nodepool1-31718369-vmss000000', address: '10.244.0.6' },
    ],
  })
  const redis = parts.find(({ value }) => value.name === 'redis')
  expect(redis?.value.pods?.[0]).toMatchObject({ name: 'redis-0', labels: { 'statefulset.kubernetes.io/pod-name': 'redis-0' } })
  const proxy = parts.find(({ value }) => value.name === 'kube-proxy')
  expect(proxy?.value).toMatchObject({ hostNetwork: true, pods: [{ name: 'kube-proxy-kfb42' }, {}, {}] })
  expect(parts.find(({ value }) => value.name === 'migrate')).toMatchObject({ kind: 'Job', value: { replicas: 0 }, finished: 1 })
})
