// NetworkPolicies packet by packet: what rides on a connection, what begins one, and what never is asked about.
import { describe, expect, it } from 'vitest'
import { Verdict } from '../../src/datapath/verdict.js'
import { formatIpv4 } from '../../src/wire/address.js'
import { fragmentsOf, icmpPacket, tcpPacket, udpPacket } from '../support/frame-builder.js'
import { type Placement, scenarioOf, type World } from '../support/policy-case.js'
import { type Fate, PolicyLab, packetOf } from '../support/policy-lab.js'

const WORLD: World = {
  nodes: ['n0', 'n1'].map((name, i) => ({ name, ip: `10.224.0.${4 + i}`, podCIDR: `10.244.${i}.0/24` })),
  namespaces: [],
  pods: ['client', 'server'].map((name, i) => ({
    namespace: 'lab',
    name,
    labels: { app: name },
    ip: `10.244.${i}.10`,
    containers: [],
  })),
}

const policy = (name: string, app: string, spec: object) => ({
  metadata: { name, namespace: 'lab' },
  spec: { podSelector: { matchLabels: { app } }, ...spec },
})
const fromClient = (ports: readonly object[]) =>
  policy('server-in', 'server', { ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }], ports }] })
const SILENT_SERVER = policy('server-out', 'server', { policyTypes: ['Egress'] })
const CLOSED_CLIENT = policy('client-in', 'client', { policyTypes: ['Ingress'] })

const C = 'lab/client'
const S = 'lab/server'

const labOf = (policies: readonly object[], placement: Placement = 'given', engine = 'calico'): PolicyLab =>
  new PolicyLab(scenarioOf(WORLD, policies, placement, engine))
const address = (lab: PolicyLab, who: string): string => formatIpv4(lab.addressOf(who))

const CLOSED_BUT_80 = [
  fromClient([{ port: 80 }, { protocol: 'UDP', port: 80 }, { protocol: 'SCTP', port: 80 }]),
  SILENT_SERVER,
  CLOSED_CLIENT,
]

describe.each<Placement>(['given', 'oneNode'])('policies, pods placed: %s', placement => {
  it.each(['TCP', 'UDP', 'SCTP'] as const)('answers on a %s connection pass both pods, others do not', protocol => {
    const lab = labOf(CLOSED_BUT_80, placement)
    const port = lab.freshPort()
    expect(lab.answer(C, S, protocol, 80, port).verdict).toBe(Verdict.policyEgressDenied)
    expect(lab.open(C, S, protocol, 80, port).verdict).toBe(Verdict.delivered)
    expect(lab.answer(C, S, protocol, 80, port).verdict).toBe(Verdict.delivered)
    expect(lab.answer(C, S, protocol, 80, port + 1).verdict).toBe(Verdict.policyEgressDenied)
    expect(lab.open(C, S, protocol, 81).verdict).toBe(Verdict.policyIngressDenied)
    expect(lab.open(S, C, protocol, 80).verdict).toBe(Verdict.policyEgressDenied)
  })

  it('an open connection opens no other: each SCTP and UDP port counts', () => {
    const lab = labOf(CLOSED_BUT_80, placement)
    expect(lab.open(C, S, 'SCTP', 80, 5000).verdict).toBe(Verdict.delivered)
    expect(lab.open(C, S, 'SCTP', 81, 5000).verdict).toBe(Verdict.policyIngressDenied)
    expect(lab.open(C, S, 'UDP', 80, 5000).verdict).toBe(Verdict.delivered)
    expect(lab.open(C, S, 'UDP', 81, 5000).verdict).toBe(Verdict.policyIngressDenied)
  })

  it('echoes need a rule without ports; their answers and errors about a connection need none', () => {
    const closed = labOf(CLOSED_BUT_80, placement)
    expect(closed.open(C, S, 'ICMP', 0).verdict).toBe(Verdict.policyIngressDenied)
    const open = labOf([fromClient([]), SILENT_SERVER, CLOSED_CLIENT], placement)
    expect(open.open(C, S, 'ICMP', 0, 77).verdict).toBe(Verdict.delivered)
    const back = { from: address(open, S), to: address(open, C) }
    expect(open.send(S, C, icmpPacket(back, 0, 0, (77 << 16) | 1)).verdict).toBe(Verdict.delivered)
    expect(open.send(S, C, icmpPacket(back, 0, 0, (78 << 16) | 1)).verdict).toBe(Verdict.policyEgressDenied)
    const there = { from: back.to, to: back.from }
    const sent = udpPacket(there, 4000, 53)
    expect(open.send(C, S, sent).verdict).toBe(Verdict.delivered)
    expect(open.send(S, C, icmpPacket(back, 3, 3, 0, sent.subarray(0, 28))).verdict).toBe(Verdict.delivered)
    const init = packetOf(there, 'SCTP', 4002, 53)
    expect(open.send(C, S, init).verdict).toBe(Verdict.delivered)
    expect(open.send(S, C, icmpPacket(back, 3, 2, 0, init.subarray(0, 28))).verdict).toBe(Verdict.delivered)
    const unsent = udpPacket(there, 4001, 53).subarray(0, 28)
    expect(open.send(S, C, icmpPacket(back, 3, 3, 0, unsent)).verdict).toBe(Verdict.policyEgressDenied)
  })

  it('all fragments of a datagram share its verdict', () => {
    const lab = labOf(CLOSED_BUT_80, placement)
    const way = { from: address(lab, C), to: address(lab, S) }
    const fatesOf = (port: number, id: number): Fate[] =>
      fragmentsOf(udpPacket({ ...way, id }, 6000 + id, port, 2000), 1000).map(fragment => lab.send(C, S, fragment))
    expect(fatesOf(80, 1).at(-1)?.verdict).toBe(Verdict.delivered)
    expect(lab.stack.conntrack.used[0]).toBe(1)
    const denied = fatesOf(81, 2).at(-1)
    expect(denied?.verdict).toBe(Verdict.policyIngressDenied)
    // Node 0 has entries of what it let out: both on two nodes, the first alone where it is the receiver's node too.
    expect(lab.stack.conntrack.used[0]).toBe(placement === 'given' ? 2 : 1)
  })

  it('a pod reaches itself, and what is no beginning of a connection is judged by itself', () => {
    const lab = labOf(CLOSED_BUT_80, placement)
    expect(lab.open(S, S, 'TCP', 99).verdict).toBe(Verdict.delivered)
    const way = { from: address(lab, C), to: address(lab, S) }
    expect(lab.send(C, S, tcpPacket(way, 7000, 81, 0x04, 5)).verdict).toBe(Verdict.policyIngressDenied)
    expect(lab.send(C, S, tcpPacket(way, 7000, 80, 0x04, 5)).verdict).toBe(Verdict.delivered)
  })
})

