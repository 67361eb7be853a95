// Egress rates of Azure VM sizes, from Microsoft's Dsv5 page ("dv5-dsv5-series"). Azure meters a VM's egress only, all NICs and
// destinations summed. Sizes not listed here have no known rate; `fabric.nicRate` then says it, or 12.5 Gbps is taken.

const GBPS = 1e9
const DSV5: readonly (readonly [cores: number, rate: number])[] = [
  [2, 12.5],
  [4, 12.5],
  [8, 12.5],
  [16, 12.5],
  [32, 16],
  [48, 24],
  [64, 30],
  [96, 35],
]

const RATES: ReadonlyMap<string, number> = new Map(DSV5.map(([cores, rate]) => [`standard_d${cores}s_v5`, rate * GBPS]))

/** Bits per second that the NIC of a VM of this size sends, or null if it is not known. Letter case does not count, as in Azure. */
export const nicRateOf = (vmSize: string): number | null => RATES.get(vmSize.toLowerCase()) ?? null
