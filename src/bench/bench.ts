// What one benchmark is: fixed work of a known size, prepared first and then done, with what it did as exact numbers. Whoever adds one
// writes a file with `prepare` and a row in `suite.ts`; whoever changes what one does raises the version there.

/** `full` is what is measured; `smoke` is the same work a hundred times smaller, for tests. */
export const SIZES = ['full', 'smoke'] as const
export type Size = (typeof SIZES)[number]

export type Exact = Readonly<Record<string, number | string>>

/** What was done. Every time the same, whatever the machine. */
export interface Done {
  readonly units: number
  readonly exact: Exact
}

/** Does the work once. It may be called again and must then do the very same. */
export type Work = () => Done | Promise<Done>

/** Makes ready what is not to be measured: data, tables, the scenario as read. */
export type Prepare = (size: Size) => Work

export interface Bench {
  readonly name: string
  readonly kind: 'workload' | 'kernel'
  /** What `units` counts. */
  readonly unit: string
  /** One line for `--list`. */
  readonly about: string
  /** Part of the set that runs when nobody names one. */
  readonly isQuick: boolean
  /** How often the work is done before it is measured, in the same process. */
  readonly warmUps: number
  /** How often it is measured for one sample, the mean of which counts. */
  readonly passes: number
  /** How often the calibration kernel runs before, between and after them. */
  readonly calibrations: number
  readonly load: () => Promise<{ readonly prepare: Prepare }>
}
