// A load balancer's or NAT gateway's table of flows without packets: a clock that the test sets, and random numbers that it counts.
import { defaultPortsPerFrontend } from '../../src/base/snat-tiers.js'
import { LoadBalancerPorts } from '../../src/table/load-balancer-ports.js'
import { type NatGatewayLimits, NatGatewayPorts } from '../../src/table/nat-gateway-ports.js'
import { PortBlocks } from '../../src/table/port-blocks.js'
import { SnatFlow } from '../../src/table/snat-flows.js'
import { IN, OUT, type SnatRules, SnatTable } from '../../src/table/snat-table.js'
import { ACK, FIN, RST, SYN } from '../../src/wire/tcp.js'
import { RandomStream } from './random-stream.js'

export const TCP = 6
export const UDP = 17
export const SECOND = 1e9

export const LOAD_BALANCER: SnatRules = {
  ...{ idleNs: 1800 * SECOND, udpIdleNs: 1800 * SECOND, halfOpenNs: 1800 * SECOND },
  ...{ finNs: 240 * SECOND, rstNs: 15 * SECOND, udpHoldNs: 0, endsWithBoth: false, resetsIdle: true },
}
export const NAT_GATEWAY: SnatRules = {
  ...{ idleNs: 240 * SECOND, udpIdleNs: 240 * SECOND, halfOpenNs: 30 * SECOND },
  ...{ finNs: 65 * SECOND, rstNs: 16 * SECOND, udpHoldNs: 65 * SECOND, endsWithBoth: true, resetsIdle: false },
}
export const AZURE_LIMITS: NatGatewayLimits = { ports: 64_512, perDestination: 50_000, connections: 2_000_000 }

/** A tuple that the outside must be able to tell from every other. */
export interface External {
  readonly address: number
  readonly port: number
}

export class SnatLab {
  readonly clock = new Float64Array(1)
  readonly table: SnatTable
  readonly blocks: PortBlocks | null = null
  readonly resets: number[] = []
  draws = 0

  private constructor(
    rules: SnatRules,
    seed: number,
    parts: { blocks?: PortBlocks; addresses: readonly number[]; limits?: NatGatewayLimits; owners: number },
  ) {
    const stream = RandomStream.named(seed, 'snat', 'ports')
    const random = () => {
      this.draws++
      return stream.below(0x100000000)
    }
    const { blocks, addresses, limits, owners } = parts
    this.blocks = blocks ?? null
    this.table = new SnatTable(
      rules,
      this.clock,
      random,
      record => this.resets.push(record),
      owners,
      (flows, pools) =>
        blocks
          ? new LoadBalancerPorts(flows, pools, blocks, addresses, owners)
          : new NatGatewayPorts(flows, pools, addresses, limits!, owners),
    )
  }

  /** A load balancer with `nodes` in its pool; `allocated` ports each, or Azure's default for 0. */
  static loadBalancer(nodes: number, allocated: number, frontends = 1, rules: Partial<SnatRules> = {}, most = nodes): SnatLab {
    const blocks = new PortBlocks(frontends, allocated, defaultPortsPerFrontend)
    const addresses = Array.from({ length: frontends }, (_, i) => 1000 + i)
    const lab = new SnatLab({ ...LOAD_BALANCER, ...rules }, 1, { blocks, addresses, owners: most })
    lab.table.change(
      blocks,
      Array.from({ length: nodes }, (_, i) => i),
      [],
    )
    return lab
  }

  /** The same with other tiers than Azure's, so that a few nodes cross them. */
  static tiered(nodes: number, tiers: (nodes: number) => number): SnatLab {
    const blocks = new PortBlocks(1, 0, tiers)
    const lab = new SnatLab(LOAD_BALANCER, 1, { blocks, addresses: [1000], owners: nodes })
    lab.table.change(
      blocks,
      Array.from({ length: nodes }, (_, i) => i),
      [],
    )
    return lab
  }

  static natGateway(
    addresses: number,
    limits: Partial<NatGatewayLimits> = {},
    rules: Partial<SnatRules> = {},
    seed = 1,
    owners = 8,
  ): SnatLab {
    const own = Array.from({ length: addresses }, (_, i) => 1000 + i)
    return new SnatLab({ ...NAT_GATEWAY, ...rules }, seed, { addresses: own, limits: { ...AZURE_LIMITS, ...limits }, owners })
  }

  set seconds(value: number) {
    this.clock[0] = value * SECOND
  }

  /** A new flow of node `owner` from a source port of its own; -1 if refused. */
  open(owner: number, protocol: number, source: number, target = 1, port = 443): number {
    return this.table.begin(owner, protocol, owner + (Math.floor(source / 60_000) << 8), target, ((source % 60_000) << 16) | port)
  }

  /** A connection: SYN, SYN-ACK, ACK. */
  connect(owner: number, source: number, target = 1, port = 443): number {
    const record = this.open(owner, TCP, source, target, port)
    if (record >= 0) {
      this.table.followTcp(record, OUT, SYN, 0)
      this.table.followTcp(record, IN, SYN | ACK, 1)
      this.table.followTcp(record, OUT, ACK, 1)
    }
    return record
  }

  /** FIN of both sides. */
  close(record: number): void {
    this.table.followTcp(record, OUT, FIN | ACK, 2)
    this.table.followTcp(record, IN, FIN | ACK, 2)
  }
  abort(record: number): void {
    this.table.followTcp(record, OUT, RST, 0)
  }

  external(record: number): External {
    const { words } = this.table.flows
    return {
      address: words[record * SnatFlow.WORDS + SnatFlow.EXTERNAL],
      port: words[record * SnatFlow.WORDS + SnatFlow.ANSWER_PORTS] & 0xffff,
    }
  }
}
