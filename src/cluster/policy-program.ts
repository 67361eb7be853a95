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
  private readonly unions = new Map<string, number>()

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
    const active = new Map<number, number>()
    const count = (set: number, by: number): void => {
      const left = (active.get(set) ?? 0) + by
      if (left === 0) active.delete(set)
      else active.set(set, left)
    }
    for (const set of everywhere) count(set, 1)
    const edges = new Map<number, { set: number; by: number }[]>([[0, []]])
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
    let before = -1
    for (const port of [...edges.keys()].sort((a, b) => a - b)) {
      for (const { set, by } of edges.get(port) ?? []) count(set, by)
      const row = this.union(active)
      if (row !== before) {
        this.ports.push(port)
        this.rows.push(row)
      }
      before = row
    }
  }

  private union(active: ReadonlyMap<number, number>): number {
    const sets = [...active.keys()].sort((a, b) => a - b)
    const key = sets.join()
    const known = this.unions.get(key)
    if (known !== undefined) return known
    const bits: Bits = emptyBits(this.peers)
    for (const set of sets) addAll(bits, this.sets.row(set))
    const row = this.allowed.rowOf(bits)
    this.unions.set(key, row)
    return row
  }
}
