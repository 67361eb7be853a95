// Logical processes to shards, so that every shard expects about the same number of packets: the heaviest process first, each to the
// shard with the least so far (Graham's LPT rule, at worst a third above the best possible). O(n log n), no randomness.

/** The shard of each logical process. `loads` are expected packets per second; equal loads and equal shards go by number. */
export function partition(loads: ArrayLike<number>, shards: number): Uint16Array {
  const order = Int32Array.from({ length: loads.length }, (_, lp) => lp)
  order.sort((a, b) => loads[b] - loads[a] || a - b)
  const shardOf = new Uint16Array(loads.length)
  const load = new Float64Array(shards)
  const count = new Uint32Array(shards)
  for (const lp of order) {
    let best = 0
    for (let shard = 1; shard < shards; shard++) {
      // Idle processes still cost a little: where the loads agree, the shard with fewer processes gets the next.
      if (load[shard] < load[best] || (load[shard] === load[best] && count[shard] < count[best])) best = shard
    }
    shardOf[lp] = best
    load[best] += loads[lp]
    count[best]++
  }
  return shardOf
}
