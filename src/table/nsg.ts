// Network security groups as flat tables: the rules of a group and direction in order of priority, Azure's default rules at the end, each with
// its sets of addresses and ports as sorted intervals. The first rule that fits decides; the last one fits everything.
//
//   group * 2 + direction -> first row, and the first of the next   nsgFirst
//   row, int32 words: 0 protocol, -1 any   1 allows   2-5 sets of source addresses, source ports, target addresses, target ports
//   set -> its intervals, both ends included, unsigned               nsgSets, nsgFrom, nsgTo

export const INBOUND = 0
export const OUTBOUND = 1
const NSG_WORDS = 6

export interface SecurityTables {
  readonly nsgFirst: Uint32Array
  readonly nsgRules: Int32Array
  readonly nsgSets: Uint32Array
  readonly nsgFrom: Uint32Array
  readonly nsgTo: Uint32Array
}

/** The row of the rule that decides about a packet; `ports` is source << 16 | target. */
export function decidingRow(
  table: SecurityTables,
  group: number,
  direction: number,
  protocol: number,
  source: number,
  target: number,
  ports: number,
): number {
  const { nsgFirst, nsgRules } = table
  const end = nsgFirst[group * 2 + direction + 1] - 1
  for (let row = nsgFirst[group * 2 + direction]; row < end; row++) {
    const w = row * NSG_WORDS
    if (nsgRules[w] !== -1 && nsgRules[w] !== protocol) continue
    if (!holds(table, nsgRules[w + 4], target >>> 0) || !holds(table, nsgRules[w + 2], source >>> 0)) continue
    if (holds(table, nsgRules[w + 5], ports & 0xffff) && holds(table, nsgRules[w + 3], ports >>> 16)) return row
  }
  return end
}

export const allowsRow = ({ nsgRules }: SecurityTables, row: number): boolean => nsgRules[row * NSG_WORDS + 1] === 1

/** Whether one of the set's intervals holds the value. */
function holds({ nsgSets, nsgFrom, nsgTo }: SecurityTables, set: number, value: number): boolean {
  let low = nsgSets[set]
  let high = nsgSets[set + 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (nsgTo[middle] < value) low = middle + 1
    else high = middle
  }
  return low < nsgSets[set + 1] && nsgFrom[low] <= value
}
