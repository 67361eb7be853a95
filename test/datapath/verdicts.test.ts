// Every verdict by which a packet can be lost happens in some scenario, and its capture comment and counter say so. A verdict that nothing
// can bring about is a sentence about nothing, and belongs deleted.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isDrop, VERDICTS, type VerdictName } from '../../src/datapath/verdict.js'
import { inFolder, runWith } from '../support/any-run.js'
import { fragmentsOf, frame, icmpPacket, packet, tcpPacket, udpPacket, vxlanPacket } from '../support/frame-builder.js'
import { scenarioOf } from '../support/kernel-scenario.js'

/** What makes a packet end so: frames put on a wire, or a traffic entry, in the recordings' cluster with another fabric. */
interface Cause {
  readonly at?: object
  readonly frames?: readonly Uint8Array[]
  readonly traffic?: object
  readonly fabric?: object
  readonly outboundType?: string
  readonly profile?: object
  readonly policies?: readonly object[]
  readonly rules?: readonly object[]
  readonly duration?: string
  readonly services?: readonly object[]
  readonly timeline?: readonly object[]
}

const POD = { pod: 'lab/pod11' }
const WIRE = { node: 'node2', interface: 'eth0' }
const TO_PODS = { from: '10.244.1.11', to: '10.244.2.11' }
const TO_NODE = { from: '10.224.0.5', to: '10.224.0.4' }
const NOBODY = { from: '10.244.1.11', to: '10.244.1.99' }

const ofPod = (bytes: Uint8Array, type?: number): Uint8Array => frame('aaaaaaaaaaaa', '02020af4010b', bytes, type)
const onWire = (bytes: Uint8Array, to = '02000ae00004'): Uint8Array => frame(to, '02000ae00005', bytes)
const inner = (from = '02010af40200', ip = { from: '10.244.2.11', to: '10.244.1.11' }): Uint8Array =>
  frame('02010af40100', from, udpPacket(ip, 1000, 2000))
const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => bytes.map((byte, i) => (i === at ? value : byte))
const tunnel = (change: (payload: Uint8Array) => Uint8Array, tos = 0, within = inner()): Cause => {
  const payload = vxlanPacket({ ...TO_NODE, tos }, 45678, within, 1).subarray(28)
  return { at: WIRE, frames: [onWire(udpPacket({ ...TO_NODE, tos }, 45678, 4789, change(payload)))] }
}
const fromPod = (bytes: Uint8Array, fabric?: object): Cause => ({ at: POD, frames: [ofPod(bytes)], ...(fabric && { fabric }) })
const TO_INET = { from: '10.244.1.11', to: '203.0.113.10' }
const FROM_INET = { from: '203.0.113.10', to: '198.51.100.1' }
const byLoadBalancer = (bytes: Uint8Array): Cause => ({ ...fromPod(bytes), outboundType: 'loadBalancer' })
const toNode = (bytes: Uint8Array): Cause => ({ at: WIRE, frames: [onWire(bytes)] })
const big = fragmentsOf(udpPacket({ ...TO_PODS, id: 9 }, 5000, 7000, 2000), 800)
const arpRequest = (target: string): Uint8Array =>
  Buffer.from(`0001080006040001 02020af4010b 0af4010b 000000000000 ${target}`.replaceAll(' ', ''), 'hex')
const isolating = (direction: string) => ({
  metadata: { name: 'deny', namespace: 'lab' },
  spec: { podSelector: {}, policyTypes: [direction] },
})
const outwards = { name: 'out', to: { endpoint: 'inet', port: 53 }, protocol: 'udp', size: 100, rate: '10000/s' }

const talk = (connections: object): object => ({
  name: 'talk',
  from: POD,
  to: { pod: 'lab/pod21', port: 80 },
  connections: { rate: '1000/s', ...connections },
})
const nobody = (rest: object = {}): object => ({ namespace: 'lab', name: 'nobody', ports: [{ port: 7, protocol: 'UDP' }], ...rest })

/** Datagrams to a pod whose node is lost in the middle of it. */
const lost: Cause = {
  traffic: {
    ...{ name: 'lost', from: POD, to: { pod: 'lab/pod21', port: 80 }, protocol: 'udp', size: 100, rate: '100000/s' },
    answer: { size: 100, after: '300us' },
  },
  timeline: [{ at: '2ms', fail: { node: 'node2' } }],
}

