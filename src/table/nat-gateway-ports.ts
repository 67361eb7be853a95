// SNAT ports of a NAT gateway: shared by all nodes, taken on demand. A new flow gets a random port that nothing uses, of a random address;
// where all are in use, one that serves other destinations only. An address holds 50,000 flows to one destination ("SNAT with NAT
// Gateway", "NAT gateway resource"). What cools down is in use towards its destination, and free for any other.
import { Inventory, type PortStore } from './load-balancer-ports.js'
import { SnatFlow, type SnatFlows } from './snat-flows.js'
import type { SnatPools } from './snat-pools.js'

const UDP = 17
const FIRST_PORT = 1024
/** Random tries for a port that serves other destinations; then the ports are gone through one by one. */
const TRIES = 1024

/** Ports and limits of one address. */
export interface NatGatewayLimits {
  readonly ports: number
  readonly perDestination: number
  readonly connections: number
}

/** The unused ports of one address and protocol: a random one is found, taken and given back in constant time. */
class UnusedPorts {
  private readonly ports: Uint16Array
  private readonly at: Uint16Array
  count: number

  constructor(count: number) {
    this.count = count
    this.ports = Uint16Array.from({ length: count }, (_, i) => i)
    this.at = this.ports.slice()
  }

  any(random: number): number {
    return this.ports[Math.floor((random / 0x100000000) * this.count)]
  }
  take(port: number): void {
    this.swap(this.at[port], --this.count)
  }
  give(port: number): void {
    this.swap(this.at[port], this.count++)
  }

  private swap(i: number, k: number): void {
    const a = this.ports[i]
    const b = this.ports[k]
    this.ports[i] = b
    this.ports[k] = a
    this.at[b] = i
    this.at[a] = k
  }
}

export class NatGatewayPorts implements PortStore {
  /** Flows on each port and the unused ones, by protocol (TCP first) and address. */
  private readonly flowsOn: Uint32Array
  private readonly unused: UnusedPorts[]
  private readonly busy: Int32Array
  readonly inventory = new Inventory()

  constructor(
    private readonly flows: SnatFlows,
    private readonly pools: SnatPools,
    private readonly addresses: readonly number[],
    private readonly limits: NatGatewayLimits,
    owners: number,
  ) {
    this.flowsOn = new Uint32Array(2 * addresses.length * limits.ports)
    this.unused = Array.from({ length: 2 * addresses.length }, () => new UnusedPorts(limits.ports))
    this.busy = new Int32Array(2 * owners)
  }

  take(record: number, random: () => number): boolean {
    const { flows } = this
    const w = record * SnatFlow.WORDS
    const protocol = flows.words[w + SnatFlow.KEY] & 0xff
    const target = flows.words[w + SnatFlow.TARGET]
    const port = flows.words[w + SnatFlow.PORTS] & 0xffff
    const place = flows.live < this.limits.connections ? this.choose(protocol, target, port, random) : -1
    if (place < 0) return false
    this.assign(record, this.talkerOf(record), place, port)
    return true
  }

  private talkerOf(record: number): number {
    const { words } = this.flows
    const w = record * SnatFlow.WORDS
    return this.pools.open(
      words[w + SnatFlow.KEY] >> 8,
      words[w + SnatFlow.KEY] & 0xff,
      words[w + SnatFlow.TARGET],
      words[w + SnatFlow.PORTS] & 0xffff,
    )
  }

  refuse(record: number): void {
    this.pools.refuse(this.talkerOf(record))
  }

  /** A place in the inventory, or -1: a random address, the following ones if it has none. */
  private choose(protocol: number, target: number, port: number, random: () => number): number {
    const { addresses, limits } = this
    const first = Math.floor((random() / 0x100000000) * addresses.length)
    for (const isReuse of [false, true]) {
      for (let i = 0; i < addresses.length; i++) {
        const address = (first + i) % addresses.length
        const limit = this.pools.find(-1 - address, protocol, target, port)
        const used = limit < 0 ? 0 : this.pools.used(limit)
        if (used >= Math.min(limits.perDestination, limits.ports)) continue
        const row = (protocol === UDP ? addresses.length : 0) + address
        const found = isReuse ? this.reusable(protocol, target, port, address, random) : this.anyUnused(row, random)
        if (found >= 0) return address * limits.ports + found
      }
    }
    return -1
  }

