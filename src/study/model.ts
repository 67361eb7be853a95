// A study that has been read and checked: what `load.ts` hands on.
import type { Expression } from '../scenario/expression.js'

export type StudyMode = 'plan' | 'run'

/** One value of one path; undefined takes the key out. */
export interface Assignment {
  /** In the schema's spelling, as in cluster.agentPoolProfiles[0].count. */
  readonly path: string
  readonly value: unknown
}

/** One axis: what each of its steps sets. Linked paths set several values at once. */
export interface Axis {
  /** For tables; null: named by its paths. */
  readonly name: string | null
  /** What each step is called; null: by its values. */
  readonly labels: readonly string[] | null
  readonly paths: readonly string[]
  readonly steps: readonly (readonly Assignment[])[]
}

export interface Search {
  readonly path: string
  readonly from: number
  readonly step: number
  /** Values from..from + (count - 1) * step. */
  readonly count: number
  readonly unit: string
  /** Whether the largest or the smallest value that holds is wanted. */
  readonly want: 'largest' | 'smallest'
  readonly condition: Expression
  readonly conditionText: string
}

export interface Measure {
  readonly text: string
  readonly expression: Expression
}

/** Where the points of a study begin: the scenario as data. */
export interface StudyBase {
  /** The file as the study names it; null for a scenario inside the study. */
  readonly given: string | null
  readonly value: object
  /** Where relative file names in it count from. */
  readonly folder: string
}

export interface Study {
  readonly name: string
  readonly description: string
  readonly mode: StudyMode
  readonly base: StudyBase
  readonly set: readonly Assignment[]
  readonly axes: readonly Axis[]
  readonly search: Search | null
  readonly seeds: number
  readonly measures: readonly Measure[]
}