const CAUSES: Partial<Record<VerdictName, Cause>> = {
  podGone: lost,
  nodeGone: lost,
  nicQueueFull: {
    traffic: { ...outwards, from: POD, to: { pod: 'lab/pod21', port: 7 } },
    fabric: { nicRate: '1Mbps', queue: 2 },
  },
  ethernetTooShort: { at: POD, frames: [new Uint8Array(13)] },
  otherHost: { at: POD, frames: [frame('02020af4010c', '02020af4010b', udpPacket(TO_PODS, 1, 2))] },
  unhandledProtocol: { at: POD, frames: [ofPod(new Uint8Array(40), 0x86dd)] },
  ipTooShort: { at: POD, frames: [ofPod(udpPacket(TO_PODS, 1, 2)).subarray(0, 40)] },
  ipHeaderInvalid: fromPod(changed(udpPacket(TO_PODS, 1, 2), 0, 0x65)),
  ipChecksum: fromPod(changed(udpPacket(TO_PODS, 1, 2), 8, 63)),
  martianSource: fromPod(udpPacket({ from: '127.0.0.1', to: '10.244.2.11' }, 1, 2)),
  notForHost: { at: POD, frames: [frame('ffffffffffff', '02020af4010b', udpPacket(TO_PODS, 1, 2))] },
  ttlExceeded: fromPod(udpPacket({ ...TO_PODS, ttl: 1 }, 1, 2)),
  // The error about the packet has no way back.
  noRoute: fromPod(udpPacket({ from: '10.244.1.99', to: '10.244.2.11', ttl: 1 }, 1, 2), { podCidrRoute: 'unreachable' }),
  routeUnreachable: fromPod(udpPacket(NOBODY, 1, 2), { podCidrRoute: 'unreachable' }),
  routeBlackhole: fromPod(udpPacket(NOBODY, 1, 2), { podCidrRoute: 'blackhole' }),
  routeProhibit: fromPod(udpPacket(NOBODY, 1, 2), { podCidrRoute: 'prohibit' }),
  fragmentationNeeded: fromPod(udpPacket({ ...TO_PODS, flags: 0x4000 }, 1, 2, 1472)),
  messageTooLong: { traffic: { ...outwards, from: POD, size: 1451 } },
  vxlanTooShort: tunnel(payload => payload.subarray(0, 7)),
  vxlanInvalidHeader: tunnel(payload => changed(payload, 0, 0)),
  vxlanReservedBits: tunnel(payload => changed(payload, 7, 1)),
  vxlanUnknownVni: tunnel(payload => changed(payload, 6, 2)),
  vxlanInnerTooShort: tunnel(payload => payload.subarray(0, 8 + 13)),
  vxlanOwnMac: tunnel(payload => payload, 0, inner('02010af40100')),
  ecnInvalid: tunnel(payload => payload, 3),
  udpChecksum: toNode(udpPacket(TO_NODE, 1, 4789, 40, 0x1234)),
  udpTooShort: toNode(changed(udpPacket(TO_NODE, 1, 9, 40), 25, 7)),
  tcpInvalid: toNode(changed(tcpPacket(TO_NODE, 1, 9, 2, 0), 36, 1)),
  icmpInvalid: toNode(changed(icmpPacket(TO_NODE, 8, 0, 1), 22, 1)),
  portUnreachable: toNode(udpPacket(TO_NODE, 1, 9)),
  connectionRefused: toNode(tcpPacket(TO_NODE, 1, 9, 2, 0)),
  protocolUnreachable: toNode(packet(TO_NODE, 99, new Uint8Array(20))),
  noSuchHost: fromPod(udpPacket({ from: '10.244.1.11', to: '8.8.8.8' }, 1, 2)),
  unknownMac: { at: WIRE, frames: [onWire(udpPacket(TO_NODE, 1, 2), '02000ae000fa')] },
  broadcastBlocked: { at: WIRE, frames: [onWire(udpPacket(TO_NODE, 1, 2), 'ffffffffffff')] },
  noOutbound: { ...fromPod(udpPacket({ from: '10.244.1.11', to: '8.8.8.8' }, 1, 2)), outboundType: 'none' },
  conntrackFull: {
    traffic: { ...outwards, from: { workload: 'lab/probe' } },
    fabric: { conntrack: { max: 1 } },
  },
  natPortsExhausted: {
    traffic: { ...outwards, from: { workload: 'lab/probe' } },
    fabric: { appliance: { portRange: '40000-40001' } },
  },
  fragmentInvalid: { at: POD, frames: [ofPod(big[1]), ofPod(big[1])] },
  fragmentTimeout: { at: POD, frames: [ofPod(big[1])], duration: '31s' },
  arpUnanswered: { at: POD, frames: [ofPod(arpRequest('0af4010b'), 0x0806)] },
  policyEgressDenied: { ...fromPod(udpPacket(TO_PODS, 1, 2)), policies: [isolating('Egress')] },
  policyIngressDenied: { ...fromPod(udpPacket(TO_PODS, 1, 2)), policies: [isolating('Ingress')] },
  noConnection: { ...fromPod(tcpPacket({ from: '10.244.1.12', to: '10.244.2.11' }, 1, 9, 0x10, 7, 9)), traffic: talk({}) },
  notAccepted: { traffic: talk({ server: 'ignore' }) },
  nsgDenied: {
    ...fromPod(udpPacket(TO_PODS, 1, 2)),
    rules: [{ name: 'no-vxlan', priority: 100, direction: 'Inbound', access: 'Deny', protocol: 'Udp', destinationPortRange: '4789' }],
  },
  serviceNoEndpoints: { traffic: { ...outwards, from: POD, to: { service: 'lab/nobody' } }, services: [nobody()] },
  serviceNoLocalEndpoints: {
    traffic: { ...outwards, from: POD, to: { service: 'lab/nobody' } },
    services: [nobody({ internalTrafficPolicy: 'Local', publishNotReadyAddresses: true, endpoints: [{ address: '10.244.2.11' }] })],
  },
  noHealthyNode: {
    traffic: { ...outwards, from: { endpoint: 'inet' }, to: { address: '192.0.2.9', port: 7 } },
    services: [nobody({ type: 'LoadBalancer', loadBalancerIp: '192.0.2.9', externalTrafficPolicy: 'Local' })],
  },
  notAddressed: { at: WIRE, frames: [onWire(udpPacket(TO_NODE, 1, 2), '02000ae00064')] },
  snatPortsExhausted: {
    traffic: { ...outwards, from: POD, flows: 20 },
    outboundType: 'loadBalancer',
    profile: { loadBalancerProfile: { allocatedOutboundPorts: 8 } },
  },
  snatNoConnection: byLoadBalancer(tcpPacket(TO_INET, 1000, 80, 0x10, 1, 1)),
  snatUnsolicited: {
    at: { endpoint: 'inet' },
    frames: [frame('0203c6336401', '0203cb00710a', udpPacket(FROM_INET, 53, 1024))],
    outboundType: 'loadBalancer',
  },
  snatFragment: byLoadBalancer(udpPacket({ ...TO_INET, id: 7 }, 1000, 53, 2500)),
  snatProtocol: byLoadBalancer(icmpPacket(TO_INET, 8, 0, 1 << 16)),
}

