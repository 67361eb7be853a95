// NetworkPolicies, namespaces and security groups of a checked document as the model has them, with the defaults that Kubernetes and
// Azure give: policy types, protocol TCP, rules by priority.
import { invariant } from '../base/invariant.js'
import { type Cidr, parseCidr, parseIpv4 } from '../wire/address.js'
import type { CompleteDocument } from './complete.js'
import type { AddressPrefix, LabelSelector, Namespace, NetworkPolicy, PolicyPeer, PolicyRule, SecurityGroup } from './model-policy.js'
import { parseBlock } from './policy-rules.js'
import { parseRulePorts, protocolOf, serviceTagOf } from './schema-nsg.js'

const NAME_LABEL = 'kubernetes.io/metadata.name'

type DocumentPolicy = CompleteDocument['networkPolicies'][number]
type DocumentSelector = DocumentPolicy['spec']['podSelector']
type DocumentPeer = NonNullable<NonNullable<NonNullable<DocumentPolicy['spec']['ingress']>[number]>['from']>[number]
type DocumentPorts = NonNullable<NonNullable<DocumentPolicy['spec']['ingress']>[number]>['ports']
type DocumentGroup = NonNullable<CompleteDocument['vnet']['subnets'][string]['networkSecurityGroup']>

const labelsOf = (given: Readonly<Record<string, string | null>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(given).map(([key, value]) => [key, value ?? '']))

export const namespaceOf = ({ name, labels }: CompleteDocument['namespaces'][number]): Namespace => ({
  name,
  labels: { ...labelsOf(labels), [NAME_LABEL]: name },
})

export function policyOf({ metadata, spec }: DocumentPolicy): NetworkPolicy {
  const { ingress = [], egress = [] } = spec
  const given = spec.policyTypes ?? []
  const types = given.length > 0 ? given : egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    podSelector: selectorOf(spec.podSelector),
    ingress: types.includes('Ingress') ? ingress.map(rule => ruleOf(rule?.from, rule?.ports)) : null,
    egress: types.includes('Egress') ? egress.map(rule => ruleOf(rule?.to, rule?.ports)) : null,
  }
}

const selectorOf = ({ matchLabels, matchExpressions = [] }: DocumentSelector): LabelSelector => ({
  matchLabels: labelsOf(matchLabels),
  matchExpressions: matchExpressions.map(({ key, operator, values = [] }) => ({ key, operator, values })),
})

/** An empty list of peers or ports is the same as none: everybody, every port. */
const ruleOf = (peers: readonly DocumentPeer[] = [], ports: DocumentPorts = []): PolicyRule => ({
  peers: peers.length === 0 ? null : peers.map(peerOf),
  ports:
    ports.length === 0
      ? null
      : ports.map(item => ({ protocol: item?.protocol ?? 'TCP', port: item?.port ?? null, endPort: item?.endPort ?? null })),
})

function peerOf({ podSelector, namespaceSelector, ipBlock }: DocumentPeer): PolicyPeer {
  if (ipBlock === undefined) {
    const pods = podSelector === undefined ? null : selectorOf(podSelector)
    return { kind: 'pods', podSelector: pods, namespaceSelector: namespaceSelector === undefined ? null : selectorOf(namespaceSelector) }
  }
  const except = ipBlock.except ?? []
  const text = except.length > 0 ? `${ipBlock.cidr} except ${except.join(', ')}` : ipBlock.cidr
  return { kind: 'block', cidr: blockOf(ipBlock.cidr), except: except.flatMap(part => blockOf(part) ?? []), text }
}

function blockOf(text: string): Cidr | null {
  const block = parseBlock(text)
  invariant(block !== null, 'a checked block did not parse')
  return block.family === 4 ? block.cidr : null
}

export function securityGroupOf(subnet: string, { name, securityRules }: DocumentGroup): SecurityGroup {
  const rules = securityRules.map(rule => ({
    name: rule.name,
    priority: rule.priority,
    direction: rule.direction.toLowerCase() === 'inbound' ? ('Inbound' as const) : ('Outbound' as const),
    access: rule.access.toLowerCase() === 'allow' ? ('Allow' as const) : ('Deny' as const),
    protocol: protocolOf(rule.protocol) ?? null,
    sources: prefixesOf(rule.sourceAddressPrefix, rule.sourceAddressPrefixes),
    sourcePorts: rulePortsOf(rule.sourcePortRange, rule.sourcePortRanges),
    targets: prefixesOf(rule.destinationAddressPrefix, rule.destinationAddressPrefixes),
    targetPorts: rulePortsOf(rule.destinationPortRange, rule.destinationPortRanges),
  }))
  return { name: name ?? `${subnet}-nsg`, rules: rules.sort((a, b) => a.priority - b.priority) }
}

/** Azure writes one value in the singular key and several in the plural one; neither means any. */
const listOf = (one: string | undefined, several: readonly string[] = []): readonly string[] => {
  const all = [...(one === undefined || one === '' ? [] : [one]), ...several]
  return all.length === 0 ? ['*'] : all
}

const prefixesOf = (one: string | undefined, several: readonly string[] | undefined): AddressPrefix[] =>
  listOf(one, several).map(text => {
    const tag = serviceTagOf(text)
    if (tag) return tag
    const range = parseCidr(text === '*' ? '0.0.0.0/0' : text)
    if (range) return range
    const address = parseIpv4(text)
    invariant(address !== null, 'a checked prefix did not parse')
    return { base: address, prefix: 32 }
  })

const rulePortsOf = (one: string | undefined, several: readonly string[] | undefined) =>
  listOf(one, several).map(text => {
    const range = parseRulePorts(text)
    invariant(range !== null, 'a checked port range did not parse')
    return range
  })
