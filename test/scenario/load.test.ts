import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SIMPLE_IMIX } from '../../src/base/distribution.js'
import { type LoadOptions, loadScenario } from '../../src/scenario/load.js'
import { showScenario } from '../../src/scenario/show.js'
import { nicRateOf } from '../../src/scenario/vm-sizes.js'
import { formatCidr, formatIpv4 } from '../../src/wire/address.js'
import { FULL, failure, LEAST } from './samples.js'

const folder = mkdtempSync(join(tmpdir(), 'vxlane-'))
let files = 0

function fileOf(text: string, suffix = 'yaml'): string {
  const file = join(folder, `scenario${++files}.${suffix}`)
  writeFileSync(file, text)
  return file
}

describe('defaults', () => {
  const { scenario } = loadScenario(LEAST)
  test('are those of AKS and of the contract', () => {
    expect(scenario).toMatchObject({ name: 'unnamed', seed: 1, durationNs: 10e9, traffic: [], capture: [], assert: [] })
    const { networkProfile, agentPoolProfiles } = scenario.cluster
    expect(formatCidr(networkProfile.podCidr)).toBe('10.244.0.0/16')
    expect(formatCidr(networkProfile.serviceCidr)).toBe('10.0.0.0/16')
    expect(formatIpv4(networkProfile.dnsServiceIp)).toBe('10.0.0.10')
    expect(networkProfile.outboundType).toBe('loadBalancer')
    expect(agentPoolProfiles).toMatchObject([
      { name: 'nodepool1', count: 3, maxPods: 250, vmSize: null, vnetSubnet: 'aks-nodes', nodes: [] },
    ])
    expect(formatCidr(scenario.vnet.subnets['aks-nodes'].cidr)).toBe('10.224.0.0/16')
    expect(scenario.vnet.addressSpace.map(formatCidr)).toEqual(['10.224.0.0/12'])
    expect(scenario.fabric).toMatchObject({
      mtu: 1500,
      podMtu: 1450,
      latencyNs: 50_000,
      gatewayLatencyNs: 500_000,
      nicRate: null,
      queue: 1000,
    })
    expect(scenario.fabric.vxlan).toEqual({
      udpChecksum: true,
      ttl: 64,
      tos: 'default',
      df: 'unset',
      sourcePorts: { first: 32768, last: 60999 },
    })
    expect([scenario.fabric.podCidrRoute, scenario.fabric.icmpRateLimit]).toEqual(['none', false])
    expect(formatIpv4(scenario.fabric.appliance.address)).toBe('10.224.0.1')
    expect(formatIpv4(scenario.fabric.appliance.nextHop)).toBe('198.51.100.254')
  })
  test('that depend on other values follow them', () => {
    const { fabric, cluster } = loadScenario({
      ...LEAST,
      vnet: { subnets: { nodes: { cidr: '192.168.0.0/20' } } },
      cluster: { networkProfile: { serviceCidr: '10.1.0.0/16' } },
      fabric: { encapsulation: 'none', mtu: 9000, appliance: { publicAddress: '203.0.113.77' } },
    }).scenario
    expect(fabric.podMtu).toBe(9000)
    expect(formatIpv4(fabric.appliance.address)).toBe('192.168.0.1')
    expect(formatIpv4(fabric.appliance.nextHop)).toBe('203.0.113.254')
    expect(formatIpv4(cluster.networkProfile.dnsServiceIp)).toBe('10.1.0.10')
    expect(cluster.agentPoolProfiles[0].vnetSubnet).toBe('nodes')
  })
})