const NAMES = VERDICTS.flatMap(({ name }, number) => (isDrop(number) ? [name] : []))

describe('verdicts', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vxlane-verdicts-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function scenarioFor({
    at,
    frames,
    traffic,
    fabric,
    outboundType,
    profile,
    policies,
    rules,
    duration,
    timeline,
    services = [],
  }: Cause): object {
    const base = scenarioOf(
      { name: 'verdict', describe: '', cluster: '--masq-vnet', free: [], steps: [] },
      { podCidrRoute: 'none', steps: new Set() },
      [],
    )
    const cluster = base as { cluster: { networkProfile: object }; endpoints: { location: string }[]; fabric: object }
    const entries = [
      ...(frames ? [{ name: 'frames', from: at, replay: { file: 'frames-0', spacing: '1us' } }] : []),
      ...(traffic ? [traffic] : []),
    ]
    const scenario = {
      ...cluster,
      duration: duration ?? '5ms',
      timeline: timeline ?? [],
      capture: [],
      traffic: entries,
      services,
      fabric: { ...cluster.fabric, ...fabric },
      endpoints: cluster.endpoints.filter(({ location }) => outboundType !== 'none' || location !== 'internet'),
      cluster: {
        ...cluster.cluster,
        networkProfile: {
          ...cluster.cluster.networkProfile,
          ...(outboundType && { outboundType }),
          ...(policies && { networkPolicy: 'calico' }),
          ...profile,
        },
      },
      networkPolicies: policies ?? [],
      ...(rules && {
        vnet: {
          addressSpace: ['10.224.0.0/16'],
          subnets: { 'aks-nodes': { cidr: '10.224.0.0/16', networkSecurityGroup: { securityRules: rules } } },
        },
      }),
    }
    return inFolder({ scenario, recordings: frames ? [frames] : [] }, folder)
  }

  it.each(NAMES)('%s happens', async name => {
    const cause = CAUSES[name]
    expect(cause, 'nothing is known to bring it about').toBeDefined()
    const { drops, totals } = await runWith(scenarioFor(cause!), 0, true)
    expect(drops.byReason[name]).toBeGreaterThan(0)
    expect(totals.sent).toBe(totals.delivered + totals.dropped + totals.inFlight)
  })
})
