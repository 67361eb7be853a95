// The two clocks of a sample. What is compared is processor time, user and system, of the whole process with all its threads: what the work
// cost. Time on the wall stands beside it: on a machine with neighbours it says more about them than about the work.

export interface Took {
  /** Processor time, ns. */
  readonly ns: number
  readonly wallNs: number
}

/** Times some work. The result of the work is kept from being optimised away by being returned. */
export async function timed<Value>(work: () => Value | Promise<Value>): Promise<Took & { readonly value: Value }> {
  const wall = performance.now()
  const before = process.cpuUsage()
  const value = await work()
  const { user, system } = process.cpuUsage(before)
  // Processor time comes in microseconds.
  return { ns: Math.max(1, user + system) * 1e3, wallNs: Math.max(1, Math.round((performance.now() - wall) * 1e6)), value }
}