describe('a full scenario', () => {
  const { scenario } = loadScenario(FULL)
  test('arrives as numbers', () => {
    expect(scenario.fabric).toMatchObject({ podMtu: 1400, latencyNs: 20_000, nicRate: 12.5e9, icmpRateLimit: true })
    expect(scenario.fabric.vxlan).toEqual({
      udpChecksum: false,
      ttl: 'inherit',
      tos: 16,
      df: 'set',
      sourcePorts: { first: 40000, last: 40100 },
    })
    expect(scenario.workloads.map(({ replicas }) => replicas)).toEqual([4, 12, 2])
    const [a, b, c, d] = scenario.traffic
    expect(a).toMatchObject({
      kind: 'udp',
      size: { kind: 'constant', value: 1000 },
      rate: 100,
      flows: 1,
      df: true,
      answer: null,
      stopNs: 2e9,
    })
    expect(b).toMatchObject({
      from: { kind: 'selector', namespace: 'shop', labels: { app: 'web' } },
      size: { kind: 'pareto', scale: 64, shape: 1.2, most: 1400 },
      arrivals: { kind: 'onOff', onNs: 10e6, offNs: 30e6 },
      rate: 20 / 60,
      answer: { size: 500, afterNs: 1e6 },
      startNs: 100e6,
      stopNs: 1.5e9,
    })
    expect(c).toMatchObject({ size: SIMPLE_IMIX, rate: 5000, to: { kind: 'pod', pod: 'lab/pod11' }, port: 53 })
    expect(d).toMatchObject({ from: { kind: 'node', node: 'pool1/3' }, to: { kind: 'address' } })
    expect(scenario.capture.map(({ at }) => at.kind)).toEqual(['node', 'pod', 'endpoint', 'gateway'])
    expect(scenario.capture.map(({ maxPackets }) => maxPackets)).toEqual([50, 10000, 10000, 10000])
  })
  test('keeps the facts that change nothing yet', () => {
    expect(scenario.cluster.agentPoolProfiles[0].facts).toMatchObject({ minCount: 3 })
  })
})

test('fixed pods have the labels and ports of their workload and their own', () => {
  const http = { name: 'http', containerPort: 8080 }
  const { scenario } = loadScenario({
    ...LEAST,
    workloads: [
      {
        name: 'db',
        labels: { app: 'db', tier: 'data' },
        ports: [http],
        pods: [{ name: 'db-0' }, { name: 'db-1', labels: { role: 'primary', tier: 'hot' }, ports: [], ready: false }],
      },
    ],
  })
  const [db0, db1] = scenario.workloads[0].pods
  expect(db0).toMatchObject({ labels: { app: 'db', tier: 'data' }, ports: [{ ...http, protocol: 'TCP' }], ready: true })
  expect(db1).toMatchObject({ labels: { app: 'db', tier: 'hot', role: 'primary' }, ports: [], ready: false })
})

test('keys are matched as Azure wavers, nulls are absent', () => {
  const { scenario } = loadScenario({
    ...LEAST,
    cluster: {
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        dnsServiceIP: '10.0.0.11',
        podCidrs: ['10.240.0.0/16'],
        natGatewayProfile: null,
      },
      agentPoolProfiles: [{ name: 'p', count: 1, vnetSubnetID: '/subscriptions/x/virtualNetworks/v/subnets/mine', podSubnetId: null }],
    },
  })
  expect(formatIpv4(scenario.cluster.networkProfile.dnsServiceIp)).toBe('10.0.0.11')
  expect(formatCidr(scenario.cluster.networkProfile.podCidr)).toBe('10.240.0.0/16')
  expect(scenario.cluster.agentPoolProfiles[0].vnetSubnet).toBe('mine')
  expect(Object.keys(scenario.vnet.subnets)).toEqual(['mine'])
})

test('NIC rates of the Dsv5 sizes', () => {
  expect(['Standard_D4s_v5', 'standard_d32s_v5', 'Standard_D96s_v5', 'Standard_B2s'].map(nicRateOf)).toEqual([12.5e9, 16e9, 35e9, null])
})

