// The five modes against published and observed numbers, and what each gives when.
import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { ADDRESSING_MODES } from '../../src/base/addressing-mode.js'
import type { Ipv4 } from '../../src/base/brand.js'
import { type Addressing, type AddressingSetting, createAddressing, isShortage } from '../../src/ipam/addressing.js'
import { nextRequest, targetOf } from '../../src/ipam/pool-monitor.js'
import { staticBlocksOf } from '../../src/ipam/static-addressing.js'
import { formatIpv4, parseCidr } from '../../src/wire/address.js'
import { settingOf } from '../support/addressing-model.js'

const cidr = (text: string) => parseCidr(text)!

/** One pool in a cluster of these ranges. */
const clusterOf = (
  mode: AddressingSetting['mode'],
  { nodes = '10.224.0.0/16', pods = '10.225.0.0/16', podCidr = '10.32.0.0/11', maxPods = 30, ...rest },
): Addressing =>
  createAddressing({
    ...settingOf(mode, rest),
    subnets: { nodes: cidr(nodes), pods: cidr(pods) },
    pools: [{ nodeSubnet: 'nodes', podSubnet: 'pods', maxPods }],
    podCidr: mode === 'overlay' || mode === 'kubenet' ? cidr(podCidr) : null,
    held: [],
  })

/** Adds nodes until one does not fit; how many did, and what was short. */
function fill(addressing: Addressing, most = 10_000) {
  for (let node = 0; node < most; node++) {
    const got = addressing.addNode(node, 0)
    if (isShortage(got)) return { nodes: node, shortage: got }
  }
  return { nodes: most, shortage: null }
}
const nodesIn = (mode: AddressingSetting['mode'], parts: Parameters<typeof clusterOf>[1], most?: number): number =>
  fill(clusterOf(mode, parts), most).nodes
const row = (addressing: Addressing, name: string) => addressing.usage().find(use => use.name === name)

