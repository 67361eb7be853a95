// When connections leave the count: in the second after the one in which they ended, wherever their deadline was before, and however many
// share their block.
import { describe, expect, it } from 'vitest'
import { Conntrack } from '../../src/table/conntrack.js'
import { RandomStream } from '../support/random-stream.js'

const SECOND = 1e9

function tableOf(lives: readonly number[]): { table: Conntrack; clock: Float64Array; deadlines: number[] } {
  const table = new Conntrack(1, 0)
  const clock = new Float64Array(1)
  const deadlines = lives.map((life, i) => {
    table.arm(table.add(0, 17, i, 1, 9, 1, i, 9 << 16, clock), clock, life)
    return life
  })
  return { table, clock, deadlines }
}

/** Connections counted at each of these times, in ns. */
function counts({ table, clock }: ReturnType<typeof tableOf>, times: readonly number[]): number[] {
  return times.map(time => {
    clock[0] = time
    table.advance(clock)
    return table.used[0]
  })
}

describe('connections that end', () => {
  it('are gone in the second after', () => {
    expect(counts(tableOf([2.5 * SECOND]), [2e9, 2.999e9, 3e9])).toEqual([1, 1, 0])
    // To the very second: it is over, and counts for as long as the second lasts.
    const whole = tableOf([2 * SECOND])
    expect(counts(whole, [2e9, 2.999e9])).toEqual([1, 1])
    expect(whole.table.find(0, 17, 0, 1, 9, whole.clock)).toBe(-1)
    expect(counts(tableOf([2 * SECOND]), [2e9, 3e9])).toEqual([1, 0])
    // Whoever else ends then.
    expect(counts(tableOf([2 * SECOND, 1.5 * SECOND]), [2e9, 3e9])).toEqual([1, 0])
  })

  it('may end sooner than was thought, or later', () => {
    const sooner = tableOf([432_000 * SECOND])
    sooner.table.refresh(0, sooner.clock, 10.5 * SECOND)
    expect(counts(sooner, [10e9, 11e9])).toEqual([1, 0])
    const later = tableOf([1.5 * SECOND])
    later.table.refresh(0, later.clock, 10.5 * SECOND)
    expect(counts(later, [2e9, 10e9, 11e9])).toEqual([1, 1, 0])
  })

  it('are counted as anybody would count them, over many blocks and long silences', () => {
    const random = RandomStream.named(1, 'due', 'blocks')
    const life = (): number => [0.1, 0.999, 1, 2, 30, 120, 432_000][random.below(7)] * SECOND + random.below(2) * random.below(1e9)
    const lab = tableOf(Array.from({ length: 1000 }, life))
    const { table, clock, deadlines } = lab
    for (let turn = 0; turn < 300; turn++) {
      clock[0] += [1, 0.3e9, 1e9, 7e9, 5000e9][Math.min(random.below(40), 4)]
      table.advance(clock)
      const second = Math.floor(clock[0] / SECOND) * SECOND
      expect(table.used[0]).toBe(deadlines.filter(deadline => deadline >= second).length)
      for (let i = 0; i < 20; i++) {
        const record = random.below(deadlines.length)
        if (deadlines[record] < second) continue
        const lifeNs = life()
        deadlines[record] = clock[0] + lifeNs
        table.refresh(record, clock, lifeNs)
      }
    }
    expect(table.used[0]).toBeLessThan(900)
  })
})
