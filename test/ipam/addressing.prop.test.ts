// Each mode against a naive model, over any history of nodes, pods, monitors, other consumers and expansion: no address twice, none leaked,
// the same counts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ADDRESSING_MODES } from '../../src/base/addressing-mode.js'
import type { Ipv4 } from '../../src/base/brand.js'
import { type Addressing, type AddressingSetting, createAddressing, isShortage } from '../../src/ipam/addressing.js'
import { parseCidr } from '../../src/wire/address.js'
import { AddressingModel, settingOf } from '../support/addressing-model.js'

type Command = fc.Command<AddressingModel, Addressing>
const NODES = 24

const command = (name: string, run: (model: AddressingModel, real: Addressing) => void): Command => ({
  check: () => true,
  run(model, real) {
    run(model, real)
    expect(model.faults(real.usage())).toEqual([])
  },
  toString: () => name,
})

const blocked = (mode: string): boolean => mode === 'overlay' || mode === 'kubenet'

const addNode = (node: number, pool: number): Command =>
  command(`addNode(${node}, ${pool})`, (model, real) => {
    if (model.nodes.has(node)) return
    const got = real.addNode(node, pool)
    expect(!isShortage(got)).toBe(model.canAdd(pool))
    if (isShortage(got)) {
      expect(got.available).toBeLessThan(got.needed)
      return
    }
    expect(got.block !== null).toBe(blocked(model.setting.mode))
    const { mode } = model.setting
    const hold =
      mode === 'nodeSubnet'
        ? model.maxPods(pool)
        : mode === 'podSubnetStatic'
          ? model.blocks(pool) * 16 - 1
          : mode === 'podSubnetDynamic'
            ? model.v2(pool, 0)
            : 0
    model.nodes.set(node, { pool, ...got, pods: new Set(), hold })
  })

const removeNode = (node: number): Command =>
  command(`removeNode(${node})`, (model, real) => {
    if (model.nodes.delete(node)) real.removeNode(node)
  })

const addPods = (node: number, count: number): Command =>
  command(`addPods(${node}, ${count})`, (model, real) => {
    const home = model.nodes.get(node)
    for (let i = 0; home && i < count && home.pods.size < model.maxPods(home.pool); i++) {
      const address = real.addPod(node)
      expect(address !== null).toBe(blocked(model.setting.mode) || home.pods.size < home.hold)
      if (address !== null) home.pods.add(address)
    }
  })

const removePods = (node: number, count: number, which: number): Command =>
  command(`removePods(${node}, ${count}, ${which})`, (model, real) => {
    const home = model.nodes.get(node)
    for (let i = 0; home && i < count && home.pods.size > 0; i++) {
      const address = [...home.pods][which % home.pods.size]
      home.pods.delete(address)
      real.removePod(node, address)
    }
  })

/** One that a pod gave back can be asked for by name; one in use cannot. */
const takePod = (node: number, which: number): Command =>
  command(`takePod(${node}, ${which})`, (model, real) => {
    const home = model.nodes.get(node)
    if (!home || home.pods.size === 0) return
    const address = [...home.pods][which % home.pods.size]
    expect(real.takePod(node, address)).toBe('taken')
    real.removePod(node, address)
    expect(real.takePod(node, address)).toBe('ok')
    expect(real.takePod(node, 0x01020304 as Ipv4)).toBe('outside')
  })

const reconcile = (node: number): Command =>
  command(`reconcile(${node})`, (model, real) => {
    const home = model.nodes.get(node)
    if (!home) return
    const before = home.hold
    if (model.setting.mode === 'podSubnetDynamic') {
      const wanted = model.monitor(home.pool, home.pods.size, home.hold)
      if (wanted - home.hold <= model.free('pods')) home.hold = wanted
    }
    expect(real.reconcile(node)).toBe(home.hold !== before)
  })

const occupy = (subnet: 'nodes' | 'other', count: number): Command =>
  command(`occupy(${subnet}, ${count})`, (model, real) => {
    const fits = count <= model.free(subnet)
    expect(real.occupy(subnet, count)).toBe(fits)
    if (fits) model.occupied[subnet] += count
  })

