// Distributions of sizes as a scenario states them, with their exact means. Sampling in the data plane is `traffic/sizes.ts`.

/** A distribution of a quantity in its own unit (bytes for sizes). Values outside [least, most] are clamped to the bound. */
export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  /** Integers from least to most, both included, equally likely. */
  | { readonly kind: 'uniform'; readonly least: number; readonly most: number }
  | { readonly kind: 'exponential'; readonly mean: number; readonly least: number; readonly most: number }
  | { readonly kind: 'lognormal'; readonly median: number; readonly sigma: number; readonly least: number; readonly most: number }
  /** P(X > x) = (scale / x) ^ shape. */
  | { readonly kind: 'pareto'; readonly scale: number; readonly shape: number; readonly most: number }
  /** Each value with its weight (any positive numbers). */
  | { readonly kind: 'empirical'; readonly values: readonly { readonly value: number; readonly weight: number }[] }
