// A comparison of two benchmarks for looking at its page: every verdict occurs, samples come from a seeded stream, one name is hostile.
import type { BenchComparison, BenchVerdict, WorkloadComparison } from '../../src/compare/benches.js'

export const HOSTILE = `</script><img src=x onerror="alert(1)"> 'quoted' "twice" & \u202Eleft 🚀`

/** Park and Miller's generator: the same everywhere. */
function stream(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

const median = (samples: readonly number[]): number => [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)]

function timed(name: string, verdict: BenchVerdict, seed: number, shift: number, spread: number): WorkloadComparison {
  const next = stream(seed)
  const take = (centre: number) => Array.from({ length: 15 }, (_, i) => centre * (1 + spread * (next() - 0.5)) * (i === 7 ? 1.4 : 1))
  const [a, b] = [take(2e6 * seed), take(2e6 * seed * (1 + shift))]
  return {
    name,
    kind: seed % 2 === 0 ? 'kernel' : 'workload',
    unit: 'packets',
    units: { a: 10_000, b: 10_000 },
    verdict,
    exact: [],
    time: {
      a: { medianNs: median(a), samples: a },
      b: { medianNs: median(b), samples: b },
      shift,
      interval: [shift - spread / 3, shift + spread / 3],
      p: Math.abs(shift) > 0.05 ? 0.00003 : 0.4,
      pCorrected: Math.abs(shift) > 0.05 ? 0.0002 : 1,
      test: 'signedRank',
      noise: spread / 4,
      calibration: 0.5,
    },
  }
}

const side = (build: string) => ({
  suite: 'small/1',
  engine: { version: '0.2.0', node: 'v20.19.0', build },
  machine: { cpu: 'Some CPU', cores: 8, memoryBytes: 16 * 2 ** 30, os: 'linux 6.8' },
  order: 'ABBA' as const,
})

export const BENCHES: BenchComparison = {
  schemaVersion: 1,
  kind: 'comparison',
  of: 'benches',
  verdict: 'regressed',
  counts: { regressed: 1, different: 1, onlyInA: 0, onlyInB: 1, inconclusive: 1, improved: 1, changed: 1, equal: 2 },
  a: side('0123456789abcdef'),
  b: side('fedcba9876543210'),
  method: 'paired',
  notes: [`A note about ${HOSTILE}`],
  options: { floor: 0.03, alpha: 0.05, seed: 1, resamples: 10_000 },
  workloads: [
    timed(HOSTILE, 'regressed', 3, 0.124, 0.06),
    timed('vxlan pair', 'equal', 5, 0.004, 0.03),
    timed('conntrack lookups', 'improved', 6, -0.18, 0.05),
    timed('masquerade', 'inconclusive', 7, 0.05, 0.2),
    timed('longest prefix match', 'changed', 8, 0.017, 0.02),
    timed('ring of packets', 'equal', 9, -0.002, 0.02),
    {
      name: 'policies',
      kind: 'workload',
      unit: 'packets',
      units: { a: 5000, b: 5000 },
      verdict: 'different',
      exact: [
        { name: 'digest', a: 'aa', b: HOSTILE },
        { name: 'dropped', a: 12, b: null },
      ],
      time: null,
    },
    { name: 'new one', kind: 'kernel', unit: 'lookups', units: { a: null, b: 100 }, verdict: 'onlyInB', exact: [], time: null },
  ],
}
