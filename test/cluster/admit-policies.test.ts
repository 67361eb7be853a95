// What AKS refuses about policy engines, and what a reader is told before a run.
import { describe, expect, it } from 'vitest'
import { admit } from '../../src/cluster/admission.js'
import { loadScenario } from '../../src/scenario/load.js'

const policy = (spec: object = {}) => ({ metadata: { name: 'p', namespace: 'a' }, spec: { podSelector: {}, ...spec } })
const from = (cidr: string) => policy({ ingress: [{ from: [{ ipBlock: { cidr } }] }] })

const codes = (profile: object, rest: object = {}, pool: object = {}): string[] =>
  admit(
    loadScenario({
      apiVersion: 'vxlane/v1',
      cluster: {
        networkProfile: { networkPluginMode: 'overlay', podCidr: '10.32.0.0/13', ...profile },
        agentPoolProfiles: [{ name: 'np', count: 3, ...pool }],
      },
      workloads: [{ namespace: 'a', name: 'w', replicas: 2 }],
      ...rest,
    }).scenario,
  ).map(({ code }) => code)

describe('engines of NetworkPolicies', () => {
  it.each<[string, object, object, object, string[]]>([
    ['nobody enforces', {}, { networkPolicies: [policy()] }, {}, ['PoliciesNotEnforced']],
    [
      'nobody enforces later ones either',
      {},
      { timeline: [{ at: '1s', apply: { networkPolicies: [policy()] } }] },
      {},
      ['PoliciesNotEnforced'],
    ],
    ['calico says nothing', { networkPolicy: 'calico' }, { networkPolicies: [from('10.32.0.0/16')] }, { count: 900 }, []],
    ['NPM within its limits', { networkPolicy: 'azure' }, {}, { count: 250 }, []],
    ['NPM with too many nodes', { networkPolicy: 'azure' }, {}, { count: 251 }, ['InvalidNodeCountForNPM']],
    [
      'NPM with too many pods',
      { networkPolicy: 'azure' },
      { workloads: [{ namespace: 'a', name: 'w', replicas: 20_001 }] },
      { count: 200 },
      ['InvalidNodeCountForNPM'],
    ],
    ['Cilium by its data plane', { networkDataplane: 'cilium' }, { networkPolicies: [from('203.0.113.0/24')] }, {}, []],
    ['Cilium, ipBlock of pods', { networkPolicy: 'cilium' }, { networkPolicies: [from('10.33.0.0/16')] }, {}, ['IpBlockMatchesNothing']],
    ['Cilium, ipBlock of nodes', { networkPolicy: 'cilium' }, { networkPolicies: [from('10.224.0.0/24')] }, {}, ['IpBlockMatchesNothing']],
    ['Cilium, ipBlock of everything', { networkPolicy: 'cilium' }, { networkPolicies: [from('0.0.0.0/0')] }, {}, []],
    ['calico on the data plane of Cilium', { networkPolicy: 'calico', networkDataplane: 'cilium' }, {}, {}, ['UnsupportedNetworkPolicy']],
    ['Cilium on the data plane of Azure', { networkPolicy: 'cilium', networkDataplane: 'azure' }, {}, {}, ['UnsupportedNetworkPolicy']],
    ['kubenet with NPM', { networkPluginMode: null, networkPlugin: 'kubenet', networkPolicy: 'azure' }, {}, {}, ['InvalidNetworkPolicy']],
    ['kubenet with calico', { networkPluginMode: null, networkPlugin: 'kubenet', networkPolicy: 'calico' }, {}, {}, []],
  ])('%s', (_name, profile, rest, pool, expected) => {
    expect(codes(profile, rest, pool).filter(code => !/Kubenet|Encapsulation/i.test(code))).toEqual(expected)
  })

  it('a policy that the timeline takes away must be there', () => {
    expect(() => codes({}, { timeline: [{ at: '1s', delete: { networkPolicy: 'a/p' } }] })).toThrow(
      /UnknownPolicy: there is no policy a\/p/,
    )
    expect(() => codes({}, { networkPolicies: [policy(), policy()] })).toThrow(/DuplicateName: policy a\/p/)
  })
})
