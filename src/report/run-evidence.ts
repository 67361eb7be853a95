// What is at hand of a run beside the numbers that were compared.
import type { Series } from '../observe/series.js'
import type { RunResult } from '../run/result.js'

export interface RunEvidence {
  readonly result: RunResult
  readonly series: Series | null
  /** The resolved scenario as a text; null where the folder has none. */
  readonly scenario: string | null
  /** What the folder's manifest lists. */
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[]
}
