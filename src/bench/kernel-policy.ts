// NetworkPolicy verdicts: 200 programs of up to eight port spans each over 1,000 peers, asked as the data plane asks when a connection is new.
import { BitRows, emptyBits, setBit } from '../base/bits.js'
import { Programs, type Span } from '../cluster/policy-program.js'
import { isAllowed, PROTOCOLS } from '../table/policy.js'
import type { Done, Size, Work } from './bench.js'
import { numbers } from './numbers.js'

const PROGRAMS = 200
const PEERS = 1000
const SETS = 50
/** How often all questions are asked. */
export const PASSES = 10

export interface PolicyInput {
  readonly sets: readonly Uint32Array[]
  readonly programs: readonly (readonly Span[])[]
  /** Program, protocol, port and peer of each question. */
  readonly asked: Int32Array
}

export function policyInput(size: Size): PolicyInput {
  const draws = numbers(SETS * PEERS, 3)
  const sets = Array.from({ length: SETS }, (_, set) => {
    const bits = emptyBits(PEERS)
    // One peer in eight, on average.
    for (let peer = 0; peer < PEERS; peer++) if ((draws[set * PEERS + peer] & 7) === 0) setBit(bits, peer)
    return bits
  })
  const spans = numbers(PROGRAMS * 8 * 4, 13)
  const programs = Array.from({ length: PROGRAMS }, (_, program) =>
    Array.from({ length: 1 + (program & 7) }, (_, i) => spanOf(spans.subarray((program * 8 + i) * 4))),
  )
  const questions = size === 'full' ? 500_000 : 10_000
  const asked = numbers(questions * 4, 17)
  const ranges = [PROGRAMS, PROTOCOLS, 65536, PEERS]
  for (let i = 0; i < asked.length; i++) asked[i] = (asked[i] >>> 0) % ranges[i & 3]
  return { sets, programs, asked }
}

/** One span in eight is for all protocols and ports; the others for one port or up to 4,096. */
function spanOf(draws: Int32Array): Span {
  const set = (draws[0] >>> 0) % SETS
  if ((draws[1] & 7) === 0) return { protocol: null, first: 0, last: 65535, set }
  const first = draws[2] & 0xffff
  const last = draws[3] & 1 ? first : Math.min(65535, first + ((draws[3] >>> 1) & 4095))
  return { protocol: (draws[1] >>> 3) & 1, first, last, set }
}

export function prepare(size: Size): Work {
  const { sets, programs, asked } = policyInput(size)
  const width = sets[0].length
  const rows = new BitRows(width)
  // Equal sets would share a row; these are all different, so a set's row is its number.
  for (const set of sets) rows.rowOf(set)
  const compiled = new Programs(rows, new BitRows(width), PEERS)
  for (const spans of programs) compiled.add(spans)
  const table = {
    policyFirst: Uint32Array.from(compiled.first),
    policyPort: Uint16Array.from(compiled.ports),
    policyRow: Uint32Array.from(compiled.rows),
    policyBits: compiled.allowed.sealed(),
  }
  return () => ask(table, width, asked)
}

function ask(table: Parameters<typeof isAllowed>[0], width: number, asked: Int32Array): Done {
  let allowed = 0
  for (let pass = 0; pass < PASSES; pass++) {
    for (let i = 0; i < asked.length; i += 4) {
      if (isAllowed(table, width, asked[i], asked[i + 1], asked[i + 2], asked[i + 3])) allowed++
    }
  }
  const verdicts = (asked.length / 4) * PASSES
  return { units: verdicts, exact: { verdicts, allowed } }
}