  private anyUnused(row: number, random: () => number): number {
    return this.unused[row].count > 0 ? this.unused[row].any(random()) : -1
  }

  /** A port in use, but not towards this destination. There is one: the address holds fewer flows to it than it has ports. */
  private reusable(protocol: number, target: number, targetPort: number, address: number, random: () => number): number {
    const { ports } = this.limits
    const isFree = (port: number) => this.flows.fromOutside(protocol, target, this.addresses[address], answer(targetPort, port)) < 0
    let port = 0
    for (let tries = 0; tries < TRIES; tries++) {
      port = Math.floor((random() / 0x100000000) * ports)
      if (isFree(port)) return port
    }
    for (let tries = 0; tries < ports; tries++) {
      port = (port + 1) % ports
      if (isFree(port)) return port
    }
    return -1
  }

  private assign(record: number, talker: number, place: number, targetPort: number): void {
    const { pools, limits } = this
    const { words } = this.flows
    const w = record * SnatFlow.WORDS
    const address = Math.floor(place / limits.ports)
    const limit = pools.open(-1 - address, words[w + SnatFlow.KEY] & 0xff, words[w + SnatFlow.TARGET], targetPort)
    words[w + SnatFlow.POOL] = talker
    words[w + SnatFlow.LIMIT] = limit
    words[w + SnatFlow.PLACE] = place
    words[w + SnatFlow.EXTERNAL] = this.addresses[address]
    words[w + SnatFlow.ANSWER_PORTS] = answer(targetPort, place % limits.ports)
    pools.enter(talker)
    pools.enter(limit)
    this.busy[this.ownerRow(record)]++
    const row = this.rowOf(record)
    if (this.flowsOn[row * limits.ports + (place % limits.ports)]++ > 0) return
    this.unused[row].take(place % limits.ports)
    this.inventory.enter(this.ownerRow(record) & 1)
  }

  give(record: number): void {
    const { pools, limits } = this
    const { words } = this.flows
    const w = record * SnatFlow.WORDS
    const row = this.rowOf(record)
    const port = words[w + SnatFlow.PLACE] % limits.ports
    if (--this.flowsOn[row * limits.ports + port] === 0) {
      this.unused[row].give(port)
      this.inventory.used[this.ownerRow(record) & 1]--
    }
    this.busy[this.ownerRow(record)]--
    if (pools.leave(words[w + SnatFlow.POOL])) pools.close(words[w + SnatFlow.POOL])
    if (pools.leave(words[w + SnatFlow.LIMIT])) pools.close(words[w + SnatFlow.LIMIT])
    this.flows.discard(record)
  }

  /** Flows of an owner; ports are nobody's in particular. */
  inUse(owner: number, protocol: number): number {
    return this.busy[owner * 2 + (protocol === UDP ? 1 : 0)]
  }
  capacityOf(): number {
    return this.addresses.length * this.limits.ports
  }

  private rowOf(record: number): number {
    const { words } = this.flows
    const isUdp = (words[record * SnatFlow.WORDS + SnatFlow.KEY] & 0xff) === UDP
    return (isUdp ? this.addresses.length : 0) + Math.floor(words[record * SnatFlow.WORDS + SnatFlow.PLACE] / this.limits.ports)
  }
  private ownerRow(record: number): number {
    const key = this.flows.words[record * SnatFlow.WORDS + SnatFlow.KEY]
    return (key >> 8) * 2 + ((key & 0xff) === UDP ? 1 : 0)
  }
}

const answer = (targetPort: number, port: number): number => (targetPort << 16) | (FIRST_PORT + port)
