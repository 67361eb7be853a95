// The only words between the main thread and a shard's thread besides the shared memory: a shard's task answers with one of
// these. A failure travels as data, because an error that crosses threads keeps its message but loses its class and fields.
import type { ShardReport } from '../engine/report.js'

export type ShardAnswer =
  | { readonly kind: 'report'; readonly report: ShardReport }
  /** The shard left because the board said that another one had died. */
  | { readonly kind: 'aborted' }
  | ShardFailure

export interface ShardFailure {
  readonly kind: 'failed'
  /** Class and message of what was thrown. */
  readonly cause: string
  /** Node's own code of the error, if it has one. */
  readonly code: string | null
  readonly stack: string
  /** Virtual time of the failure where the error knew it. */
  readonly timeNs: number | null
}

/** Puts any thrown value into words. */
export function failureOf(thrown: unknown): ShardFailure {
  const error: Error & { where?: { timeNs?: number }; code?: unknown } = thrown instanceof Error ? thrown : new Error(String(thrown))
  return {
    kind: 'failed',
    cause: `${error.name}: ${error.message}`,
    code: typeof error.code === 'string' ? error.code : null,
    stack: error.stack ?? '',
    timeNs: error.where?.timeNs ?? null,
  }
}

/** Buffers of a report that may be handed over instead of copied: each once, and none that is shared anyway. */
export function buffersOf(report: ShardReport): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>()
  for (const value of [...Object.values(report), ...Object.values(report.series)]) {
    if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer) found.add(value.buffer)
  }
  return [...found]
}
