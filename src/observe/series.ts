// series.msgpack: what is too long for JSON, as a msgpackr sequential stream of versioned records. The first record is a header with
// the names and columns; then comes one record for each statistics interval, with a column of numbers per quantity and a row per
// logical process in which anything happened; the last record counts the intervals, so that a cut file is known to be cut.
import { Packr, Unpackr } from 'msgpackr'

export const SERIES_VERSION = 1

/** Per logical process and interval. `queuePeak` and `conntrack` are levels, the others count what happened in the interval. */
export const SERIES_COLUMNS = ['lp', 'sent', 'delivered', 'dropped', 'bytesDelivered', 'queuePeak', 'conntrack'] as const
export type SeriesColumn = (typeof SERIES_COLUMNS)[number]

/** A file beyond this is refused before it is decoded, bytes. */
const MAX_SERIES_BYTES: number = 2 ** 30

export interface SeriesHeader {
  readonly version: typeof SERIES_VERSION
  readonly kind: 'header'
  readonly scenario: string
  readonly hash: string
  readonly seed: number
  readonly intervalNs: number
  readonly columns: readonly string[]
  /** Names of the reasons that `dropReason` counts into. */
  readonly reasons: readonly string[]
  /** Names of logical processes: nodes, the appliance, endpoints; `lp` counts into them. */
  readonly names: readonly string[]
}

export type SeriesInterval = {
  readonly version: typeof SERIES_VERSION
  readonly kind: 'interval'
  /** The interval begins at `interval * intervalNs`. */
  readonly interval: number
  /** Digest of everything before the interval's end; null where the run stopped within it. */
  readonly digest: string | null
  /** Drops by reason, a row per logical process and reason that occurred. */
  readonly dropLp: readonly number[]
  readonly dropReason: readonly number[]
  readonly dropCount: readonly number[]
  /**
   * Translated source ports, a row per logical process and place: `portBy` 0 are those its own masquerade holds towards the destination that
   * needs most, 1 those it holds at the load balancer or NAT gateway. `portRefused` are new flows that found none within the interval.
   */
  readonly portLp: readonly number[]
  readonly portBy: readonly number[]
  readonly portUsed: readonly number[]
  readonly portRefused: readonly number[]
  /** Addresses that pods of the node have at the interval's end, for each row of `lp`. Files of earlier versions have no such column. */
  readonly podAddresses?: readonly number[]
} & { readonly [Column in SeriesColumn]: readonly number[] }

export interface Series {
  readonly header: SeriesHeader
  readonly intervals: readonly SeriesInterval[]
}

/** The bytes of a series file. Intervals may be made as they are asked for. */
export function writeSeries(header: SeriesHeader, intervals: Iterable<SeriesInterval>): Uint8Array {
  // A sequential stream carries the definition of each kind of record in front of its first use: any msgpackr reads it.
  const packr = new Packr({ sequential: true, useRecords: true })
  const parts = [Uint8Array.from(packr.pack(header))]
  let count = 0
  for (const interval of intervals) {
    parts.push(Uint8Array.from(packr.pack(interval)))
    count++
  }
  parts.push(Uint8Array.from(packr.pack({ version: SERIES_VERSION, kind: 'end', intervals: count })))
  return Buffer.concat(parts)
}

/** Why a file is no series: a sentence, never a fault of the decoder. */
export class SeriesError extends Error {
  override name = 'SeriesError'
}

/** Reads a series file. Throws {@link SeriesError} and nothing else, whatever the bytes are. */
export function readSeries(bytes: Uint8Array): Series {
  if (bytes.length === 0) throw new SeriesError('the series is empty')
  if (bytes.length > MAX_SERIES_BYTES) throw new SeriesError(`the series has ${bytes.length} bytes; at most ${MAX_SERIES_BYTES} are read`)
  const records = decode(bytes)
  const header = records[0]
  const end = records.at(-1)
  requireHeader(header)
  const intervals = records.slice(1, -1)
  for (const [i, record] of intervals.entries()) requireInterval(record, i, header)
  if (!isRecord(end) || end.kind !== 'end' || end.intervals !== intervals.length)
    throw new SeriesError('the series is cut: its last record is missing')
  return { header, intervals: intervals as SeriesInterval[] }
}

function decode(bytes: Uint8Array): unknown[] {
  try {
    // The decoder bounds every allocation by the bytes that are left, and deep nesting ends as a RangeError.
    return new Unpackr({ sequential: true, useRecords: true }).unpackMultiple(Buffer.from(bytes)) as unknown[]
  } catch (error) {
    throw new SeriesError(`the series is damaged: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isTextList = (value: unknown): value is string[] => Array.isArray(value) && value.every(item => typeof item === 'string')

function requireHeader(record: unknown): asserts record is SeriesHeader {
  if (!isRecord(record) || record.kind !== 'header') throw new SeriesError('the series does not begin with its header')
  if (record.version !== SERIES_VERSION) {
    throw new SeriesError(`the series is of version ${String(record.version).slice(0, 20)}; this program reads version ${SERIES_VERSION}`)
  }
  const sound =
    typeof record.scenario === 'string' &&
    typeof record.hash === 'string' &&
    isCount(record.seed) &&
    isCount(record.intervalNs) &&
    isTextList(record.columns) &&
    isTextList(record.names) &&
    isTextList(record.reasons) &&
    SERIES_COLUMNS.every(column => (record.columns as string[]).includes(column))
  if (!sound) throw new SeriesError('the header of the series is damaged')
}

function requireInterval(record: unknown, index: number, { names, reasons }: SeriesHeader): void {
  if (!isRecord(record) || record.kind !== 'interval' || record.version !== SERIES_VERSION)
    throw new SeriesError(`record ${index + 1} is no interval`)
  const columns = SERIES_COLUMNS.map(column => record[column])
  const [lps] = columns
  const sound =
    isCount(record.interval) &&
    (record.digest === null || typeof record.digest === 'string') &&
    Array.isArray(lps) &&
    columns.every(column => Array.isArray(column) && column.length === lps.length && column.every(isCount)) &&
    lps.every(lp => lp < names.length) &&
    areDropsSound(record, names.length, reasons.length) &&
    arePortsSound(record, names.length)
  if (!sound) throw new SeriesError(`interval record ${index + 1} is damaged`)
}

function areDropsSound({ dropLp, dropReason, dropCount }: Record<string, unknown>, names: number, reasons: number): boolean {
  const lists = [dropLp, dropReason, dropCount]
  if (!lists.every(list => Array.isArray(list) && list.every(isCount))) return false
  const [lps, kinds, counts] = lists as number[][]
  return lps.length === kinds.length && lps.length === counts.length && lps.every(lp => lp < names) && kinds.every(kind => kind < reasons)
}

function arePortsSound({ portLp, portBy, portUsed, portRefused }: Record<string, unknown>, names: number): boolean {
  const lists = [portLp, portBy, portUsed, portRefused]
  if (!lists.every(list => Array.isArray(list) && list.every(isCount))) return false
  const [lps, ...others] = lists as number[][]
  return others.every(list => list.length === lps.length) && lps.every(lp => lp < names) && others[0].every(by => by < 2)
}
