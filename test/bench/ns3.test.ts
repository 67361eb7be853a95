// ns-3's opinion of our times: a star of nodes with the same UDP flows gives the same counts and, packet by packet, the same delays to the
// nanosecond, waiting at NICs included.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agreementOf, listsRate, raceOf } from '../../bench/peers/against-ns3.js'
import { compileNs3, whyNoNs3 } from '../../bench/peers/ns3-program.js'

const why = whyNoNs3()
if (why !== null) console.log(`skipped: ${why}`)

describe.skipIf(why !== null)('ns-3 and vxlane', () => {
  let folder: string
  let program: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vxlane-ns3-'))
    program = compileNs3(folder)
  }, 120_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each(['vxlan', 'none'] as const)('agree on the delay of every packet (encapsulation: %s)', async encapsulation => {
    const found = await agreementOf(program, { nodes: 12, perNode: 40, packets: 4_800, encapsulation }, folder)
    expect(found.different).toBe(0)
    expect(found.packets).toBeGreaterThan(4_000)
    // Some waited for others, or the comparison would be of a constant.
    expect(found.waited).toBeGreaterThan(100)
  })

  it('count the same when they race', async () => {
    const star = { nodes: 16, perNode: 10, packets: 3_200, encapsulation: 'vxlan' } as const
    const { delivered, vxlane, ns3 } = await raceOf(program, star, { ns3Packets: 1_600, rounds: 2 }, folder)
    expect(delivered).toBeGreaterThan(1_000)
    expect([...vxlane, ...ns3].flat().every(rate => rate > 0)).toBe(true)
    expect(await listsRate(program, star, folder)).toBeGreaterThan(0)
  })
})
