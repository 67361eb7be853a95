// Which pods belong together, how many there are, and who is behind a Service: the cases that a sample cluster does not have.
import { describe, expect, test } from 'vitest'
import { serviceParts } from '../../src/kube/service-parts.js'
import { workloadParts } from '../../src/kube/workload-parts.js'
import { collectedFrom } from './read-text.js'

const pod = (
  name: string,
  more: { owner?: [string, string]; labels?: object; spec?: object; status?: object; metadata?: object } = {},
) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'n',
    labels: more.labels ?? {},
    ...(more.owner === undefined ? {} : { ownerReferences: [{ kind: more.owner[0], name: more.owner[1], controller: true }] }),
    ...more.metadata,
  },
  spec: { nodeName: 'node1', ...more.spec },
  status: { phase: 'Running', podIP: '10.244.0.9', conditions: [{ type: 'Ready', status: 'True' }], ...more.status },
})
const object = (apiVersion: string, kind: string, name: string, spec: object, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'n' },
  spec,
  ...more,
})
const owned = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] })

/** Workloads as "kind name: pods", or the number wanted. */
function workloads(...objects: object[]): string[] {
  const { facts, faults } = collectedFrom(objects)
  expect(faults).toEqual([])
  return workloadParts(facts).map(({ kind, value: { name, replicas, pods, hostNetwork } }) => {
    const members = pods?.map(one => one.name).join(' ') ?? replicas
    return `${kind} ${name}${hostNetwork ? ' (host)' : ''}: ${members}`
  })
}

describe('pods belong to', () => {
  test('the Deployment of their ReplicaSet, also when nobody listed the ReplicaSet', () => {
    const labels = { 'pod-template-hash': 'abc12' }
    const set = {
      ...object('apps/v1', 'ReplicaSet', 'web-abc12', {}),
      metadata: { name: 'web-abc12', namespace: 'n', ...owned('Deployment', 'web') },
    }
    expect(workloads(pod('web-abc12-x', { owner: ['ReplicaSet', 'web-abc12'], labels }), set)).toEqual(['Deployment web: web-abc12-x'])
    expect(workloads(pod('web-abc12-x', { owner: ['ReplicaSet', 'web-abc12'], labels }))).toEqual(['Deployment web: web-abc12-x'])
    expect(workloads(set)).toEqual(['Deployment web: 1'])
    expect(workloads(pod('other-x', { owner: ['ReplicaSet', 'other'], labels }))).toEqual(['ReplicaSet other: other-x'])
  })
  test('the CronJob of their Job', () => {
    const job = {
      ...object('batch/v1', 'Job', 'backup-1', {}),
      metadata: { name: 'backup-1', namespace: 'n', ...owned('CronJob', 'backup') },
    }
    const cron = object('batch/v1', 'CronJob', 'backup', { jobTemplate: { spec: { template: { spec: {} } } } })
    expect(workloads(pod('backup-1-x', { owner: ['Job', 'backup-1'] }), job, cron)).toEqual(['CronJob backup: backup-1-x'])
    expect(workloads(cron)).toEqual([])
  })
  test('themselves when they have no owner, or only their node', () => {
    expect(workloads(pod('solo'), pod('kube-apiserver-node1', { owner: ['Node', 'node1'] }))).toEqual([
      'Pod kube-apiserver-node1: kube-apiserver-node1',
      'Pod solo: solo',
    ])
  })
  test('an owner of a kind that nobody knows', () => {
    expect(workloads(pod('a-0', { owner: ['Rollout', 'a'] }), pod('a-1', { owner: ['Rollout', 'a'] }))).toEqual(['Rollout a: a-0 a-1'])
  })
})

test('names are made unique in a namespace: the Deployment keeps its own', () => {
  const spec = { replicas: 1, template: { spec: {} } }
  expect(workloads(object('batch/v1', 'Job', 'x', spec), object('apps/v1', 'Deployment', 'x', spec), pod('x'))).toEqual([
    'Deployment x: 1',
    'Job x-job: 1',
    'Pod x-pod: x',
  ])
})

test('pods of one owner with and without the network of their node are two workloads', () => {
  const owner: [string, string] = ['DaemonSet', 'agent']
  expect(workloads(pod('a', { owner }), pod('b', { owner, spec: { hostNetwork: true } }))).toEqual([
    'DaemonSet agent: a',
    'DaemonSet agent-daemonset (host): b',
  ])
})

