// Mistakes of form, of names and of meaning in one file are reported at once, as far as what is sound can be judged.
import { describe, expect, test } from 'vitest'
import { ScenarioError } from '../../src/index.js'
import { loadAdmitted } from '../../src/run/admitted.js'
import { scenarioJsonSchema } from '../../src/scenario/schema.js'

function codesOf(scenario: object): string[] {
  try {
    loadAdmitted({ apiVersion: 'vxlane/v1', ...scenario })
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError)
    return (error as ScenarioError).issues.map(({ path, code }) => `${path.join('.')}: ${code}`).sort()
  }
}

const overlapping = { networkProfile: { podCidr: '10.236.0.0/14' } }
const overlap = 'cluster.networkProfile.podCidr: NetworkProfileCIDROverlapVNET'
const workloads = [{ name: 'web' }]
const wrong = { from: { workload: 'wbe' }, to: { workload: 'web', port: 80 }, size: '200B', rate: '1/s' }
const good = { ...wrong, from: { workload: 'web' } }

describe('form and meaning together', () => {
  test('a reference, and the cluster', () => {
    expect(codesOf({ cluster: overlapping, workloads, traffic: [wrong] })).toEqual([overlap, 'traffic.0.from.workload: UnknownWorkload'])
  })
  test('the fabric, and the cluster; but nothing that depends on the fabric', () => {
    const fabric = { latency: 50, appliance: { address: '10.224.0.9' } }
    const endpoints = [{ name: 'e', address: '10.224.0.1', location: 'vnet' }]
    expect(codesOf({ cluster: overlapping, fabric, endpoints })).toEqual([overlap, 'fabric.latency: BadQuantity'])
  })
  test('entries keep their numbers when others are taken out', () => {
    const address = { ...good, from: { address: '10.224.0.77' } }
    expect(codesOf({ workloads, traffic: [wrong, good, address] })).toEqual([
      'traffic.0.from.workload: UnknownWorkload',
      'traffic.2.from: AddressCannotSend',
    ])
  })
  test('what is not built yet and what no address depends on', () => {
    const cluster = { networkProfile: { ...overlapping.networkProfile, networkPluginMode: 'overlay', ipFamilies: ['IPv6'] } }
    expect(codesOf({ cluster })).toEqual(['cluster.networkProfile.ipFamilies: NotSupportedYet', overlap])
  })
  test('a range that cannot be read leads to no guesses about others', () => {
    const networkProfile = { podCidr: '10.244.0.0', serviceCidr: '10.244.0.0/16', dnsServiceIp: '10.244.0.10' }
    expect(codesOf({ cluster: { networkProfile } })).toEqual(['cluster.networkProfile.podCidr: BadCidr'])
  })
})

describe('captures', () => {
  const pods = [{ name: 'web', replicas: 2 }]
  test('of several places may share a file', () => {
    expect(codesOf({ workloads: pods, capture: ['web/0', 'web/1'].map(pod => ({ pod, file: 'a.pcapng' })) })).toEqual([])
  })
  test('of one place go into a file once', () => {
    const capture = ['web/0', 'default/web/0'].map(pod => ({ pod, file: 'a.pcapng' }))
    expect(codesOf({ workloads: pods, capture })).toEqual(['capture.1.file: DuplicateCapture'])
    expect(codesOf({ workloads: pods, capture: [capture[0], { ...capture[1], file: 'b.pcapng' }] })).toEqual([])
  })
})

test('address ranges of the VNet do not overlap one another', () => {
  const vnet = {
    addressSpace: ['10.224.0.0/12', '10.230.0.0/16'],
    peerings: ['10.1.0.0/16', '10.1.2.0/24'].map((range, i) => ({ name: `p${i}`, addressSpace: [range] })),
  }
  expect(codesOf({ vnet })).toEqual(['vnet.addressSpace.1: VnetRangesOverlap', 'vnet.peerings.1.addressSpace.0: VnetAddressSpacesOverlap'])
})

describe('assertions speak of what a result has', () => {
  const traffic = [{ ...good, name: 'east-west' }]
  test.each([
    'drops.byReason.nicQueueFull == 0',
    'traffic["east-west"].dropped == 0 && traffic.length == 1',
    'resources.exhausted == none',
    'resources.podCidr.peak < resources[0].capacity',
    'latencyNs.p99 < 200us || -totals.sent < 0',
    'throughput.packets[0] > 0',
    'assertions.length == 1',
  ])('%s', text => expect(codesOf({ workloads, traffic, assert: [text] })).toEqual([]))
  test.each([
    'drops.byReason.nicQueuFull == 0',
    'drops.byReason.delivered == 0',
    'drop.total == 0',
    'traffic.eastwest.dropped == 0',
    'resources.podCidrs.peak > 0',
    'totals.sent.x == 0',
    'true && totals.snt > 0',
  ])('%s', text => expect(codesOf({ workloads, traffic, assert: [text] })).toEqual(['assert.0: UnknownField']))
})

test('editors know both spellings of a key that Azure spells in two ways', () => {
  const text = JSON.stringify(scenarioJsonSchema())
  for (const key of ['dnsServiceIp', 'dnsServiceIP', 'vnetSubnetId', 'vnetSubnetID', 'osSku', 'osSKU']) expect(text).toContain(`"${key}":{`)
})
