// How many SNAT ports an owner (a node, or an address of the outbound device) has in use towards one destination, and which of them
// are free again. A pool lives while a flow of it does; what is worth telling of it is kept: the ten that needed or lacked most.
//
//   pool, int32 words:  0 owner  1 protocol  2 target  3 target port   4 flows  5 ports ever taken   6-7 first and last free record
//     8 refused  9 most flows   10 next free pool
import { hash, TupleIndex } from './tuple-index.js'

/** Offsets in a pool's row, in words. */
export const enum Pool {
  WORDS = 12,
  OWNER = 0,
  /** Ports 0 to FRESH - 1 of the owner have been taken by this pool before. */
  FRESH = 5,
  FREE_HEAD = 6,
  FREE_TAIL = 7,
  /** Talkers that are told of. */
  TOP = 10,
}
const PROTOCOL = 1
const POOL_TARGET = 2
const POOL_PORT = 3
const USED = 4
const REFUSED = 8
const PEAK = 9
const NEXT_FREE = 10

/** A destination and who needed ports for it. */
export interface Talker {
  readonly owner: number
  readonly protocol: number
  readonly target: number
  /** 0: any port of the address. */
  readonly port: number
  /** Ports in use when asked, and most at a time. */
  used: number
  peak: number
  /** New connections refused for want of a port. */
  refused: number
}

export class SnatPools {
  words = new Int32Array(64 * Pool.WORDS)
  private readonly index = new TupleIndex(0)
  private count = 0
  private freeHead = -1
  private readonly ended: readonly [Talker[], Talker[]] = [[], []]
  /** An owner whose pools are listed apart from all others': the appliance among hosts. */
  apart = -1

  find(owner: number, protocol: number, target: number, port: number): number {
    const h = hash((owner << 8) | protocol, target, 0, port)
    const { slots, mask } = this.index
    const { words } = this
    for (let slot = h & mask; slots[slot * 2 + 1] !== 0; slot = (slot + 1) & mask) {
      const pool = slots[slot * 2 + 1] - 1
      const w = pool * Pool.WORDS
      const isSame = words[w + POOL_TARGET] === target && words[w + POOL_PORT] === port && words[w + Pool.OWNER] === owner
      if (slots[slot * 2] === h && isSame && words[w + PROTOCOL] === protocol) return pool
    }
    return -1
  }

  /** The pool of this owner and destination, made if there is none. */
  open(owner: number, protocol: number, target: number, port: number): number {
    const known = this.find(owner, protocol, target, port)
    if (known >= 0) return known
    const pool = this.takeRecord()
    const w = pool * Pool.WORDS
    this.words.fill(0, w, w + Pool.WORDS)
    this.words[w + Pool.OWNER] = owner
    this.words[w + PROTOCOL] = protocol
    this.words[w + POOL_TARGET] = target
    this.words[w + POOL_PORT] = port
    this.words[w + Pool.FREE_HEAD] = -1
    this.words[w + Pool.FREE_TAIL] = -1
    this.index.reserve(1)
    this.index.link(this.hashOf(pool), pool)
    return pool
  }

  private hashOf(pool: number): number {
    const w = pool * Pool.WORDS
    return hash((this.words[w + Pool.OWNER] << 8) | this.words[w + PROTOCOL], this.words[w + POOL_TARGET], 0, this.words[w + POOL_PORT])
  }

  enter(pool: number): void {
    const w = pool * Pool.WORDS
    if (++this.words[w + USED] > this.words[w + PEAK]) this.words[w + PEAK] = this.words[w + USED]
  }

  /** One flow fewer; whether it was the last. */
  leave(pool: number): boolean {
    return --this.words[pool * Pool.WORDS + USED] === 0
  }

  refuse(pool: number): void {
    this.words[pool * Pool.WORDS + REFUSED]++
  }

  owner(pool: number): number {
    return this.words[pool * Pool.WORDS + Pool.OWNER]
  }
  used(pool: number): number {
    return this.words[pool * Pool.WORDS + USED]
  }

  /** Forgets an empty pool, unless it has refused somebody. */
  close(pool: number): void {
    const w = pool * Pool.WORDS
    if (this.words[w + USED] > 0 || this.words[w + REFUSED] > 0) return
    this.remember(pool)
    this.index.unlink(this.hashOf(pool), pool)
    this.words[w + Pool.OWNER] = CLOSED
    this.words[w + NEXT_FREE] = this.freeHead
    this.freeHead = pool
  }

  private remember(pool: number): void {
    const w = pool * Pool.WORDS
    const peak = this.words[w + PEAK]
    const owner = this.words[w + Pool.OWNER]
    const ended = this.ended[owner === this.apart ? 1 : 0]
    const last = ended.length < Pool.TOP ? null : ended[Pool.TOP - 1]
    if (owner < 0 || (last && last.peak > peak)) return
    const talker = this.talkerOf(pool)
    const known = ended.find(other => isSame(other, talker))
    if (known) known.peak = Math.max(known.peak, peak)
    else ended.push(talker)
    shorten(ended)
  }

  private talkerOf(pool: number): Talker {
    const [owner, protocol, target, port] = this.words.subarray(pool * Pool.WORDS, pool * Pool.WORDS + 4)
    const [used, peak, refused] = [USED, PEAK, REFUSED].map(word => this.words[pool * Pool.WORDS + word])
    return { owner, protocol, target, port, used, peak, refused }
  }

  /** Live pools, in order of their numbers. */
  *all(): Generator<number> {
    for (let pool = 0; pool < this.count; pool++) if (this.words[pool * Pool.WORDS + Pool.OWNER] !== CLOSED) yield pool
  }

  /** The nodes' pools that refused most, then those that needed most. Owners below zero are addresses, not nodes. */
  top(): Talker[] {
    return this.ended.flatMap((ended, kind) => {
      const talkers = ended.map(talker => ({ ...talker }))
      for (const pool of this.all()) {
        const talker = this.talkerOf(pool)
        if ((talker.owner === this.apart ? 1 : 0) !== kind) continue
        const known = talkers.find(other => isSame(other, talker))
        if (known) {
          known.peak = Math.max(known.peak, talker.peak)
          known.refused += talker.refused
          known.used = talker.used
        } else if (talker.owner >= 0) talkers.push(talker)
        if (talkers.length > 2 * Pool.TOP + 1000) shorten(talkers)
      }
      shorten(talkers)
      return talkers
    })
  }

  private takeRecord(): number {
    if (this.freeHead !== -1) {
      const pool = this.freeHead
      this.freeHead = this.words[pool * Pool.WORDS + NEXT_FREE]
      return pool
    }
    if ((this.count + 1) * Pool.WORDS > this.words.length) {
      const grown = new Int32Array(this.words.length * 2)
      grown.set(this.words)
      this.words = grown
    }
    return this.count++
  }
}

/** Owner of a pool that is none. */
const CLOSED = -0x800000

const isSame = (a: Talker, b: Talker): boolean =>
  a.owner === b.owner && a.target === b.target && a.port === b.port && a.protocol === b.protocol

/** Who was refused most first, then who needed most. */
export const byNeed = (a: Talker, b: Talker): number =>
  b.refused - a.refused || b.peak - a.peak || a.owner - b.owner || a.target - b.target || a.port - b.port || a.protocol - b.protocol

function shorten(talkers: Talker[]): void {
  talkers.sort(byNeed)
  talkers.length = Math.min(Pool.TOP, talkers.length)
}
