// Objects that are anything but what Kubernetes prints: every field may have any type. Mistakes are named, nothing throws, and what is
// left still makes a scenario or located mistakes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { importCluster } from '../../src/import/import-cluster.js'
import { topOwner } from '../../src/kube/group-pods.js'
import { loadAdmitted } from '../../src/run/admitted.js'
import { ScenarioError } from '../../src/scenario/error.js'
import { collected, collectedFrom, faultLines } from './read-text.js'

const KINDS = [
  'Node',
  'Namespace',
  'Pod',
  'Service',
  'Endpoints',
  'EndpointSlice',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'NetworkPolicy',
  'ConfigMap',
  'List',
]
const KEYS = [
  ...[
    'metadata',
    'name',
    'namespace',
    'labels',
    'ownerReferences',
    'controller',
    'kind',
    'spec',
    'status',
    'template',
    'containers',
    'ports',
  ],
  ...[
    'containerPort',
    'protocol',
    'nodeName',
    'podIP',
    'podIPs',
    'ip',
    'hostNetwork',
    'phase',
    'conditions',
    'type',
    'replicas',
    'selector',
  ],
  ...[
    'clusterIP',
    'clusterIPs',
    'port',
    'targetPort',
    'nodePort',
    'endpoints',
    'addresses',
    'address',
    'subsets',
    'podCIDR',
    'capacity',
    'pods',
  ],
  ...['items', 'observedGeneration', 'parallelism', 'jobTemplate', 'nodeSelector', '__proto__', 'constructor', 'initContainers', 'ingress'],
]
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1e308,
    0.5,
    80,
    70_000,
    '',
    'x',
    'a/b',
    'None',
    '10.244.0.5',
    '10.224.0.4',
    '999.1.1.1',
    '10.244.0.0/24',
    'fd00::1',
  ),
  fc.constantFrom<unknown>(
    'InternalIP',
    'Running',
    'Pending',
    'Succeeded',
    'Ready',
    'True',
    'LoadBalancer',
    'ExternalName',
    'TCP',
    'Pod',
    'ReplicaSet',
    'n'.repeat(300),
  ),
)
const anything = fc.letrec(tie => ({
  value: fc.oneof({ depthSize: 'medium', withCrossShrink: true }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 6, noNullPrototype: true }),
})).object as fc.Arbitrary<Record<string, unknown>>
const named = fc
  .tuple(anything, fc.constantFrom(...KINDS), fc.constantFrom('a', 'b', 'c'), fc.boolean())
  .map(([more, kind, name, isNamed]) => ({
    ...more,
    kind,
    ...(isNamed ? { metadata: { ...(more.metadata as object), name } } : {}),
  }))

test('any objects: mistakes with the field, never a throw; from text the same as from a program', () => {
  fc.assert(
    fc.property(fc.array(named, { maxLength: 6 }), objects => {
      const program = collectedFrom(objects)
      const text = collected(JSON.stringify(objects))
      expect(text.facts.counts).toEqual(program.facts.counts)
      expect(text.faults.map(({ message }) => message)).toEqual(program.faults.map(({ message }) => message))
      expect(text.faults.every(({ position }) => position?.line === 1)).toBe(true)
      const workloads = new Map(program.facts.workloads.map(one => [`${one.kind} ${one.namespace}/${one.name}`, one]))
      for (const pod of program.facts.pods) expect(topOwner(pod, workloads).name).not.toBe('')
    }),
    { numRuns: 500 },
  )
})

test('what is imported of them loads, or says why not', () => {
  fc.assert(
    fc.property(fc.array(named, { maxLength: 6 }), objects => {
      try {
        loadAdmitted(importCluster({ kubernetes: objects }).scenario)
      } catch (error) {
        expect(error).toBeInstanceOf(ScenarioError)
      }
    }),
    { numRuns: 300 },
  )
})

test('anything in place of what az prints', () => {
  const value = fc.anything({
    withNullPrototype: false,
    key: fc.constantFrom(
      'networkProfile',
      'agentPoolProfiles',
      'properties',
      'value',
      'name',
      'addressPrefix',
      'ipConfigurations',
      'podCidr',
      'count',
      'id',
    ),
  })
  fc.assert(
    fc.property(value, value, value, (az, nodepools, subnets) => {
      try {
        loadAdmitted(importCluster({ az, nodepools, subnets }).scenario)
      } catch (error) {
        expect(['ScenarioError', 'ImportError']).toContain((error as Error).name)
      }
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['{"kind":"Pod","metadata":{"name":7}}', 'in.txt:1:34: WrongType: Pod without a name: metadata.name: expected text, found a number'],
  [
    '{"kind":"Pod","metadata":{"name":"p","labels":{"a":1}}}',
    'in.txt:1:52: WrongType: Pod p: metadata.labels.a: expected text, found a number',
  ],
  ['{"kind":"Pod","metadata":{"name":"p"},"spec":{"containers":{}}}', 'Pod p: spec.containers: expected a list, found keys and values'],
  [
    '{"kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[null]}}',
    'Pod p: spec.containers[0]: expected keys and values, found nothing',
  ],
  ['{"kind":"Deployment","metadata":{"name":"d"},"spec":{"replicas":1e308}}', 'Deployment d: spec.replicas: 1e+308 is no number of things'],
  ['{"kind":"Service","metadata":{"name":"s"},"spec":{"ports":[{}]}}', 'Service s: spec.ports[0].port: "port" is missing'],
  ['{"kind":["Pod"]}', 'kind: expected text, found a list'],
  ['{"metadata":{"name":"x"}}', 'object x: kind: "kind" is missing'],
  [
    'kind: Pod\nmetadata:\n  name: p\nspec:\n  hostNetwork: "yes"\n',
    'in.txt:5:16: WrongType: Pod p: spec.hostNetwork: expected true or false, found text',
  ],
])('%s', (text, expected) => {
  expect(faultLines(collected(text).faults).join('\n')).toContain(expected)
})

test('kinds of other API groups are not taken for those of Kubernetes', () => {
  const of = (apiVersion: string, kind: string) => ({ apiVersion, kind, metadata: { name: 'x' }, spec: {} })
  const { facts, faults } = collectedFrom([
    of('serving.knative.dev/v1', 'Service'),
    of('crd.projectcalico.org/v1', 'NetworkPolicy'),
    of('v1', 'ConfigMap'),
    of('extensions/v1beta1', 'Deployment'),
    of('v1', 'Service'),
  ])
  expect(faults).toEqual([])
  expect([...facts.skipped]).toEqual([
    ['Service.serving.knative.dev', 1],
    ['NetworkPolicy.crd.projectcalico.org', 1],
    ['ConfigMap', 1],
  ])
  expect([...facts.counts]).toEqual([
    ['Deployment', 1],
    ['Service', 1],
  ])
})
