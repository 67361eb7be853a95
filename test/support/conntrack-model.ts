// Connection tracking as anybody would write it who had no hurry: a list of entries, searched from end to end. The table is driven
// beside it, and must give the same answer to every question.
import { expect } from 'vitest'
import { Conntrack, Direction } from '../../src/table/conntrack.js'

export interface Tuple {
  readonly lp: number
  readonly protocol: number
  readonly source: number
  readonly target: number
  readonly ports: number
}

interface Entry {
  readonly original: Tuple
  readonly reply: Tuple
  readonly record: number
  readonly isTranslated: boolean
  deadline: number
}

const SECOND = 1e9
const isSame = (a: Tuple, b: Tuple): boolean =>
  a.lp === b.lp && a.protocol === b.protocol && a.source === b.source && a.target === b.target && a.ports === b.ports

export class ConntrackPair {
  readonly table: Conntrack
  private entries: Entry[] = []
  private readonly peak: number[]
  private readonly clock = new Float64Array(1)

  constructor(lpCount: number, expected: number) {
    this.table = new Conntrack(lpCount, expected)
    this.peak = new Array<number>(lpCount).fill(0)
  }

  get now(): number {
    return this.clock[0]
  }

  /** Time goes on; when a window opens the table collects what is over. */
  pass(ns: number, opensWindow: boolean): void {
    this.clock[0] += ns
    if (!opensWindow) return
    this.table.advance(this.clock)
    const second = Math.floor(this.now / SECOND) * SECOND
    this.entries = this.entries.filter(entry => entry.deadline >= second)
  }

  find(tuple: Tuple): number {
    const { lp, protocol, source, target, ports } = tuple
    const entry = this.entries.find(({ original, reply }) => isSame(original, tuple) || isSame(reply, tuple))
    const isAlive = entry !== undefined && entry.deadline > this.now
    // A look-up that meets what is over takes it out.
    if (entry && !isAlive) this.entries.splice(this.entries.indexOf(entry), 1)
    const wanted = isAlive ? entry.record * 4 + (isSame(entry.original, tuple) ? Direction.ORIGINAL : Direction.REPLY) : -1
    expect(this.table.find(lp, protocol, source, target, ports, this.clock)).toBe(wanted)
    return wanted
  }

  /** Adds a connection whose replies come to `external`, unless either tuple is taken. */
  add(original: Tuple, external: number, externalPort: number, lifeNs: number): void {
    const { lp, protocol, source, target, ports } = original
    const swapped = this.table.replyPortsOf(protocol, ports)
    const replyPorts = protocol === 1 ? (externalPort << 16) | (swapped & 0xffff) : (swapped & ~0xffff) | externalPort
    const reply = { lp, protocol, source: target, target: external, ports: replyPorts | 0 }
    if (isSame(original, reply) || this.find(original) !== -1 || this.find(reply) !== -1) return
    const record = this.table.add(lp, protocol, source, target, ports, target, external, reply.ports, this.clock)
    this.table.arm(record, this.clock, lifeNs)
    expect(this.entries.some(entry => entry.record === record)).toBe(false)
    const isTranslated = external !== source || reply.ports !== (swapped | 0)
    this.entries.push({ original, reply, record, isTranslated, deadline: this.now + lifeNs })
    this.peak[lp] = Math.max(this.peak[lp], this.entries.filter(entry => entry.original.lp === lp).length)
  }

  refresh(nth: number, lifeNs: number): void {
    const entry = this.alive(nth)
    if (!entry) return
    entry.deadline = this.now + lifeNs
    this.table.refresh(entry.record, this.clock, lifeNs)
    expect(this.table.deadline(entry.record)).toBe(entry.deadline)
  }

  remove(nth: number): void {
    const entry = this.alive(nth)
    if (!entry) return
    this.entries.splice(this.entries.indexOf(entry), 1)
    this.table.remove(entry.record)
  }

  /** The kernel puts a new connection at the head of its source's list, and finds the first that still lives. */
  mapping(lp: number, protocol: number, source: number, port: number): void {
    const found = this.entries.filter(
      ({ original, isTranslated, deadline }) =>
        isTranslated &&
        deadline > this.now &&
        original.lp === lp &&
        original.protocol === protocol &&
        original.source === source &&
        original.ports >>> 16 === port,
    )
    expect(this.table.mappingOf(lp, protocol, source, port, this.clock)).toBe(found.at(-1)?.record ?? -1)
  }

  /** Counts agree, and every entry is found by both of its tuples. */
  check(): void {
    for (let lp = 0; lp < this.peak.length; lp++) {
      const own = this.entries.filter(entry => entry.original.lp === lp)
      expect([this.table.used[lp], this.table.peak[lp]]).toEqual([own.length, this.peak[lp]])
    }
    for (const { original, reply } of [...this.entries]) {
      this.find(original)
      this.find(reply)
    }
  }

  private alive(nth: number): Entry | undefined {
    const alive = this.entries.filter(({ deadline }) => deadline > this.now)
    return alive[nth % Math.max(1, alive.length)]
  }
}