describe('published numbers of nodes', () => {
  test('1: overlay in a /24 of nodes: 251', () => expect(nodesIn('overlay', { nodes: '10.224.0.0/24' })).toBe(251))
  test('2: node subnet in a /24, 30 pods: 8 nodes, 240 pods', () => {
    const cluster = clusterOf('nodeSubnet', { nodes: '10.224.0.0/24' })
    expect(fill(cluster)).toEqual({ nodes: 8, shortage: { resource: 'nodeSubnet', scope: 'nodes', needed: 31, available: 3 } })
    const pods = Array.from({ length: 8 * 30 }, (_, i) => cluster.addPod(i % 8))
    expect([new Set(pods).size, pods.includes(null), cluster.addPod(0)]).toEqual([240, false, null])
  })
  test('3, 4: kubenet in a /24 and a /27: 251 and 27; 251 x 110 = 27,610 pods', () => {
    expect([nodesIn('kubenet', { nodes: '10.224.0.0/24', maxPods: 110 }), nodesIn('kubenet', { nodes: '10.224.0.0/27' })]).toEqual([
      251, 27,
    ])
  })
  test('5, 6: node subnet, 51 and 61 nodes of 30 pods take 1,581 and 1,891 addresses: a /21, no /22', () => {
    for (const [nodes, addresses] of [
      [51, 1581],
      [61, 1891],
    ]) {
      const cluster = clusterOf('nodeSubnet', { nodes: '10.224.0.0/21' })
      expect([fill(cluster, nodes).nodes, row(cluster, 'nodeSubnet')?.used]).toEqual([nodes, addresses])
      expect(nodesIn('nodeSubnet', { nodes: '10.224.0.0/22' }, nodes)).toBeLessThan(nodes)
    }
  })
  test('9: overlay /18 expanded to /16: 64 and then 256 blocks, the old ones kept', () => {
    const cluster = clusterOf('overlay', { podCidr: '10.244.0.0/18' })
    expect(fill(cluster)).toEqual({ nodes: 64, shortage: { resource: 'podCidr', scope: 'cluster', needed: 1, available: 0 } })
    expect(cluster.expand(cidr('10.244.0.0/16'))).toBeNull()
    expect(row(cluster, 'podCidr')).toMatchObject({ capacity: 256, used: 64 })
    expect(cluster.addNode(64, 0)).toMatchObject({ block: cidr('10.244.64.0/24') })
    expect([cluster.expand(cidr('10.244.0.0/18')), cluster.expand(cidr('10.0.0.0/16'))].every(answer => answer !== null)).toBe(true)
  })
  test('10: overlay 192.168.128.0/17: 128', () => expect(nodesIn('overlay', { podCidr: '192.168.128.0/17' })).toBe(128))
  test('18: dynamic in a /24 of pods: 15 nodes of 16 addresses, 11 are left over', () => {
    const cluster = clusterOf('podSubnetDynamic', { pods: '10.225.0.0/24' })
    expect(fill(cluster)).toEqual({ nodes: 15, shortage: { resource: 'podSubnet', scope: 'pods', needed: 16, available: 11 } })
    expect(row(cluster, 'podSubnet')).toMatchObject({ capacity: 251, used: 240, stranded: 225, remainder: 11 })
  })
  test('18, the node address beside its batches: 14 nodes of 17', () => {
    expect(nodesIn('podSubnetDynamic', { pods: '10.225.0.0/24', primaryAddress: 'beside' })).toBe(14)
  })
  test('kubenet ends at 400 routes', () => {
    const cluster = clusterOf('kubenet', { maxPods: 110 })
    expect(fill(cluster)).toEqual({ nodes: 400, shortage: { resource: 'routeTable', scope: 'cluster', needed: 401, available: 400 } })
    expect(row(cluster, 'routeTable')).toMatchObject({ capacity: 400, used: 400 })
  })
  test('a VNet ends at 65,536 addresses, whatever its subnets hold', () => {
    const cluster = clusterOf('nodeSubnet', { nodes: '10.224.0.0/13', maxPods: 250 })
    expect(fill(cluster)).toEqual({ nodes: 261, shortage: { resource: 'vnetAddresses', scope: 'cluster', needed: 251, available: 25 } })
  })
})

describe('static blocks', () => {
  test('11, 12: blocks and addresses for pods by maxPods', () => {
    const rows = [30, 31, 32, 250].map(maxPods => {
      const cluster = clusterOf('podSubnetStatic', { maxPods })
      fill(cluster, 1)
      return [staticBlocksOf(maxPods), row(cluster, 'podIps')?.capacity, row(cluster, 'podSubnet')?.stranded]
    })
    expect(rows).toEqual([
      [2, 31, 31],
      [2, 31, 31],
      [3, 47, 47],
      [16, 255, 255],
    ])
  })
  it('count once each in the VNet', () => {
    const cluster = clusterOf('podSubnetStatic', { maxPods: 250 })
    fill(cluster, 10)
    expect(row(cluster, 'vnetAddresses')?.used).toBe(10 * 17)
  })
  it('of a node with known pods are those that hold them', () => {
    const pods = [cidr('10.225.1.7/32').base, cidr('10.225.1.0/32').base]
    const cluster = clusterOf('podSubnetStatic', { maxPods: 15, fixed: [{ address: null, block: null, pods }] })
    cluster.addNode(0, 0)
    cluster.addNode(1, 0, { address: null, block: null, pods })
    expect([...pods, ...pods].map(address => cluster.takePod(1, address))).toEqual(['ok', 'ok', 'taken', 'taken'])
    expect([formatIpv4(cluster.addPod(0)!), formatIpv4(cluster.addPod(1)!)]).toEqual(['10.225.0.17', '10.225.1.3'])
  })
})

