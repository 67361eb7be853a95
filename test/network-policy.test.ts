// Other people's NetworkPolicy suites, probe by probe through the whole data plane: allowed or denied as they say, and dropped at the right
// place. A packet that egress denies never reaches a wire; one that only ingress denies ends on the receiver's node. Two suites hold other
// projects' manifests nearly as published and lie outside a clone; where they are missing, one line says so.
import { describe, expect, it } from 'vitest'
import { Verdict } from '../src/datapath/verdict.js'
import { endOf, type Placement, type PolicyCase, type Probe, probesOf, scenarioOf, suiteOf } from './support/policy-case.js'
import { PolicyLab } from './support/policy-lab.js'

const FOLDERS: Readonly<Record<string, string>> = {
  packets: 'test/golden/netpol',
  sample: 'test/golden/netpol',
  recipes: '../shared/data/netpol',
  workloads: '../shared/data/netpol',
}

const DENIED: readonly Verdict[] = [Verdict.policyEgressDenied, Verdict.policyIngressDenied]

function judge(lab: PolicyLab, item: PolicyCase, given: Probe, engine: string): string | null {
  const probe = { ...given, from: endOf(item, given.from), to: endOf(item, given.to) }
  const expected = engine === 'cilium' ? (probe.expectedIfIpBlockIgnoresPods ?? probe.expected) : probe.expected
  const fate = lab.open(probe.from, probe.to, probe.protocol, probe.port)
  const said = DENIED.includes(fate.verdict) ? 'deny' : 'allow'
  const text = `${probe.from} -> ${probe.to} ${probe.protocol}/${probe.port}: ${said}, expected ${expected}`
  if (said !== expected) return text
  if (said === 'allow' && !probe.to.includes(':') && fate.verdict !== Verdict.delivered) return `${text}, ended as ${fate.verdict}`
  if (fate.verdict === Verdict.policyEgressDenied && fate.onWire > 0) return `${text}, but it was on the wire`
  if (fate.verdict === Verdict.policyEgressDenied && fate.lp !== lab.plan.pods.node[lab.podOf(probe.from)]) return `${text}, elsewhere`
  if (fate.verdict === Verdict.policyIngressDenied && fate.lp !== lab.plan.pods.node[lab.podOf(probe.to)]) return `${text}, elsewhere`
  return null
}

/** Node probes mean something only where the pods are on their own nodes; renumbering only where no ipBlock speaks of pods. */
function fits(item: PolicyCase, probe: Probe, placement: Placement): boolean {
  return (
    placement === 'given' ||
    (!probe.from.startsWith('node:') && endOf(item, probe.from) === probe.from && endOf(item, probe.to) === probe.to)
  )
}

for (const [suite, folder] of Object.entries(FOLDERS)) {
  const cases = suiteOf(`${folder}/suite-${suite}.json`)
  if (cases === null) console.info(`suite-${suite}.json is not here: skipped`)
  describe.skipIf(cases === null)(`suite ${suite}`, () => {
    for (const item of cases ?? []) {
      it.each<[Placement, string, string]>([
        ['given', 'vxlan', 'calico'],
        ['oneNode', 'vxlan', 'azure'],
        ['nodePerPod', 'vxlan', 'calico'],
        ['nodePerPod', 'none', 'cilium'],
      ])(`${item.id} ${item.title}: %s, %s, %s`, (placement, encapsulation, engine) => {
        const ipBlockOfPods = item.tags.includes('ipBlock') && engine === 'cilium'
        const lab = new PolicyLab(scenarioOf(item, item.policies, placement, engine, { fabric: { encapsulation } }))
        const probes = probesOf(item).filter(probe => fits(item, probe, placement))
        // Cilium's difference is told probe by probe where a suite says so; elsewhere cases with ipBlocks are another engine's.
        const asked = ipBlockOfPods ? probes.filter(({ from, to }) => from.startsWith('ip:') || to.startsWith('ip:')) : probes
        expect(asked.flatMap(probe => judge(lab, item, probe, engine) ?? [])).toEqual([])
      })
    }
  })
}
