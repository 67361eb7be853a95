// What NetworkPolicies and network security groups said of a packet on its way, in words, and what would let it through. The data plane has
// decided; here is only said why.
import type { Explainer, GroupAnswer, PacketFacts } from '../cluster/policy-explain.js'
import type { PolicyAnswer } from '../cluster/policy-world.js'
import { Verdict } from '../datapath/verdict.js'
import { parseIpv4 } from '../wire/address.js'
import * as ipv4 from '../wire/ipv4.js'
import { endOf, type PacketHeaders, PROTOCOL_SCTP } from './headers.js'

const NUMBERS = { TCP: ipv4.PROTOCOL_TCP, UDP: ipv4.PROTOCOL_UDP, SCTP: PROTOCOL_SCTP, ICMP: ipv4.PROTOCOL_ICMP }

/** A packet whose source the host may have translated since it came in: policies saw it as it came. */
function factsOf(now: PacketHeaders, before: PacketHeaders = now): PacketFacts {
  return {
    source: parseIpv4(before.source) ?? 0,
    target: parseIpv4(now.target) ?? 0,
    protocol: typeof now.protocol === 'number' ? now.protocol : NUMBERS[now.protocol],
    sourcePort: before.sourcePort ?? 0,
    port: now.targetPort ?? 0,
  }
}

export class Guards {
  constructor(private readonly explainer: Explainer) {}

  /** The sentence of the policies of one side, or null where none is in force there. */
  policy(direction: 'ingress' | 'egress', now: PacketHeaders, before: PacketHeaders): string | null {
    const answer = this.explainer.policies(factsOf(now, before), direction)
    return answer === null ? null : `${direction}: ${answer.sentence}`
  }

  /** The sentence of a NIC's group about a frame that it let pass, or that it did not. */
  group(direction: 'Inbound' | 'Outbound', outer: PacketHeaders, nic: number, passed: boolean): string | null {
    const answer = this.explainer.group(factsOf(outer), nic, direction)
    if (answer === null) return null
    if (answer.allowed || !passed) return answer.sentence
    return `${answer.group}: it answers a flow that the group let pass before (stateful)`
  }

  /** What would have let a packet through that ended so, as it was when it ended. */
  remedy(verdict: Verdict, headers: PacketHeaders | null, nic: number): string | null {
    if (headers === null) return null
    if (verdict === Verdict.nsgDenied) return this.groupRemedy(headers, nic)
    const direction = verdict === Verdict.policyEgressDenied ? 'egress' : verdict === Verdict.policyIngressDenied ? 'ingress' : null
    if (direction === null) return null
    const answer: PolicyAnswer | null = this.explainer.policies(factsOf(headers.inner ?? headers), direction)
    return answer?.remedy ?? null
  }

  private groupRemedy(outer: PacketHeaders, nic: number): string | null {
    const facts = factsOf(outer)
    const isDenied = (answer: GroupAnswer | null): answer is GroupAnswer => answer !== null && !answer.allowed
    const denied = (['Outbound', 'Inbound'] as const).map(direction => this.explainer.group(facts, nic, direction)).find(isDenied)
    if (!denied) return null
    const what = `${outer.protocol} ${outer.source} > ${endOf(outer.target, outer.targetPort)}`
    return `a rule of ${denied.group} with a priority below ${denied.priority} that allows ${what}`
  }
}
