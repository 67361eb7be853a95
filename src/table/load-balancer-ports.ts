// SNAT ports of a Standard Load Balancer: each node has its own, one inventory for TCP and one for UDP. A port serves any number of
// destinations, but each only once: for TCP a destination is an address and port, for UDP an address whatever the port ("Use SNAT for
// outbound connections"). Of ports that are free for a destination the one that has been free longest is taken, then one not used
// for it before, in the node's order: so a frontend is used up before the next is touched.
import { BLOCK, FRONTEND_PORTS, type PortBlocks } from './port-blocks.js'
import { SnatFlow, type SnatFlows } from './snat-flows.js'
import { Pool, type SnatPools } from './snat-pools.js'

const UDP = 17
const FIRST_PORT = 1024

/** Ports in use, of TCP and of UDP. */
export class Inventory {
  readonly used = new Int32Array(2)
  readonly peak = new Int32Array(2)

  enter(row: number): void {
    if (++this.used[row] > this.peak[row]) this.peak[row] = this.used[row]
  }
}

/** What a device asks about ports. */
export interface PortStore {
  /** Gives a drafted flow its external address and port; false if there is none for its destination. */
  take(record: number, random: () => number): boolean
  /** Counts a drafted flow among those that its destination has no port for. */
  refuse(record: number): void
  /** Takes the port of a flow back that lives no more. */
  give(record: number): void
  /** Ports of an owner that any flow uses now, TCP and UDP. */
  inUse(owner: number, protocol: number): number
  /** Ports of all owners that any flow uses now, and most at a time: TCP, UDP. */
  readonly inventory: Inventory
  /** Ports that an owner could use at most now. */
  capacityOf(owner: number): number
}

export class LoadBalancerPorts implements PortStore {
  /** Flows on each port, TCP first. */
  private readonly flowsOn: Uint32Array
  private readonly busy: Int32Array
  readonly inventory = new Inventory()

  constructor(
    private readonly flows: SnatFlows,
    private readonly pools: SnatPools,
    private readonly blocks: PortBlocks,
    private readonly addresses: readonly number[],
    owners: number,
  ) {
    this.flowsOn = new Uint32Array(2 * addresses.length * FRONTEND_PORTS)
    this.busy = new Int32Array(2 * owners)
  }

  private poolOf(record: number): number {
    const { words } = this.flows
    const w = record * SnatFlow.WORDS
    const protocol = words[w + SnatFlow.KEY] & 0xff
    return this.pools.open(
      words[w + SnatFlow.KEY] >> 8,
      protocol,
      words[w + SnatFlow.TARGET],
      protocol === UDP ? 0 : words[w + SnatFlow.PORTS] & 0xffff,
    )
  }

  refuse(record: number): void {
    this.pools.refuse(this.poolOf(record))
  }

  take(record: number): boolean {
    const { flows, pools, blocks } = this
    const owner = flows.words[record * SnatFlow.WORDS + SnatFlow.KEY] >> 8
    const pool = this.poolOf(record)
    const p = pool * Pool.WORDS
    const free = pools.words[p + Pool.FREE_HEAD]
    let place: number
    if (free !== -1) {
      place = flows.words[free * SnatFlow.WORDS + SnatFlow.PLACE]
      pools.words[p + Pool.FREE_HEAD] = flows.words[free * SnatFlow.WORDS + SnatFlow.NEXT]
      if (pools.words[p + Pool.FREE_HEAD] === -1) pools.words[p + Pool.FREE_TAIL] = -1
      flows.discard(free)
    } else if (pools.words[p + Pool.FRESH] < blocks.portsOf(owner)) place = blocks.placeOf(owner, pools.words[p + Pool.FRESH]++)
    else return false
    this.assign(record, pool, place)
    return true
  }

  private assign(record: number, pool: number, place: number): void {
    const { words } = this.flows
    const w = record * SnatFlow.WORDS
    const frontend = Math.floor(place / FRONTEND_PORTS)
    words[w + SnatFlow.POOL] = pool
    words[w + SnatFlow.PLACE] = place
    words[w + SnatFlow.EXTERNAL] = this.addresses[frontend]
    words[w + SnatFlow.ANSWER_PORTS] = (words[w + SnatFlow.PORTS] << 16) | (FIRST_PORT + place - frontend * FRONTEND_PORTS)
    this.pools.enter(pool)
    if (this.flowsOn[this.rowOf(record)]++ > 0) return
    this.busy[this.ownerRow(record)]++
    this.inventory.enter(this.ownerRow(record) & 1)
  }

