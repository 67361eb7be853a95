// What a tracked connection takes of memory, by the very columns it lies in: at most 64 bytes, windows and timers included, and an index of
// which at most seven tenths are taken. Of every protocol, translated or not, in any size of the table.
import { describe, expect, it } from 'vitest'
import { begin, clock, close, find, HOSTS, TCP, UDP } from '../../bench/conntrack-table.js'
import { Conntrack } from '../../src/table/conntrack.js'

const LONG = process.env.VXLANE_LONG !== undefined
const COUNT = LONG ? 2_000_000 : 50_000
const EXTERNAL = 0x05000000

/** Adds so many connections, looking at the sizes as the table grows. */
function grow(table: Conntrack, add: (i: number) => void): number[] {
  const bytes: number[] = []
  for (let i = 0; i < COUNT; i++) {
    add(i)
    if (i % 997 !== 0 && i !== COUNT - 1) continue
    bytes.push(table.recordBytes / table.room)
    expect(table.index.load).toBeLessThanOrEqual(0.7)
  }
  expect(table.used.reduce((sum, used) => sum + used)).toBe(COUNT)
  return bytes
}

describe('a tracked connection', () => {
  it.each([
    ['UDP', UDP, 0],
    ['UDP, translated', UDP, EXTERNAL],
    ['TCP, established', TCP, 0],
    ['TCP, established and translated', TCP, EXTERNAL],
  ])('takes 64 bytes at most: %s', (_, protocol, external) => {
    const table = new Conntrack(HOSTS, 0)
    const bytes = grow(table, i => begin(table, protocol, i, external))
    expect(Math.max(...bytes)).toBeLessThanOrEqual(64)
    // More than a quarter of the room is never empty, once the table is large.
    expect(table.room).toBeLessThanOrEqual(COUNT * 1.26)
  })

  it('lies in one cacheline with its tuples, two to a line, however often the table has grown', () => {
    const table = new Conntrack(HOSTS, 0)
    const offsets = new Set<number>()
    const rooms = new Set<number>()
    grow(table, i => {
      begin(table, UDP, i)
      rooms.add(table.room)
      // The allocator's header stands before a buffer: 16 bytes of a page.
      for (const { byteOffset } of [table.words, table.pulses.words, table.pulses.times]) offsets.add(byteOffset)
    })
    // 512 records, doubled until there are 16,384 of them, a quarter more from there on.
    expect([...rooms].slice(0, 8)).toEqual([512, 1024, 2048, 4096, 8192, 16_384, 20_480, 25_600])
    expect([...offsets]).toEqual([48])
  })

  it('takes no more when it is closed, and none when it is over', () => {
    const table = new Conntrack(HOSTS, 0)
    const now = clock[0]
    const bytes = grow(table, i => {
      begin(table, TCP, i)
      close(table, i)
    })
    expect(Math.max(...bytes)).toBeLessThanOrEqual(64)
    expect(table.protocolState(find(table, TCP, 5) >> 2)).toBe(7)
    const { room } = table
    for (let turn = 0; turn < 3; turn++) {
      clock[0] += 122e9
      table.advance(clock)
      expect(table.used.reduce((sum, used) => sum + used)).toBe(0)
      for (let i = 0; i < COUNT / 4; i++) {
        begin(table, TCP, i)
        close(table, i)
      }
    }
    expect([table.room, table.recordBytes / table.room <= 64]).toEqual([room, true])
    clock[0] = now
  })
})
