// How a run can fail that is not the scenario's fault. Scenario mistakes are ScenarioErrors; interrupted runs have results.

/** Our own program could not finish the run: exit code 1. Names shard, virtual time and seed, which reproduce it, and the cause. */
export class RunError extends Error {
  override name = 'RunError'
  constructor(
    message: string,
    readonly where: { readonly seed: number; readonly shard: number | null; readonly timeNs: number | null },
    /** Stack of the thread that failed, where there is one. */
    readonly detail: string = '',
  ) {
    super(message)
  }
}

/** The results cannot be written where they should go: a mistake of usage, exit code 2. */
export class OutputError extends Error {
  override name = 'OutputError'
}

/** The run would need more memory than the machine has: exit code 2, unless forced. */
export class MemoryError extends Error {
  override name = 'MemoryError'
}

/** Virtual time as a person reads it, exact to the nanosecond. */
export const inSeconds = (timeNs: number): string => `${(timeNs / 1e9).toFixed(9).replace(/\.?0+$/, '')} s`