describe('how many', () => {
  test.each([
    [object('apps/v1', 'Deployment', 'd', {}), 1],
    [object('apps/v1', 'Deployment', 'd', { replicas: 0 }), 0],
    [object('apps/v1', 'Deployment', 'd', { replicas: 5 }, { status: {} }), 5],
    [object('apps/v1', 'Deployment', 'd', { replicas: 5 }, { status: { observedGeneration: 1, replicas: 4 } }), 4],
    [object('apps/v1', 'StatefulSet', 'd', { replicas: 5 }, { status: { observedGeneration: 1 } }), 0],
    [object('batch/v1', 'Job', 'd', { parallelism: 4, completions: 2 }), 2],
    [object('batch/v1', 'Job', 'd', {}, { status: { startTime: 'x', active: 1 } }), 1],
  ])('%j', (given, replicas) => {
    expect(workloads(given)).toEqual([`${given.kind} d: ${replicas}`])
  })
  test.each([
    [object('batch/v1', 'Job', 'd', { suspend: true })],
    [object('batch/v1', 'Job', 'd', {}, { status: { startTime: 'x', succeeded: 1 } })],
  ])('none: %j', given => {
    expect(workloads(given)).toEqual([])
  })
  test('a pod that is done counts no more; one that is being deleted is not ready', () => {
    const { facts } = collectedFrom([
      pod('a', { status: { phase: 'Failed' } }),
      pod('b', { metadata: { deletionTimestamp: '2024-05-14T08:11:43Z' } }),
      pod('c', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }),
    ])
    expect(workloadParts(facts).map(({ value, finished }) => [value.pods, finished])).toEqual([
      [undefined, 1],
      [[{ name: 'b', node: 'node1', address: '10.244.0.9', ready: false }], 0],
      [[{ name: 'c', node: 'node1', address: '10.244.0.9', ready: false }], 0],
    ])
  })
})

describe('behind a Service without a selector', () => {
  const service = (ports: object[]) => object('v1', 'Service', 's', { clusterIP: '10.0.0.9', ports })
  const endpoints = object(
    'v1',
    'Endpoints',
    's',
    {},
    {
      subsets: [{ addresses: [{ ip: '10.1.0.9' }], notReadyAddresses: [{ ip: '10.1.0.10' }], ports: [{ port: 5432 }] }],
    },
  )
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's-abc', namespace: 'n', labels: { 'kubernetes.io/service-name': 's' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.0.9'] }, { addresses: ['10.1.0.11'], conditions: { ready: false } }],
    ports: [{ name: '', port: 5433 }],
  }
  const endpointsOf = (...objects: object[]) => serviceParts(collectedFrom(objects).facts)[0].value.endpoints
  test('are its Endpoints, with the port where it is another', () => {
    expect(endpointsOf(service([{ port: 5432 }]), endpoints)).toEqual([{ address: '10.1.0.9' }, { address: '10.1.0.10', ready: false }])
    expect(endpointsOf(service([{ port: 80 }]), endpoints)).toEqual([
      { address: '10.1.0.9', port: 5432 },
      { address: '10.1.0.10', port: 5432, ready: false },
    ])
  })
  test('are its slices, which its Endpoints only repeat', () => {
    expect(endpointsOf(service([{ port: 5433 }]), endpoints, slice)).toEqual([
      { address: '10.1.0.9' },
      { address: '10.1.0.11', ready: false },
    ])
  })
  test('is nobody for an alias, and for one with IPv6 alone', () => {
    const { facts } = collectedFrom([
      object('v1', 'Service', 'alias', { type: 'ExternalName', externalName: 'example.com' }),
      object('v1', 'Service', 'six', { clusterIP: 'fd00::1', clusterIPs: ['fd00::1'] }),
      object('v1', 'Service', 'both', { clusterIP: 'fd00::1', clusterIPs: ['fd00::1', '10.0.0.7'] }),
    ])
    expect(facts.services.map(({ name, clusterIp }) => [name, clusterIp])).toEqual([['both', '10.0.0.7']])
    expect([...facts.skipped]).toEqual([['Service without an IPv4 address (ExternalName, IPv6)', 2]])
  })
})

test('ports are those of all containers, sidecars among them', () => {
  const spec = {
    containers: [
      { ports: [{ name: 'http', containerPort: 80 }] },
      {
        ports: [
          { containerPort: 53, protocol: 'UDP' },
          { name: 'http', containerPort: 80 },
        ],
      },
    ],
    initContainers: [{ ports: [{ containerPort: 1 }] }, { restartPolicy: 'Always', ports: [{ containerPort: 15001 }] }],
  }
  expect(workloadParts(collectedFrom([pod('p', { spec })]).facts)[0].value.ports).toEqual([
    { name: 'http', containerPort: 80, protocol: 'TCP' },
    { containerPort: 53, protocol: 'UDP' },
    { containerPort: 15001, protocol: 'TCP' },
  ])
})
