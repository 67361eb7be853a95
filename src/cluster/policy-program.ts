// One program: what a set of policies allows in one direction, as intervals of ports, each with the row of peers that may pass. Every rule is
// a set of peers over a span of ports; where spans overlap, the sets are united.
import { addAll, type BitRows, type Bits, emptyBits } from '../base/bits.js'
import { OTHER, PROTOCOLS, protocolClass } from '../table/policy.js'

/** Peers of a rule that may pass on these ports. */
export interface Span {
  /** Protocol class; null: all. */
  readonly protocol: number | null
  readonly first: number
  readonly last: number
  /** Number of the set of peers. */
  readonly set: number
}

const NUMBERS = { TCP: 6, UDP: 17, SCTP: 132 } as const
export const classOf = (protocol: keyof typeof NUMBERS): number => protocolClass(NUMBERS[protocol])

const LAST_PORT = 65535

export class Programs {
  /** First interval of each program and protocol, and the end in one more. */
  readonly first: number[] = [0]
  readonly ports: number[] = []
  readonly rows: number[] = []

  /** `sets` holds the rules' peers, `allowed` the rows that the data plane tests. */
  constructor(
    private readonly sets: BitRows,
    readonly allowed: BitRows,
    private readonly peers: number,
  ) {}

  /** Adds a program and gives its number. */
  add(spans: readonly Span[]): number {
    const everywhere = spans.filter(({ protocol }) => protocol === null).map(({ set }) => set)
    for (let protocol = 0; protocol < PROTOCOLS; protocol++) {
      const own = protocol === OTHER ? [] : spans.filter(span => span.protocol === protocol)
      this.sweep(everywhere, own)
      this.first.push(this.ports.length)
    }
    return (this.first.length - 1) / PROTOCOLS - 1
  }

  /** From port to port at which a span begins or ends. */
  private sweep(everywhere: readonly number[], spans: readonly Span[]): void {
    const edges = new Map<number, { set: number; by: number }[]>([[0, everywhere.map(set => ({ set, by: 1 }))]])
    const edge = (port: number, set: number, by: number): void => {
      if (port > LAST_PORT) return
      const here = edges.get(port)
      if (here) here.push({ set, by })
      else edges.set(port, [{ set, by }])
    }
    for (const { first, last, set } of spans) {
      edge(first, set, 1)
      edge(last + 1, set, -1)
    }
    const united = new Union(this.sets, this.peers)
    let before = -1
    for (const port of [...edges.keys()].sort((a, b) => a - b)) {
      const row = this.allowed.rowOf(united.change(edges.get(port) ?? []))
      if (row !== before) {
        this.ports.push(port)
        this.rows.push(row)
      }
      before = row
    }
  }
}

/** The union of the sets in force, kept up to date: what comes is added, and only where something goes it is made anew. */
class Union {
  private readonly active = new Map<number, number>()
  private readonly bits: Bits

  constructor(
    private readonly sets: BitRows,
    peers: number,
  ) {
    this.bits = emptyBits(peers)
  }

  change(edges: readonly { readonly set: number; readonly by: number }[]): Bits {
    let isLess = false
    for (const { set, by } of edges) {
      const count = (this.active.get(set) ?? 0) + by
      if (count === 0) this.active.delete(set)
      else this.active.set(set, count)
      if (count === 0) isLess = true
      else if (by > 0) addAll(this.bits, this.sets.row(set))
    }
    if (isLess) {
      this.bits.fill(0)
      for (const set of this.active.keys()) addAll(this.bits, this.sets.row(set))
    }
    return this.bits
  }
}