  give(record: number): void {
    const { flows, pools, blocks } = this
    const { words } = flows
    const w = record * SnatFlow.WORDS
    if (--this.flowsOn[this.rowOf(record)] === 0) {
      this.busy[this.ownerRow(record)]--
      this.inventory.used[this.ownerRow(record) & 1]--
    }
    const pool = words[w + SnatFlow.POOL]
    const isLast = pools.leave(pool)
    // A port that is another node's by now is not this pool's to use again.
    if (blocks.owner[Math.floor(words[w + SnatFlow.PLACE] / BLOCK)] === words[w + SnatFlow.KEY] >> 8) this.append(pool, record)
    else flows.discard(record)
    if (isLast) this.forget(pool)
  }

  /** The port of a record that lives no more waits its turn at the end of the pool's free ones. */
  private append(pool: number, record: number): void {
    const p = pool * Pool.WORDS
    const { words } = this.pools
    this.flows.words[record * SnatFlow.WORDS + SnatFlow.NEXT] = -1
    if (words[p + Pool.FREE_TAIL] === -1) words[p + Pool.FREE_HEAD] = record
    else this.flows.words[words[p + Pool.FREE_TAIL] * SnatFlow.WORDS + SnatFlow.NEXT] = record
    words[p + Pool.FREE_TAIL] = record
  }

  /** Nobody uses the pool: its free ports are as good as never used. */
  private forget(pool: number): void {
    const p = pool * Pool.WORDS
    const { words } = this.pools
    if (words[p + Pool.FREE_HEAD] !== -1) this.flows.discardChain(words[p + Pool.FREE_HEAD], words[p + Pool.FREE_TAIL])
    words[p + Pool.FREE_HEAD] = -1
    words[p + Pool.FREE_TAIL] = -1
    words[p + Pool.FRESH] = 0
    this.pools.close(pool)
  }

  /** A node lost the blocks with these places in its order: its pools forget the ports in them. Flows on them are the caller's to end. */
  reclaimed(node: number, blocks: readonly number[]): void {
    for (const pool of this.pools.all()) {
      const p = pool * Pool.WORDS
      const { words } = this.pools
      if (words[p + Pool.OWNER] !== node) continue
      const fresh = words[p + Pool.FRESH]
      words[p + Pool.FRESH] = blocks.reduce((left, block) => left - Math.min(BLOCK, Math.max(0, fresh - block * BLOCK)), fresh)
      let record = words[p + Pool.FREE_HEAD]
      words[p + Pool.FREE_HEAD] = -1
      words[p + Pool.FREE_TAIL] = -1
      while (record !== -1) {
        const next = this.flows.words[record * SnatFlow.WORDS + SnatFlow.NEXT]
        if (this.blocks.owner[Math.floor(this.flows.words[record * SnatFlow.WORDS + SnatFlow.PLACE] / BLOCK)] === node)
          this.append(pool, record)
        else this.flows.discard(record)
        record = next
      }
    }
  }

  /** Live flows on ports that are no longer their node's. */
  *stranded(): Generator<number> {
    const { words } = this.flows
    for (const record of this.flows.all()) {
      const w = record * SnatFlow.WORDS
      if (this.blocks.owner[Math.floor(words[w + SnatFlow.PLACE] / BLOCK)] !== words[w + SnatFlow.KEY] >> 8) yield record
    }
  }

  inUse(owner: number, protocol: number): number {
    return this.busy[owner * 2 + (protocol === UDP ? 1 : 0)]
  }
  capacityOf(owner: number): number {
    return this.blocks.portsOf(owner)
  }

  private rowOf(record: number): number {
    const { words } = this.flows
    const isUdp = (words[record * SnatFlow.WORDS + SnatFlow.KEY] & 0xff) === UDP
    return (isUdp ? this.flowsOn.length / 2 : 0) + words[record * SnatFlow.WORDS + SnatFlow.PLACE]
  }
  private ownerRow(record: number): number {
    const key = this.flows.words[record * SnatFlow.WORDS + SnatFlow.KEY]
    return (key >> 8) * 2 + ((key & 0xff) === UDP ? 1 : 0)
  }
}
