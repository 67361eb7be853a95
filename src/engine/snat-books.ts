// What a shard knows about translated source ports: how many each host holds towards the destination it needs most of them for, how many
// each node holds at the outbound device, who was refused. Looked at when an interval ends, never on the way of a packet.
import type { Stack } from '../datapath/stack.js'
import { byNeed, Pool, type Talker } from '../table/snat-pools.js'

/** Where a port is taken: by the host's own masquerade, or at the load balancer or NAT gateway. */
export const BY_HOST = 0
export const BY_DEVICE = 1

/** Ports in use at the end of an interval, and flows refused within it. */
export interface PortRows {
  readonly interval: Uint32Array
  readonly lp: Uint32Array
  readonly by: Uint32Array
  readonly used: Uint32Array
  readonly refused: Uint32Array
}

/** A node's share of the device at the end of the run. */
export interface NodePorts {
  readonly lp: number
  readonly capacity: number
  readonly used: number
  readonly peak: number
  /** Ports in use, and ports there were, when the node came nearest to its end. */
  readonly fullestUsed: number
  readonly fullestOf: number
  readonly refused: number
}

export interface DeviceReport {
  readonly counts: Readonly<Record<'attempted' | 'established' | 'failed' | 'closed' | 'timedOut' | 'broken', number>>
  readonly firstRefusedNs: number
  readonly nodes: readonly NodePorts[]
  readonly talkers: readonly Talker[]
  /** Of all nodes together, of the protocol that uses more. */
  readonly used: number
  readonly peak: number
}

export interface SnatReport {
  readonly rows: PortRows
  /** Translation by hosts: who needed most ports, connections translated and refused by logical process. */
  readonly talkers: readonly Talker[]
  readonly hosts: readonly { readonly lp: number; readonly translated: number; readonly refused: number }[]
  readonly firstRefusedNs: number
  readonly device: DeviceReport | null
}

/** Talkers of all shards, who was refused or needed most first; owners that are `of`. */
export const neediest = (reports: readonly SnatReport[], of: (owner: number) => boolean): readonly Talker[] =>
  reports
    .flatMap(({ talkers }) => talkers.filter(({ owner }) => of(owner)))
    .sort(byNeed)
    .slice(0, Pool.TOP)

const TCP = 6
const UDP = 17

export class SnatBooks {
  private readonly rows: { interval: number[]; lp: number[]; by: number[]; used: number[]; refused: number[] } = {
    ...{ interval: [], lp: [], by: [], used: [], refused: [] },
  }
  private readonly most: Int32Array
  private readonly refusedByHost: Int32Array
  private readonly refusedByDevice: Uint32Array

  constructor(
    private readonly stack: Stack,
    private readonly mine: Int32Array,
  ) {
    const { lpCount, gatewayLp } = stack.params
    stack.conntrack.ports.apart = gatewayLp
    this.most = new Int32Array(lpCount)
    this.refusedByHost = new Int32Array(lpCount)
    this.refusedByDevice = new Uint32Array(lpCount)
  }

  close(interval: number): void {
    this.closeHosts(interval)
    this.closeDevice(interval)
  }

  private closeHosts(interval: number): void {
    const { conntrack } = this.stack
    const { most, refusedByHost } = this
    for (const pool of conntrack.ports.all()) {
      const owner = conntrack.ports.owner(pool)
      most[owner] = Math.max(most[owner], conntrack.ports.used(pool))
    }
    for (const lp of this.mine) {
      const refused = conntrack.unbound[lp] - refusedByHost[lp]
      if (most[lp] > 0 || refused > 0) this.add(interval, lp, BY_HOST, most[lp], refused)
      refusedByHost[lp] = conntrack.unbound[lp]
      most[lp] = 0
    }
  }

  private closeDevice(interval: number): void {
    const { snat, params } = this.stack
    if (snat === null) return
    const { table } = snat
    for (let lp = 0; lp < params.lpCount; lp++) {
      const used = table.ports.inUse(lp, TCP) + table.ports.inUse(lp, UDP)
      const refused = table.refused[lp] - this.refusedByDevice[lp]
      if (used > 0 || refused > 0) this.add(interval, lp, BY_DEVICE, used, refused)
      this.refusedByDevice[lp] = table.refused[lp]
    }
  }

  private add(interval: number, lp: number, by: number, used: number, refused: number): void {
    const { rows } = this
    rows.interval.push(interval)
    rows.lp.push(lp)
    rows.by.push(by)
    rows.used.push(used)
    rows.refused.push(refused)
  }

  report(): SnatReport {
    const { conntrack } = this.stack
    const { interval, lp, by, used, refused } = this.rows
    const column = (values: readonly number[]) => Uint32Array.from(values)
    return {
      rows: { interval: column(interval), lp: column(lp), by: column(by), used: column(used), refused: column(refused) },
      talkers: conntrack.ports.top(),
      hosts: [...this.mine].flatMap(host => {
        const translated = conntrack.translated[host]
        const unbound = conntrack.unbound[host]
        return translated + unbound > 0 ? [{ lp: host, translated, refused: unbound }] : []
      }),
      firstRefusedNs: conntrack.firstUnboundNs[0],
      device: this.deviceReport(),
    }
  }

  private deviceReport(): DeviceReport | null {
    const { snat, params } = this.stack
    if (snat === null) return null
    const { table } = snat
    const nodes: NodePorts[] = []
    for (let lp = 0; lp < params.lpCount; lp++) {
      const peak = Math.max(table.peaks[lp * 2], table.peaks[lp * 2 + 1])
      if (peak === 0 && table.refused[lp] === 0) continue
      const used = Math.max(table.ports.inUse(lp, TCP), table.ports.inUse(lp, UDP))
      const [fullestUsed, fullestOf] = table.fullest.subarray(lp * 2, lp * 2 + 2)
      nodes.push({ lp, capacity: table.ports.capacityOf(lp), used, peak, fullestUsed, fullestOf, refused: table.refused[lp] })
    }
    const { inventory } = table.ports
    return {
      counts: { ...table.counts },
      firstRefusedNs: table.firstRefusedNs[0],
      nodes,
      talkers: table.pools.top(),
      used: Math.max(inventory.used[0], inventory.used[1]),
      peak: Math.max(inventory.peak[0], inventory.peak[1]),
    }
  }
}