describe('the hash', () => {
  const hash = (input: string | object, options?: LoadOptions): string => loadScenario(input, options).hash
  test('does not depend on key order, form or place', () => {
    const backwards = Object.fromEntries(Object.entries(FULL).reverse())
    expect(hash(backwards)).toBe(hash(FULL))
    expect(hash(fileOf(JSON.stringify(FULL), 'json'))).toBe(hash(FULL))
    expect(hash({ ...LEAST, fabric: { latency: '0.05ms' } })).toBe(hash(LEAST))
  })
  test('depends on every value', () => {
    const changes = [
      'seed=8',
      'fabric.vni=9',
      'workloads[0].replicas=5',
      'traffic[0].rate=99/s',
      'capture[0].maxPackets=51',
      'cluster.agentPoolProfiles[0].maxPods=99',
    ]
    const hashes = changes.map(change => hash(FULL, { set: [change] }))
    expect(new Set([hash(FULL), ...hashes]).size).toBe(changes.length + 1)
  })
  test('takes a recording by its content', () => {
    const magic = [0xd4, 0xc3, 0xb2, 0xa1]
    const entry = (file: string) => ({ ...LEAST, workloads: [{ name: 'w' }], traffic: [{ from: { pod: 'w/0' }, replay: { file } }] })
    writeFileSync(join(folder, 'a.pcap'), Buffer.from([...magic, 1]))
    writeFileSync(join(folder, 'b.pcap'), Buffer.from([...magic, 1]))
    writeFileSync(join(folder, 'c.pcap'), Buffer.from([...magic, 2]))
    const [a, b, c] = ['a', 'b', 'c'].map(name => hash(entry(`${name}.pcap`), { baseDir: folder }))
    expect(b).toBe(a)
    expect(c).not.toBe(a)
  })
})

describe('--show', () => {
  test.each([LEAST, FULL])('its text loads to the same hash', scenario => {
    const loaded = loadScenario(scenario)
    const again = loadScenario(fileOf(showScenario(loaded)))
    expect(again.hash).toBe(loaded.hash)
    expect(again.scenario).toEqual(loaded.scenario)
  })
  test('from another folder too, with a recording', () => {
    writeFileSync(join(folder, 'rec.pcap'), Buffer.from([0x0a, 0x0d, 0x0d, 0x0a]))
    const input = {
      ...LEAST,
      workloads: [{ name: 'w' }],
      traffic: [{ from: { pod: 'w/0' }, replay: { file: 'rec.pcap', spacing: '1ms' } }],
    }
    const loaded = loadScenario(input, { baseDir: folder })
    expect(loaded.scenario.traffic[0]).toMatchObject({ kind: 'replay', file: join(folder, 'rec.pcap'), spacingNs: 1e6, startNs: 0 })
    const elsewhere = join(mkdtempSync(join(tmpdir(), 'vxlane-')), 'shown.yaml')
    writeFileSync(elsewhere, showScenario(loaded))
    expect(loadScenario(elsewhere).hash).toBe(loaded.hash)
  })
  test('says where each value came from', () => {
    const shown = showScenario(loadScenario({ ...LEAST, seed: 4 }, { set: ['fabric.mtu=9000'] }))
    for (const line of ['seed: 4 # file', '  mtu: 9000 # --set', '  podMtu: 8950 # default', '  latency: 50us # default'])
      expect(shown.split('\n')).toContain(line)
  })
})

test('positions of what is in the file', () => {
  const loaded = loadScenario(fileOf('apiVersion: vxlane/v1\nfabric:\n  latency: 20us\nworkloads:\n  - name: web\n'))
  expect(loaded.locate(['fabric', 'latency'])).toEqual({ line: 3, column: 12 })
  expect(loaded.locate(['workloads', 0, 'name'])).toEqual({ line: 5, column: 11 })
  expect(loaded.locate(['fabric', 'vni'])).toEqual({ line: 2, column: 1 })
  expect(loadScenario(LEAST).locate(['apiVersion'])).toBeNull()
})

test('long JSON is located too', () => {
  const workloads = Array.from({ length: 6000 }, (_, i) => ({ namespace: 'n', name: `workload-number-${i}` }))
  const text = JSON.stringify({ ...LEAST, workloads, sed: 1 }, null, 1)
  expect(text.length).toBeGreaterThan(256 * 1024)
  const [found] = failure(fileOf(text, 'json')).issues
  expect(found).toMatchObject({ code: 'UnknownKey', position: { line: text.split('\n').length - 1, column: 2 } })
})
