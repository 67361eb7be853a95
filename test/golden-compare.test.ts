// The golden comparison must itself be trusted: the recording agrees with itself, with every free field moved consistently, and with
// nothing else. Every single changed byte of every frame is found.
import { describe, expect, it } from 'vitest'
import { layersOf, portsOf, setField } from './support/frame-fields.js'
import { FreeFields } from './support/free-fields.js'
import { fromHex, type KernelCase, kernelCases, toHex, viewOf } from './support/kernel-case.js'
import { compare, type Observed } from './support/kernel-replay.js'
import { fabricOf, GATEWAY, STEP_MS, stretchesOf, vxlanOptions } from './support/kernel-scenario.js'

const caseOf = (name: string): KernelCase => kernelCases.find(c => c.name === name)!

/** The recording as our captures would hold it. */
const playback = (recorded: KernelCase, change: (bytes: Uint8Array, step: number) => void = () => {}): Observed[] =>
  recorded.steps.flatMap(({ seen }, step) =>
    seen.map(({ at, dir, frame }, i) => {
      const bytes = fromHex(frame)
      change(bytes, step)
      return { at, dir, bytes, timeNs: (step + 1) * STEP_MS * 1e6 + i * 1000, comment: null }
    }),
  )

function differences(recorded: KernelCase, observed: readonly Observed[]): string[] {
  const all = new Set(recorded.steps.keys())
  return compare(
    recorded,
    all,
    observed,
    recorded.steps.map(() => null),
    new FreeFields(recorded, GATEWAY),
  )
}

/** Moves every field that passes, in all frames but the sent ones. */
const moveIf =
  (move: (view: DataView) => void) =>
  (recorded: KernelCase): Observed[] =>
    playback(recorded, (bytes, step) => {
      if (toHex(bytes) !== recorded.steps[step].send?.frame) move(viewOf(bytes))
    })

const moveOuterPorts = (by: number) => (view: DataView) => {
  for (const layer of layersOf(view)) if (layer.tunnel) setField(view, layer.l4, view.getUint16(layer.l4) + by)
}

const moveNatPorts =
  (ports: ReadonlyMap<number, number>) =>
  (bytes: Uint8Array): void => {
    const view = viewOf(bytes)
    for (const layer of layersOf(view)) {
      const { source, target } = portsOf(view, layer)
      for (const at of [source, target]) if (at >= 0 && ports.has(view.getUint16(at))) setField(view, at, ports.get(view.getUint16(at))!)
    }
  }

describe('the comparison with recordings', () => {
  it.each(kernelCases)('$name agrees with itself, moved outer ports and IDs too', recorded => {
    expect(differences(recorded, playback(recorded))).toEqual([])
    expect(differences(recorded, moveIf(moveOuterPorts(7))(recorded))).toEqual([])
    const moveIds = moveIf(view => {
      for (const layer of layersOf(view)) if (layer.tunnel) setField(view, layer.ip + 4, (view.getUint16(layer.ip + 4) + 900) & 0xffff)
    })
    expect(differences(recorded, moveIds(recorded))).toEqual([])
  })

  it.each(kernelCases)('$name: every changed byte is found', recorded => {
    for (const step of recorded.steps) {
      const alone = { ...recorded, steps: [step] }
      const observed = playback(alone)
      for (const [i, { bytes }] of observed.entries()) {
        // All header bytes, and some of the payload.
        for (let at = 0; at < bytes.length; at += at < 120 ? 1 : 97) {
          const changed = bytes.slice()
          changed[at] ^= 0x15
          const found = differences(alone, observed.with(i, { ...observed[i], bytes: changed }))
          expect(found.length, `${step.note}: frame ${i} byte ${at}`).toBeGreaterThan(0)
        }
      }
    }
  })

  it('finds frames that are missing, that nobody recorded, or that stand at another step', () => {
    const recorded = caseOf('udp-cross-node')
    const observed = playback(recorded)
    expect(differences(recorded, observed.slice(1))[0]).toContain('node1/eth0 out: missing')
    expect(differences(recorded, [...observed, { ...observed[0], at: 'vm/eth0' }])[0]).toContain('vm/eth0 out: not in the recording')
    expect(differences(recorded, observed.with(0, { ...observed[0], timeNs: 2 * STEP_MS * 1e6 }))).toHaveLength(2)
  })

  it('wants outer ports in their range and equal where the recording has equal ones', () => {
    const recorded = caseOf('udp-cross-node')
    expect(differences(recorded, moveIf(moveOuterPorts(-10_000))(recorded))[0]).toContain('outside 32768-60998')
    const other = playback(recorded, (bytes, step) => step === 1 && moveOuterPorts(1)(viewOf(bytes)))
    expect(differences(recorded, other)[0]).toContain('outer port 37261')
  })

  it('takes another drawn NAT port, in its range, the same in both directions; never another kept port', () => {
    const recorded = caseOf('nat-collision-node')
    const moved = (ports: [number, number][]): string[] => differences(recorded, playback(recorded, moveNatPorts(new Map(ports))))
    expect(moved([[40049, 40011]])).toEqual([])
    expect(
      moved([
        [39147, 1024],
        [40049, 40063],
      ]),
    ).toEqual([])
    expect(moved([[40049, 40064]])[0]).toContain('outside 40000-40063')
    expect(moved([[39147, 1000]])[0]).toContain('outside 1024-65535')
    expect(moved([[40005, 40006]]).length).toBeGreaterThan(0)
    const oneWay = playback(recorded, (bytes, step) => step === 1 && moveNatPorts(new Map([[39147, 2000]]))(bytes))
    expect(differences(recorded, oneWay).length).toBeGreaterThan(0)
  })

  it('sends the answer to the port that was drawn', () => {
    const recorded = caseOf('nat-udp')
    const fields = new FreeFields(recorded, GATEWAY)
    expect(toHex(fields.rewrite(recorded.steps[1].send!.frame))).toBe(recorded.steps[1].send!.frame)
    compare(recorded, new Set(), playback(recorded, moveNatPorts(new Map([[40032, 40001]]))), [null, null, null], fields)
    const answer = viewOf(fields.rewrite(recorded.steps[1].send!.frame))
    expect(answer.getUint16(36)).toBe(40001)
  })

  it('reads the cluster out of the command line and the notes', () => {
    expect(vxlanOptions('noudpcsum')).toEqual({ udpChecksum: false })
    expect(vxlanOptions('ttl 9 tos 0x28 df set')).toEqual({ ttl: 9, tos: '0x28', df: 'set' })
    expect(vxlanOptions('ttl inherit tos inherit df inherit')).toEqual({ ttl: 'inherit', tos: 'inherit', df: 'inherit' })
    expect(() => vxlanOptions('gbp')).toThrow('not known')
    expect(fabricOf('kernel-overlay up --masq-vnet').masquerade).toEqual({ enabled: true, vnet: true })
    expect(stretchesOf(caseOf('unknown-destination')).map(s => [s.podCidrRoute, [...s.steps]])).toEqual([
      ['none', [0, 1]],
      ['unreachable', [2]],
      ['blackhole', [3]],
      ['prohibit', [4]],
    ])
  })
})
