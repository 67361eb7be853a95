// Peers: identities of pods (a group, and the class of the address where ipBlocks match pods) and, after them, the classes of addresses
// outside. What a rule says of peers and ports becomes sets of peers over spans of ports.
import { allBits, BitRows, type Bits, eachBit, emptyBits, hasBit, keepOnly, setBit, wordsFor } from '../base/bits.js'
import type { NetworkPolicy, PolicyPeer, PolicyRule } from '../scenario/model-policy.js'
import type { BlockClasses } from './policy-blocks.js'
import type { Group, PolicyGroups } from './policy-groups.js'
import { classOf, type Span } from './policy-program.js'

const LAST_PORT = 65535

export class PolicyPeers {
  readonly count: number
  readonly sets: BitRows
  /** The group of each identity. */
  readonly groupOf: readonly number[]
  private readonly byGroup: number[][]
  private readonly peerSets = new Map<string, Bits>()
  private readonly portSets = new Map<string, Bits>()
  private readonly pods: Bits

  /** `identities`: group and address class of each. */
  constructor(
    private readonly groups: PolicyGroups,
    private readonly blocks: BlockClasses,
    private readonly identities: readonly { readonly group: number; readonly addressClass: number }[],
    private readonly blocksMatchPods: boolean,
  ) {
    this.count = identities.length + blocks.count
    this.sets = new BitRows(wordsFor(this.count))
    this.groupOf = identities.map(({ group }) => group)
    this.byGroup = groups.groups.map(() => [])
    this.pods = emptyBits(this.count)
    this.groupOf.forEach((group, identity) => {
      this.byGroup[group].push(identity)
      setBit(this.pods, identity)
    })
  }

  /** The spans of a rule of a policy. `local` is the group that receives, for ingress; egress looks port names up on the peers. */
  spansOf({ namespace }: NetworkPolicy, { peers, ports }: PolicyRule, local: Group | null): Span[] {
    const bits = peers === null ? allBits(this.count) : this.unite(peers, namespace)
    const set = this.sets.rowOf(bits)
    if (ports === null) return [{ protocol: null, first: 0, last: LAST_PORT, set }]
    return ports.flatMap(({ protocol, port, endPort }): Span[] => {
      const whole = { protocol: classOf(protocol), set }
      if (port === null) return [{ ...whole, first: 0, last: LAST_PORT }]
      if (typeof port === 'number') return [{ ...whole, first: port, last: endPort ?? port }]
      if (local === null) return this.namedSpans(bits, port, protocol)
      const own = local.ports.filter(item => item.name === port && item.protocol === protocol)
      return own.map(({ containerPort }) => ({ ...whole, first: containerPort, last: containerPort }))
    })
  }

  private unite(peers: readonly PolicyPeer[], namespace: string): Bits {
    const bits = emptyBits(this.count)
    for (const peer of peers) {
      const own = this.peersOf(peer, namespace)
      for (let i = 0; i < bits.length; i++) bits[i] |= own[i]
    }
    return bits
  }

  private peersOf(peer: PolicyPeer, namespace: string): Bits {
    const key = peer.kind === 'block' ? peer.text : JSON.stringify([peer.podSelector, peer.namespaceSelector ?? namespace])
    const known = this.peerSets.get(key)
    if (known) return known
    const bits = emptyBits(this.count)
    if (peer.kind === 'block') {
      const classes = this.blocks.classesOf(peer)
      eachBit(classes, number => setBit(bits, this.identities.length + number))
      if (this.blocksMatchPods) {
        this.identities.forEach(({ addressClass }, identity) => {
          if (hasBit(classes, addressClass)) setBit(bits, identity)
        })
      }
    } else {
      eachBit(this.groups.peers(peer, namespace), group => {
        for (const identity of this.byGroup[group]) setBit(bits, identity)
      })
    }
    this.peerSets.set(key, bits)
    return bits
  }

  /** For each number that a port name has among these peers, those who have it. Addresses outside have no names. */
  private namedSpans(bits: Bits, name: string, protocol: 'TCP' | 'UDP' | 'SCTP'): Span[] {
    const numbers = new Set<number>()
    const isMeant = (item: Group['ports'][number]): boolean => item.name === name && item.protocol === protocol
    for (const { ports } of this.groups.groups) for (const item of ports) if (isMeant(item)) numbers.add(item.containerPort)
    return [...numbers].flatMap(port => {
      const own = this.withPort(name, protocol, port).slice()
      keepOnly(own, bits)
      if (own.every(word => word === 0)) return []
      return [{ protocol: classOf(protocol), first: port, last: port, set: this.sets.rowOf(own) }]
    })
  }

  private withPort(name: string, protocol: string, port: number): Bits {
    const key = `${name}/${protocol}/${port}`
    const known = this.portSets.get(key)
    if (known) return known
    const bits = emptyBits(this.count)
    this.groups.groups.forEach(({ ports }, group) => {
      if (!ports.some(item => item.name === name && item.protocol === protocol && item.containerPort === port)) return
      for (const identity of this.byGroup[group]) setBit(bits, identity)
    })
    this.portSets.set(key, bits)
    return bits
  }
}
