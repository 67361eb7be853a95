// A full connection table: what may be evicted, and how seldom that helps. Linux, with 200 entries, evicted 2 or 4 of them for 100 new
// flows and dropped the others; of ASSURED entries none.
import { describe, expect, it } from 'vitest'
import { Conntrack } from '../../src/table/conntrack.js'
import { earlyDrop } from '../../src/table/early-drop.js'
import { Status } from '../../src/table/pulse.js'

const SERVER = 0x08080808
const LIFE = 30e9

interface Lab {
  readonly table: Conntrack
  readonly clock: Float64Array
}

/** `count` UDP flows of host 0 to one server, from one address each, among `others` of host 1. */
function full(count: number, others = 0): Lab {
  const table = new Conntrack(2, 0)
  const clock = Float64Array.of(1e9)
  const add = (lp: number, source: number): void => {
    const record = table.add(lp, 17, source, SERVER, (20000 << 16) | 53, SERVER, source, (53 << 16) | 20000, clock)
    table.arm(record, clock, LIFE)
  }
  for (let i = 0; i < Math.max(count, others); i++) {
    if (i < others) add(1, i)
    if (i < count) add(0, i)
  }
  return { table, clock }
}

/** Which of `tries` new flows found room, each taking it. */
function admitted({ table, clock }: Lab, tries: number): number[] {
  return Array.from({ length: tries }, (_, i) => 1_000_000 + i).filter(source => {
    const before = table.used[0]
    if (!earlyDrop(table, 0, 17, source, SERVER, (20000 << 16) | 53, clock)) return false
    expect(table.used[0]).toBeLessThan(before)
    const record = table.add(0, 17, source, SERVER, (20000 << 16) | 53, SERVER, source, (53 << 16) | 20000, clock)
    table.arm(record, clock, LIFE)
    return true
  })
}

describe('a full table', () => {
  it('evicts as often as eight of 262,144 buckets have an entry', () => {
    // Two tuples an entry: 200 entries leave 1.2 % of new flows a way in, 20,000 entries about 70 %.
    expect(admitted(full(200), 5000).length / 5000).toBeCloseTo((8 * 400) / 262_144, 2)
    expect(admitted(full(20_000), 2000).length / 2000).toBeCloseTo(1 - Math.exp((-8 * 40_000) / 262_144), 1)
  })

  it('decides by the connections of the host alone, whoever else lives in the shard', () => {
    const alone = admitted(full(2000), 3000)
    expect(alone.length).toBeGreaterThan(100)
    // Enough others for the index to grow well beyond the buckets.
    const shared = full(2000, 150_000)
    expect(admitted(shared, 3000)).toEqual(alone)
    expect(shared.table.used[1]).toBe(150_000)
  })

  it('keeps what is ASSURED', () => {
    const lab = full(2000)
    for (let i = 0; i < 2000; i++) {
      lab.table.setState(lab.table.find(0, 17, i, SERVER, (20000 << 16) | 53, lab.clock) >> 2, Status.ASSURED, 0)
    }
    expect(admitted(lab, 3000)).toEqual([])
    expect(lab.table.used[0]).toBe(2000)
  })

  it('collects what is over on its way, which does not count as room', () => {
    const lab = full(2000)
    lab.clock[0] += LIFE
    expect(admitted(lab, 3000)).toEqual([])
    expect(lab.table.used[0]).toBeLessThan(2000)
    expect(lab.table.find(0, 17, 5, SERVER, (20000 << 16) | 53, lab.clock)).toBe(-1)
  })
})
