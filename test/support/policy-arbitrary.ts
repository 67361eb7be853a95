// Any small cluster with any NetworkPolicies, and probes that come near their edges: labels and names out of few words, so that selectors
// often match and often just miss; ports at the ends of ranges; addresses inside, beside and outside of blocks.
import fc from 'fast-check'
import type { CasePod, World } from './policy-case.js'
import type { Protocol } from './policy-lab.js'

const NAMESPACES = ['alpha', 'beta', 'gamma']
const KEYS = ['app', 'tier', 'env']
const VALUES = ['web', 'db', '']
const PORT_NAMES = ['http', 'dns']
const PORTS = [53, 79, 80, 81, 8080]

/** Addresses that blocks begin and end at; those of pods are 10.244.NODE.10 and on. */
const OUTSIDE = ['1.1.1.1', '203.0.113.7', '203.0.113.130', '10.225.0.9', '10.224.0.200']
const BLOCKS = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.244.0.0/16',
  '10.244.1.0/24',
  '10.244.0.10/31',
  '10.224.0.0/16',
  '203.0.113.0/24',
  'fd00::/8',
]
const WITHIN: Readonly<Record<string, readonly string[]>> = {
  '0.0.0.0/0': ['10.0.0.0/8', '1.1.1.1/32', '203.0.113.128/25', '10.244.1.0/24'],
  '10.0.0.0/8': ['10.244.0.0/16', '10.224.0.4/32', '10.225.0.0/16'],
  '10.244.0.0/16': ['10.244.1.0/24', '10.244.0.10/32'],
  '203.0.113.0/24': ['203.0.113.128/25'],
}

const labels = fc
  .record({ app: fc.constantFrom(...VALUES, null), tier: fc.constantFrom(...VALUES, null), env: fc.constantFrom(...VALUES, null, null) })
  .map(given => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) as Record<string, string>)

const requirement = fc.oneof(
  fc.record({
    key: fc.constantFrom(...KEYS),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key: fc.constantFrom(...KEYS), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
)

const selector = fc.oneof(
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: labels.map(matchLabels => ({ matchLabels })) },
  { weight: 2, arbitrary: fc.array(requirement, { minLength: 1, maxLength: 2 }).map(matchExpressions => ({ matchExpressions })) },
)

const namespaceSelector = fc.oneof(
  selector,
  fc.constantFrom(...NAMESPACES).map(name => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })),
)

const block = fc.constantFrom(...BLOCKS).chain(cidr =>
  fc.uniqueArray(fc.constantFrom(...(WITHIN[cidr] ?? ['none'])), { maxLength: 2 }).map(except => ({
    ipBlock: { cidr, ...(WITHIN[cidr] && except.length > 0 ? { except } : {}) },
  })),
)

const peer = fc.oneof(
  selector.map(podSelector => ({ podSelector })),
  namespaceSelector.map(given => ({ namespaceSelector: given })),
  fc.tuple(selector, namespaceSelector).map(([podSelector, given]) => ({ podSelector, namespaceSelector: given })),
  block,
)

const protocol = fc.constantFrom('TCP', 'UDP', 'SCTP')
const port = fc.oneof(
  fc.record({ protocol: fc.option(protocol, { nil: undefined }), port: fc.constantFrom<number | string>(...PORTS, ...PORT_NAMES) }),
  fc.record({ protocol }),
  fc.record({ protocol, port: fc.constantFrom(53, 80), endPort: fc.constantFrom(80, 8080, 65535) }),
  fc.constant({}),
)

const peers = fc.array(peer, { maxLength: 3 })
const ports = fc.option(fc.array(port, { maxLength: 3 }), { nil: undefined })
const ingress = fc.option(fc.array(fc.record({ from: peers, ports }), { maxLength: 3 }), { nil: undefined })
const egress = fc.option(fc.array(fc.record({ to: peers, ports }), { maxLength: 3 }), { nil: undefined })

const policyTypes = fc.constantFrom(undefined, [], ['Ingress'], ['Egress'], ['Ingress', 'Egress'])

const policies = fc
  .array(fc.record({ namespace: fc.constantFrom(...NAMESPACES), podSelector: selector, policyTypes, ingress, egress }), { maxLength: 6 })
  .map(list => list.map(({ namespace, ...spec }, i) => ({ metadata: { namespace, name: `p${i}` }, spec })))

const containerPort = fc.record({
  name: fc.constantFrom(...PORT_NAMES),
  containerPort: fc.constantFrom(...PORTS),
  protocol: protocol as fc.Arbitrary<string>,
})

const pod = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  labels,
  ports: fc.uniqueArray(containerPort, { maxLength: 2, selector: item => item.name }),
})

export interface AnyCase {
  readonly world: World
  readonly policies: readonly { readonly spec: object }[]
  readonly engine: string
  readonly encapsulation: string
}

const NODES = 3
export const NODE_NAMES = Array.from({ length: NODES }, (_, i) => `n${i}`)

export const anyCase: fc.Arbitrary<AnyCase> = fc
  .record({
    pods: fc.array(pod, { minLength: 2, maxLength: 7 }),
    labels: fc.tuple(labels, labels, labels),
    policies,
    engine: fc.constantFrom('calico', 'azure', 'cilium'),
    encapsulation: fc.constantFrom('vxlan', 'none'),
  })
  .map(({ pods, labels: own, ...rest }) => ({
    ...rest,
    world: {
      nodes: NODE_NAMES.map((name, i) => ({ name, ip: `10.224.0.${4 + i}`, podCIDR: `10.244.${i}.0/24` })),
      // The last namespace is described nowhere: it has its name's label alone.
      namespaces: NAMESPACES.slice(0, 2).map((name, i) => ({ name, labels: own[i] })),
      pods: pods.map(
        (item, i): CasePod => ({
          namespace: item.namespace,
          name: `pod${i}`,
          labels: item.labels,
          ip: `10.244.${i % NODES}.${10 + i}`,
          containers: [{ ports: item.ports }],
        }),
      ),
    },
  }))

export interface AnyProbe {
  readonly from: string
  readonly to: string
  readonly protocol: Protocol
  readonly port: number
}

/** Probes between pods, from and to the outside, and from nodes. */
export function anyProbes({ world }: AnyCase, count: number): fc.Arbitrary<AnyProbe[]> {
  const pods = world.pods.map(({ namespace, name }) => `${namespace}/${name}`)
  const outside = OUTSIDE.map(address => `ip:${address}`)
  const one = fc.constantFrom(...pods)
  const pair = fc.oneof(
    { weight: 6, arbitrary: fc.record({ from: one, to: one }) },
    { weight: 1, arbitrary: fc.record({ from: one, to: fc.constantFrom(...outside) }) },
    { weight: 1, arbitrary: fc.record({ from: fc.constantFrom(...outside), to: one }) },
    { weight: 1, arbitrary: fc.record({ from: fc.constantFrom(...NODE_NAMES.map(name => `node:${name}`)), to: one }) },
    { weight: 1, arbitrary: fc.record({ from: one, to: fc.constantFrom(...NODE_NAMES.map(name => `node:${name}`)) }) },
  )
  const what = fc.record({ protocol: fc.constantFrom<Protocol>('TCP', 'UDP', 'SCTP', 'ICMP'), port: fc.constantFrom(...PORTS, 65535) })
  return fc.array(
    fc.tuple(pair, what).map(([ends, probe]) => ({ ...ends, ...probe })),
    { minLength: count, maxLength: count },
  )
}
