// NetworkPolicies and security groups for generated scenarios: few words, so that they meet the traffic.
import fc from 'fast-check'

/** Who may talk to whom: policies, some of which come and go while packets fly, and a security group on the node subnet. */
export function guardsOf(endUs: number) {
  const tier = fc.constantFrom('x', 'y')
  const selector = tier.map(value => ({ matchLabels: { tier: value } }))
  const rule = fc.record({
    peers: fc.array(
      fc.oneof(
        selector.map(podSelector => ({ podSelector })),
        fc.constant({ ipBlock: { cidr: '10.224.0.0/12' } }),
      ),
      { maxLength: 2 },
    ),
    ports: fc.constantFrom(undefined, [{ protocol: 'UDP', port: 80 }], [{ port: 1, endPort: 30_000 }]),
  })
  const policy = fc
    .record({ name: fc.constantFrom('p', 'q'), podSelector: selector, isEgress: fc.boolean(), rules: fc.array(rule, { maxLength: 2 }) })
    .map(({ name, podSelector, isEgress, rules }) => ({
      metadata: { name, namespace: 'a' },
      spec: isEgress
        ? { podSelector, policyTypes: ['Egress'], egress: rules.map(({ peers, ports }) => ({ to: peers, ports })) }
        : { podSelector, ingress: rules.map(({ peers, ports }) => ({ from: peers, ports })) },
    }))
  const moment = fc.integer({ min: 1, max: endUs - 1 }).map(at => `${at}us`)
  const securityRule = fc.record({
    direction: fc.constantFrom('Inbound', 'Outbound'),
    access: fc.constantFrom('Allow', 'Deny'),
    protocol: fc.constantFrom('*', 'Udp', 'Tcp'),
    sourcePortRange: fc.constantFrom('*', '32768-40000'),
    destinationPortRange: fc.constantFrom('*', '4789', '80'),
    destinationAddressPrefix: fc.constantFrom('VirtualNetwork', '10.224.0.5', '10.244.1.0/24', 'Internet'),
  })
  return fc.record({
    engine: fc.constantFrom('calico', 'cilium', 'azure'),
    policies: fc.uniqueArray(policy, { maxLength: 2, selector: ({ metadata }) => metadata.name }),
    applied: fc.array(fc.record({ at: moment, apply: policy.map(one => ({ networkPolicies: [one] })) }), { maxLength: 2 }),
    rules: fc.array(securityRule, { maxLength: 2 }),
  })
}
