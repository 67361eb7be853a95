// The table of connections' ends against a plain map: whatever is added and removed, each tuple finds its own row, rows come back, and a
// timer's tag of an earlier life never fits a later one. Hosts that have the same address do not see each other's ends.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Socket, SocketFlag, SocketState, Sockets } from '../../src/table/sockets.js'

// Few values, so that tuples meet again.
const tuple = fc.record({
  lp: fc.constantFrom(0, 1, 70_000),
  kind: fc.constantFrom(0, SocketFlag.IS_UDP),
  local: fc.integer({ min: -3, max: 3 }),
  remote: fc.integer({ min: -3, max: 3 }),
  ports: fc.constantFrom(80, (40000 << 16) | 80, (80 << 16) | 40000, -1),
})
const step = fc.record({ tuple, act: fc.constantFrom('add', 'add', 'remove', 'arm'), isServer: fc.boolean() })

describe('sockets', () => {
  it('are what a map of tuples says', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), steps => {
        const sockets = new Sockets(0)
        const model = new Map<string, { row: number; tag: number | null }>()
        const tagsSeen = new Set<string>()
        for (const { tuple: t, act, isServer } of steps) {
          const key = JSON.stringify(t)
          const known = model.get(key)
          expect(sockets.find(t.lp, t.kind, t.local, t.remote, t.ports)).toBe(known?.row ?? -1)
          if (act === 'add' && !known) {
            const status = SocketState.synSent | t.kind | (isServer ? SocketFlag.IS_SERVER : 0)
            const row = sockets.add(t.lp, t.local, t.remote, t.ports, 7, 9, status)
            expect([...model.values()].some(other => other.row === row)).toBe(false)
            expect([...sockets.words.subarray(row * Socket.WORDS + Socket.LOCAL, row * Socket.WORDS + Socket.PORTS + 1)]).toEqual([
              t.local,
              t.remote,
              t.ports,
            ])
            expect(sockets.words[row * Socket.WORDS + Socket.REMOTE]).toBe(t.remote)
            expect([sockets.state(row), sockets.repeats(row), sockets.has(row, SocketFlag.FILED)]).toEqual([SocketState.synSent, 0, false])
            model.set(key, { row, tag: null })
          } else if (act === 'remove' && known) {
            sockets.remove(t.lp, known.row)
            model.delete(key)
            expect(sockets.state(known.row)).toBe(SocketState.free)
            if (known.tag !== null) expect(sockets.tag(known.row)).not.toBe(known.tag)
          } else if (act === 'arm' && known) {
            known.tag = sockets.nextTag(known.row)
            // No event of this row had this tag before (there are 65,536 of them).
            expect(tagsSeen.has(`${known.row} ${known.tag}`)).toBe(false)
            tagsSeen.add(`${known.row} ${known.tag}`)
            sockets.setRepeats(known.row, known.tag & 63)
            expect([sockets.tag(known.row), sockets.repeats(known.row), sockets.state(known.row)]).toEqual([
              known.tag,
              known.tag & 63,
              SocketState.synSent,
            ])
          }
          expect(sockets.live).toBe(model.size)
        }
      }),
      { numRuns: 300 },
    )
  })
})