describe('the pool monitor', () => {
  const scaler = { batch: 16, buffer: 0.5, max: 250 }
  test('14 to 17: targets of azure-container-networking', () => {
    expect([0, 8, 16, 32, 48, 25, 500].map(used => targetOf(scaler, used))).toEqual([16, 16, 32, 48, 64, 48, 250])
    expect(targetOf({ batch: 1, buffer: 0.5, max: 250 }, 10)).toBe(11)
    expect(targetOf({ batch: 16, buffer: 0, max: 250 }, 10)).toBe(16)
  })
  const v1 = (used: number, held: number, scarce = false) =>
    nextRequest('v1', scarce ? { batch: 1, buffer: 1, max: 250 } : scaler, scarce, used, held, 0)
  it('v1 asks below 8 free, one batch at a time, and gives back from 24 free on', () => {
    expect([v1(0, 0), v1(8, 16), v1(9, 16), v1(100, 16)]).toEqual([16, 16, 32, 32])
    expect([v1(9, 32), v1(8, 32), v1(0, 48), v1(0, 20)]).toEqual([32, 16, 32, 20])
    expect([v1(245, 250), v1(0, 250), v1(240, 240)]).toEqual([250, 240, 250])
  })
  it('goes by single addresses while they are scarce', () => {
    expect([v1(10, 10, true), v1(10, 11, true), v1(10, 12, true)]).toEqual([11, 11, 11])
    expect(nextRequest('v2', { batch: 1, buffer: 1, max: 250 }, true, 10, 12, 0)).toBe(11)
  })
  it('brings a batch when a node has fewer than 8 left, and takes it away again', () => {
    const cluster = clusterOf('podSubnetDynamic', { maxPods: 110 })
    cluster.addNode(0, 0)
    const held = () => row(cluster, 'podSubnet')!.used - 1
    const pods: Ipv4[] = []
    while (pods.length < 8) pods.push(cluster.addPod(0)!)
    expect([held(), cluster.reconcile(0), held()]).toEqual([15, false, 15])
    pods.push(cluster.addPod(0)!)
    expect([cluster.reconcile(0), held(), cluster.reconcile(0)]).toEqual([true, 31, false])
    cluster.removePod(0, pods.pop()!)
    expect([cluster.reconcile(0), held()]).toEqual([true, 15])
  })
  it('under scarcity nodes give back what they do not need, so that others can have it', () => {
    const cluster = clusterOf('podSubnetDynamic', { pods: '10.225.0.0/26', maxPods: 30, subnetScarcity: true })
    expect(fill(cluster).nodes).toBe(3)
    for (let i = 0; i < 12; i++) cluster.addPod(0)
    cluster.reconcile(0)
    expect([1, 2].map(node => cluster.reconcile(node))).toEqual([true, true])
    expect(row(cluster, 'podSubnet')).toMatchObject({ used: 18, stranded: 3 })
  })
})

