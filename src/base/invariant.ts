// The one way our own bugs end a run. Scenario mistakes are issues, packet fates are verdicts; only what must never happen throws.

/** Raised when the program broke one of its own laws; `where` gives the seed, shard and virtual time that reproduce it. */
export class InvariantError extends Error {
  override name = 'InvariantError'
  constructor(
    message: string,
    readonly where: { seed?: number; shard?: number; timeNs?: number } = {},
  ) {
    super(message)
  }
}

/** Throws an {@link InvariantError} unless `held`. Never called per packet with a built message: pass a literal. */
export function invariant(held: boolean, message: string, where?: InvariantError['where']): asserts held {
  if (!held) throw new InvariantError(message, where)
}
