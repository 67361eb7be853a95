// The order of events, once: by time, then by the logical process that caused the event, then by that process's own count. It mentions
// neither shards nor the order of arrival in a ring, hence the same run for any number of workers. No two events are equal in it.

/** Whether event `a` comes before event `b`; rows of `times` and `words` as `buckets.ts` lays them out. */
export function isBefore(times: Float64Array, words: Int32Array, a: number, b: number): boolean {
  const ta = times[a * 4]
  const tb = times[b * 4]
  if (ta !== tb) return ta < tb
  const oa = words[a * 8 + 2]
  const ob = words[b * 8 + 2]
  if (oa !== ob) return oa < ob
  // Sequence numbers wrap after 2^32 events of one process; two live ones are never that far apart.
  return ((words[a * 8 + 3] - words[b * 8 + 3]) | 0) < 0
}