describe('nodes and policies', () => {
  const lab = labOf([...CLOSED_BUT_80, policy('client-out', 'client', { policyTypes: ['Egress'] })])

  it('a node and its own pods always reach each other', () => {
    expect(lab.open('node:n1', S, 'TCP', 9).verdict).toBe(Verdict.delivered)
    expect(lab.open(S, 'node:n1', 'ICMP', 0).verdict).toBe(Verdict.delivered)
    expect(lab.open(C, 'node:n0', 'UDP', 9).verdict).toBe(Verdict.portUnreachable)
  })

  it('another node is an address like any other, by whichever of its addresses it speaks', () => {
    expect(lab.open('node:n0', S, 'TCP', 80).verdict).toBe(Verdict.policyIngressDenied)
    expect(lab.open(C, 'node:n1', 'TCP', 80)).toMatchObject({ verdict: Verdict.policyEgressDenied, onWire: 0 })
    const range = { ingress: [{ from: [{ ipBlock: { cidr: '10.224.0.0/16' } }] }] }
    expect(labOf([policy('nodes', 'server', range)]).open('node:n0', S, 'TCP', 80).verdict).toBe(Verdict.delivered)
    expect(labOf([policy('nodes', 'server', range)], 'given', 'cilium').open('node:n0', S, 'TCP', 80).verdict).toBe(
      Verdict.policyIngressDenied,
    )
    const tunnels = { ingress: [{ from: [{ ipBlock: { cidr: '10.244.0.0/16' } }] }] }
    expect(labOf([policy('pods', 'server', tunnels)]).open('node:n0', S, 'TCP', 80).verdict).toBe(Verdict.policyIngressDenied)
  })

  it('what egress denies never is on a wire; what ingress denies has crossed it', () => {
    expect(lab.open(C, S, 'TCP', 80)).toEqual({ verdict: Verdict.policyEgressDenied, lp: 0, onWire: 0 })
    expect(labOf(CLOSED_BUT_80).open(C, S, 'TCP', 81)).toEqual({ verdict: Verdict.policyIngressDenied, lp: 1, onWire: 1 })
  })
})
