// Network security groups compiled for the data plane (`table/nsg.ts`): rules in rows, addresses and ports in sets of intervals, and the
// group of each NIC. Null where no subnet has one.
import type { ImageColumns } from '../image/image.js'
import type { Scenario } from '../scenario/model.js'
import type { SecurityRule } from '../scenario/model-policy.js'
import type { SecurityTables } from '../table/nsg.js'
import { contains } from '../wire/address.js'
import { firstEndpointLp } from './names.js'
import { guardedSubnets, type Interval, merged, prefixReader, rulesOf } from './nsg-rules.js'
import type { Plan } from './plan.js'

export interface CompiledGroups extends SecurityTables {
  /** The group of each NIC, or -1: nodes by the subnet of their pool, endpoints on the VNet by their address. */
  readonly lpNsg: Int32Array
}

export function compileGroups(scenario: Scenario, plan: Plan, lpCount: number): CompiledGroups | null {
  const guarded = guardedSubnets(scenario)
  if (guarded.length === 0) return null
  const sets = new Sets()
  const read = prefixReader(scenario)
  const rowOf = (rule: SecurityRule): number[] => [
    rule.protocol ?? -1,
    rule.access === 'Allow' ? 1 : 0,
    sets.number(read(rule.sources)),
    sets.number(merged(rule.sourcePorts.map(({ first, last }): Interval => [first, last]))),
    sets.number(read(rule.targets)),
    sets.number(merged(rule.targetPorts.map(({ first, last }): Interval => [first, last]))),
  ]
  const rows = guarded.flatMap(({ group }) => (['Inbound', 'Outbound'] as const).map(direction => rulesOf(group, direction).map(rowOf)))
  const first = [0]
  for (const list of rows) first.push(first[first.length - 1] + list.length)
  return {
    nsgFirst: Uint32Array.from(first),
    nsgRules: Int32Array.from(rows.flat(2)),
    ...sets.sealed(),
    lpNsg: groupOfNics(scenario, plan, lpCount),
  }
}

function groupOfNics(scenario: Scenario, plan: Plan, lpCount: number): Int32Array {
  const groups = new Int32Array(lpCount).fill(-1)
  const guarded = guardedSubnets(scenario)
  const numbers = new Map(guarded.map(({ subnet }, i) => [subnet, i]))
  plan.nodes.forEach(({ pool }, lp) => {
    groups[lp] = numbers.get(scenario.cluster.agentPoolProfiles[pool].vnetSubnet) ?? -1
  })
  const endpoints = firstEndpointLp(scenario, plan)
  scenario.endpoints.forEach(({ address, location }, i) => {
    if (location === 'vnet') groups[endpoints + i] = guarded.findIndex(({ cidr }) => contains(cidr, address))
  })
  return groups
}

/** Sets of intervals, equal ones under one number. */
class Sets {
  private readonly first = [0]
  private readonly from: number[] = []
  private readonly to: number[] = []
  private readonly numbers = new Map<string, number>()

  number(intervals: readonly Interval[]): number {
    const key = intervals.join(';')
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    for (const [first, last] of intervals) {
      this.from.push(first)
      this.to.push(last)
    }
    this.first.push(this.from.length)
    this.numbers.set(key, this.first.length - 2)
    return this.first.length - 2
  }

  sealed(): Pick<SecurityTables, 'nsgSets' | 'nsgFrom' | 'nsgTo'> {
    return { nsgSets: Uint32Array.from(this.first), nsgFrom: Uint32Array.from(this.from), nsgTo: Uint32Array.from(this.to) }
  }
}

export const groupLengths = (compiled: CompiledGroups | null) => ({
  lpNsg: compiled?.lpNsg.length ?? 0,
  nsgFirst: compiled?.nsgFirst.length ?? 0,
  nsgRules: compiled?.nsgRules.length ?? 0,
  nsgSets: compiled?.nsgSets.length ?? 0,
  nsgFrom: compiled?.nsgFrom.length ?? 0,
  nsgTo: compiled?.nsgTo.length ?? 0,
})

export function fillGroups(columns: ImageColumns, compiled: CompiledGroups): void {
  columns.lpNsg.set(compiled.lpNsg)
  columns.nsgFirst.set(compiled.nsgFirst)
  columns.nsgRules.set(compiled.nsgRules)
  columns.nsgSets.set(compiled.nsgSets)
  columns.nsgFrom.set(compiled.nsgFrom)
  columns.nsgTo.set(compiled.nsgTo)
}