describe('the tables of analytic.json', () => {
  const { ipExhaustion } = JSON.parse(readFileSync(new URL('../golden/analytic.json', import.meta.url), 'utf8'))
  test.each(ipExhaustion.nodeSubnet.filter(({ usable }: { usable: number }) => usable < 20_000))('node subnet $subnet', found => {
    for (const maxPods of [30, 110, 250]) {
      expect(nodesIn('nodeSubnet', { nodes: `10.0.0.0${found.subnet}`, maxPods })).toBe(found.maxNodesNoSurge[maxPods])
    }
  })
  test.each(ipExhaustion.overlay.podCidr.filter(({ blocks }: { blocks: number }) => blocks <= 8192))('overlay pod CIDR $podCidr', found => {
    expect(nodesIn('overlay', { nodes: '172.16.0.0/16', podCidr: `10.0.0.0${found.podCidr}` })).toBe(found.maxNodesNoSurge)
  })
  test.each(ipExhaustion.overlay.nodeSubnet.filter(({ maxNodes }: { maxNodes: number }) => maxNodes < 9_000))(
    'overlay nodes $subnet',
    found => {
      expect(nodesIn('overlay', { nodes: `172.16.0.0${found.subnet}`, podCidr: '10.0.0.0/8' })).toBe(found.maxNodes + ipExhaustion.surge)
    },
  )
  const smaller = (prefix: string): string => `/${Number(prefix.slice(1)) + 1}`
  test.each(ipExhaustion.needed)('$nodes nodes of $maxPods pods and a surge of $surge fit the stated ranges, and none smaller', found => {
    const nodes = found.nodes + found.surge
    const flat = (prefix: string) => nodesIn('nodeSubnet', { nodes: `172.16.0.0${prefix}`, maxPods: found.maxPods }, nodes)
    if (found.nodeSubnetAddresses <= 65_536) {
      expect(flat(found.smallestSubnet)).toBe(nodes)
      expect(flat(smaller(found.smallestSubnet))).toBeLessThan(nodes)
    }
    const overlay = (prefix: string, podCidr: string) =>
      nodesIn('overlay', { nodes: `172.16.0.0${prefix}`, podCidr: `10.0.0.0${podCidr}` }, nodes)
    const { overlaySmallestNodeSubnet: subnet, overlaySmallestPodCidr: range } = found
    expect([overlay(subnet, range), overlay(smaller(subnet), range) < nodes, overlay(subnet, smaller(range)) < nodes]).toEqual([
      nodes,
      true,
      true,
    ])
  })
  test.each(ipExhaustion.combined)('both: $nodeSubnet and $podCidr are limited by the $limitedBy', found => {
    const { nodes, shortage } = fill(clusterOf('overlay', { nodes: `172.16.0.0${found.nodeSubnet}`, podCidr: `10.0.0.0${found.podCidr}` }))
    expect(nodes - ipExhaustion.surge).toBe(found.overlayNodes)
    expect(shortage?.resource).toBe(found.limitedBy === 'pod CIDR' ? 'podCidr' : 'nodeSubnet')
  })
})

describe.each(ADDRESSING_MODES)('%s', mode => {
  it('keeps nothing of a node that does not fit, and gives all back', () => {
    const cluster = clusterOf(mode, { nodes: '10.224.0.0/26', pods: '10.225.0.0/25', podCidr: '10.244.0.0/22' })
    const used = () => cluster.usage().map(use => [use.name, use.used])
    const empty = used().filter(([name]) => name !== 'podIps')
    const { nodes } = fill(cluster)
    const full = used()
    expect(isShortage(cluster.addNode(nodes, 0))).toBe(true)
    expect(used()).toEqual(full)
    for (let node = 0; node < nodes; node++) cluster.removeNode(node)
    expect(used()).toEqual(empty)
    expect(fill(cluster).nodes).toBe(nodes)
  })

  it('gives fixed nodes what they are known to have, and nobody else', () => {
    const isBlock = mode === 'overlay' || mode === 'kubenet'
    const fixed = { address: cidr('10.224.0.4/32').base, block: isBlock ? cidr('10.32.0.0/24') : null }
    const cluster = clusterOf(mode, { fixed: [fixed] })
    const other = cluster.addNode(0, 0)
    const own = cluster.addNode(1, 0, fixed)
    expect(other).toMatchObject({ address: cidr('10.224.0.5/32').base, block: isBlock ? cidr('10.32.1.0/24') : null })
    expect(own).toEqual(fixed)
  })
})

const MOST_NODES = { overlay: 5000, nodeSubnet: 590, podSubnetDynamic: 540, podSubnetStatic: 4000, kubenet: 400 } as const

it('hands out 5,000 nodes with 110 pods each in well under two seconds', () => {
  const start = process.cpuUsage()
  for (const mode of ADDRESSING_MODES) {
    const nodes = MOST_NODES[mode]
    const cluster = clusterOf(mode, { nodes: '10.224.0.0/13', pods: '10.128.0.0/12', maxPods: 110 })
    expect(fill(cluster, nodes).nodes).toBe(nodes)
    for (let pod = 0; pod < 110; pod++) {
      for (let node = 0; node < nodes; node++) {
        if (cluster.addPod(node) === null && cluster.reconcile(node)) cluster.addPod(node)
      }
    }
    expect(row(cluster, 'podIps')?.used).toBe(110)
  }
  const { user, system } = process.cpuUsage(start)
  expect((user + system) / 1e6).toBeLessThan(4)
})
