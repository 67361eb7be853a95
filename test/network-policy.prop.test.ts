// Any policies on any small cluster: what the compiled form does with a packet, on the whole way, is what a plain walk of the specification
// says, and it does not depend on where pods are, in which order pods and policies stand, or what the addresses are.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { policiesAt } from '../src/cluster/policy-epochs.js'
import { askPolicies, namespaceLabels, type PolicyPod, type PolicyQuestion } from '../src/cluster/policy-world.js'
import { Verdict } from '../src/datapath/verdict.js'
import { parseIpv4 } from '../src/wire/address.js'
import { type AnyCase, type AnyProbe, anyCase, anyProbes } from './support/policy-arbitrary.js'
import { type Placement, scenarioOf } from './support/policy-case.js'
import { PolicyLab } from './support/policy-lab.js'

const LONG = process.env.VXLANE_LONG === '1'
const PROBES = 50
const RUNS = LONG ? 2500 : 60

const NUMBERS = { TCP: 6, UDP: 17, SCTP: 132, ICMP: 1 } as const

/** What the specification says: the verdict, or `continue` for what may pass. */
function walk(lab: PolicyLab, { engine }: AnyCase, { from, to, protocol, port }: AnyProbe): Verdict {
  const { scenario, plan } = lab
  const podOf = (who: string): number => (who.includes(':') ? -1 : lab.podOf(who))
  const homeOf = (who: string): number => (who.startsWith('node:') ? lab.nodeOf(who) : podOf(who) >= 0 ? plan.pods.node[podOf(who)] : -1)
  const factsOf = (pod: number): PolicyPod | null =>
    pod < 0 ? null : { ...scenario.workloads[plan.pods.workload[pod]], ...scenario.workloads[plan.pods.workload[pod]].pods[0] }
  const isNodeLocal = (from.startsWith('node:') || to.startsWith('node:')) && homeOf(from) === homeOf(to)
  if (from === to || isNodeLocal) return Verdict.continue
  const ask = (direction: PolicyQuestion['direction'], who: string, other: string): boolean => {
    const pod = factsOf(podOf(who))
    if (pod === null) return true
    const peer = { pod: factsOf(podOf(other)), address: lab.addressOf(other), isNode: other.startsWith('node:') }
    const world = { engine: engine as 'calico', policies: policiesAt(scenario, 0), namespaceLabels: namespaceLabels(scenario) }
    const answer = askPolicies(world, { direction, pod, peer, protocol: NUMBERS[protocol], port })
    expect(answer.allowed).toBe(answer.remedy === null)
    if (scenario.networkPolicies.length > 0) expect(explained(lab, from, to, protocol, port, direction)).toEqual(answer)
    return answer.allowed
  }
  if (!ask('egress', from, to)) return Verdict.policyEgressDenied
  return ask('ingress', to, from) ? Verdict.continue : Verdict.policyIngressDenied
}

/** The same by the packet's addresses alone, as a trace asks. */
function explained(
  lab: PolicyLab,
  from: string,
  to: string,
  protocol: keyof typeof NUMBERS,
  port: number,
  direction: PolicyQuestion['direction'],
) {
  const source = parseIpv4(lab.sourceOf(from, to))!
  const packet = { source, target: lab.addressOf(to), protocol: NUMBERS[protocol], sourcePort: 1024, port }
  return lab.explainer.policies(packet, direction)
}

const DENIED: readonly Verdict[] = [Verdict.policyEgressDenied, Verdict.policyIngressDenied]

function labOf({ world, policies, engine, encapsulation }: AnyCase, placement: Placement): PolicyLab {
  return new PolicyLab(scenarioOf(world, policies, placement, engine, { fabric: { encapsulation, masquerade: { enabled: false } } }))
}

const said = (lab: PolicyLab, { from, to, protocol, port }: AnyProbe): Verdict => {
  const { verdict } = lab.open(from, to, protocol, port)
  return DENIED.includes(verdict) ? verdict : Verdict.continue
}

const caseWithProbes = anyCase.chain(given => anyProbes(given, PROBES).map(probes => ({ given, probes })))

describe('compiled policies', () => {
  it(`agree with a plain walk of the specification (${RUNS * PROBES} probes)`, { timeout: 1_200_000 }, () => {
    fc.assert(
      fc.property(caseWithProbes, ({ given, probes }) => {
        const lab = labOf(given, 'given')
        for (const probe of probes) expect([probe, said(lab, probe)]).toEqual([probe, walk(lab, given, probe)])
      }),
      { numRuns: RUNS },
    )
  })

  it('do not depend on placement, order or, where no ipBlock speaks of pods, addresses', { timeout: 1_200_000 }, () => {
    fc.assert(
      fc.property(caseWithProbes, ({ given, probes }) => {
        const { world, policies } = given
        const reversed = { ...given, policies: [...policies].reverse(), world: { ...world, pods: [...world.pods].reverse() } }
        const hasBlocks = JSON.stringify(policies).includes('ipBlock')
        const between = probes.filter(({ from, to }) => !from.startsWith('node:') && !to.startsWith('node:'))
        const first = labOf(given, 'given')
        const others = [labOf(reversed, 'given'), labOf(given, 'oneNode'), ...(hasBlocks ? [] : [labOf(reversed, 'nodePerPod')])]
        for (const probe of between) {
          const wanted = said(first, probe)
          for (const other of others) expect([probe, said(other, probe)]).toEqual([probe, wanted])
        }
      }),
      { numRuns: LONG ? 500 : 25 },
    )
  })
})
