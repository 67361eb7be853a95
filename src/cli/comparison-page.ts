// The page of a comparison, for `vxlane compare --html` and `vxlane report`.
import { type Comparison, comparisonReport } from '../report/comparison-report.js'
import type { RunEvidence } from '../report/run-evidence.js'
import { writeWhole } from '../run/output.js'

/** Writes the page to a file, or to standard output for `-`. */
export function writeComparisonPage(
  file: string,
  comparison: Comparison,
  command: string,
  a: RunEvidence | null,
  b: RunEvidence | null,
): void {
  const html = comparisonReport({ comparison, a, b, command })
  if (file === '-') process.stdout.write(html)
  else writeWhole(file, Buffer.from(html))
}

const RUN_PARTS = ['verdict', 'a', 'b', 'metrics', 'packetsPerSecond'] as const
const BENCH_PARTS = ['verdict', 'a', 'b', 'counts', 'options', 'workloads', 'notes'] as const

/** Whether a value read from a file is a comparison of this version: enough of it for a page. */
export function isComparison(value: unknown): value is Comparison {
  const found = value as Record<string, unknown>
  if (found.kind !== 'comparison' || found.schemaVersion !== 1) return false
  if (found.of === 'benches') return BENCH_PARTS.every(name => found[name] !== undefined) && Array.isArray(found.workloads)
  return (
    found.of === 'runs' &&
    RUN_PARTS.every(name => found[name] !== undefined) &&
    Array.isArray((found.metrics as { changed?: unknown } | null)?.changed)
  )
}