const vacate = (subnet: 'nodes' | 'other', count: number): Command =>
  command(`vacate(${subnet}, ${count})`, (model, real) => {
    real.vacate(subnet, count)
    model.occupied[subnet] = Math.max(0, model.occupied[subnet] - count)
  })

const expand = (text: string): Command =>
  command(`expand(${text})`, (model, real) => {
    const range = parseCidr(text)!
    const isWider = model.setting.mode === 'overlay' && model.podCidr !== null && range.prefix <= model.podCidr.prefix
    expect(real.expand(range) === null).toBe(isWider)
    if (isWider) model.podCidr = range
  })

const node = fc.nat(NODES - 1)
/** Few of them, so that they fill up. */
const busy = fc.oneof(fc.nat(2), node)
const history = fc.commands(
  [
    fc.tuple(node, fc.nat(1)).map(([n, pool]) => addNode(n, pool)),
    node.map(removeNode),
    fc.tuple(busy, fc.nat(20)).map(([n, count]) => addPods(n, count)),
    fc.tuple(busy, fc.nat(20)).map(([n, count]) => addPods(n, count)),
    fc.tuple(busy, fc.nat(20), fc.nat(40)).map(([n, count, which]) => removePods(n, count, which)),
    fc.tuple(busy, fc.nat(40)).map(([n, which]) => takePod(n, which)),
    busy.map(reconcile),
    busy.map(reconcile),
    fc.tuple(fc.constantFrom('nodes' as const, 'other' as const), fc.nat(4)).map(([subnet, count]) => occupy(subnet, count)),
    fc.tuple(fc.constantFrom('nodes' as const, 'other' as const), fc.nat(4)).map(([subnet, count]) => vacate(subnet, count)),
    fc.constantFrom('10.244.8.0/21', '10.244.0.0/20', '10.244.0.0/16').map(expand),
  ],
  { maxCommands: 200, size: 'max' },
)

const check = (rest: Partial<AddressingSetting>, mode: AddressingSetting['mode'], runs: number): void => {
  fc.assert(
    fc.property(history, commands => {
      const setting = settingOf(mode, rest)
      fc.modelRun(() => ({ model: new AddressingModel(setting), real: createAddressing(setting) }), commands)
    }),
    { numRuns: process.env.VXLANE_LONG ? runs * 50 : runs },
  )
}

describe.each(ADDRESSING_MODES)('%s', mode => {
  it('does what the model does, whatever happens', () => {
    check({}, mode, 30)
  })
})

describe('podSubnetDynamic', () => {
  it.each([
    ['v1', 'within'],
    ['v1', 'beside'],
    ['v2', 'beside'],
  ] as const)('with the monitor %s and the own address %s a batch', (poolMonitor, primaryAddress) => {
    check({ poolMonitor, primaryAddress }, 'podSubnetDynamic', 30)
  })

  it('under scarcity gives no address twice, and gives all back', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ what: fc.nat(4), at: node }), { maxLength: 400 }), steps => {
        const real = createAddressing(settingOf('podSubnetDynamic', { subnetScarcity: true }))
        const pods = new Map<number, Ipv4[]>()
        for (const { what, at } of steps) {
          const own = pods.get(at)
          if (!own) {
            if (!isShortage(real.addNode(at, at % 2))) pods.set(at, [])
          } else if (what === 0) {
            real.removeNode(at)
            pods.delete(at)
          } else if (what === 1 && own.length > 0) real.removePod(at, own.pop()!)
          else if (what === 2) real.reconcile(at)
          else if (own.length < 12) own.push(...[real.addPod(at)].filter(address => address !== null))
          const all = [...pods.values()].flat()
          expect(new Set(all).size).toBe(all.length)
        }
        for (const at of pods.keys()) real.removeNode(at)
        expect(real.usage().find(({ name }) => name === 'podSubnet')).toMatchObject({ used: 0, stranded: 0 })
      }),
      { numRuns: 100 },
    )
  })
})
