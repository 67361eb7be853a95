// Connection tracking: UDP connections of many hosts are made, met in both directions again and again while others come, and expire. Tables of
// this size do not fit into a core's cache, as those of a large run do not.
import { Conntrack, Direction } from '../table/conntrack.js'
import type { Done, Size, Work } from './bench.js'
import { numbers } from './numbers.js'

const UDP = 17
const HOSTS = 64
const LIFE_NS = 30e9
const STEP_NS = 1000

interface Input {
  readonly connections: number
  /** Look-ups for each connection, half of them of replies. */
  readonly lookups: number
  readonly draws: Int32Array
}

export function prepare(size: Size): Work {
  const input = size === 'full' ? { connections: 50_000, lookups: 6 } : { connections: 2_000, lookups: 6 }
  const draws = numbers(input.connections * input.lookups, 19)
  return () => track({ ...input, draws })
}

const sourceOf = (i: number): number => 0x0af40000 + (i >>> 6)
const targetOf = (i: number): number => 0x0af80000 + ((i * 7) & 0xffff)
const portsOf = (i: number): number => ((32768 + (i % 28_000)) << 16) | 53

function track({ connections, lookups, draws }: Input): Done {
  const table = new Conntrack(HOSTS, connections >> 2)
  const clock = new Float64Array(1)
  for (let i = 0; i < connections; i++) {
    const source = sourceOf(i)
    const target = targetOf(i)
    const ports = portsOf(i)
    const record = table.add(i % HOSTS, UDP, source, target, ports, target, source, table.replyPortsOf(UDP, ports), clock)
    table.arm(record, clock, LIFE_NS)
    clock[0] += STEP_NS
  }
  const { found, missed } = meet(table, clock, { connections, lookups, draws })
  const peak = sumOf(table.peak)
  // A turn of the wheel later nothing is left.
  clock[0] += 2 * LIFE_NS
  table.advance(clock)
  return {
    units: connections * (lookups + 1),
    exact: { connections, lookups: connections * lookups, found, missed, peak, left: sumOf(table.used) },
  }
}

/** Looks connections up in either direction, at hosts that know them; every sixteenth time at one that does not. */
function meet(table: Conntrack, clock: Float64Array, { connections, lookups, draws }: Input): { found: number; missed: number } {
  let found = 0
  let missed = 0
  for (let at = 0; at < connections * lookups; at++) {
    const i = (draws[at] >>> 0) % connections
    const lp = (i + ((at & 15) === 15 ? 1 : 0)) % HOSTS
    const isReply = (at & 1) === 0
    const ports = portsOf(i)
    const reference = isReply
      ? table.find(lp, UDP, targetOf(i), sourceOf(i), table.replyPortsOf(UDP, ports), clock)
      : table.find(lp, UDP, sourceOf(i), targetOf(i), ports, clock)
    if (reference < 0) missed++
    else if ((reference & 3) === (isReply ? Direction.REPLY : Direction.ORIGINAL)) {
      found++
      table.refresh(reference >>> 2, clock, LIFE_NS)
    }
    clock[0] += 1
  }
  return { found, missed }
}

const sumOf = (values: Int32Array): number => values.reduce((total, value) => total + value, 0)
