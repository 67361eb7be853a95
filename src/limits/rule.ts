// One limit: what there is, what so many nodes ask of it, and the words around it. Rules are made for one input and then asked for any
// number of nodes, which is how "how far does this reach" is found for each of them in the same way.
import type { LimitName } from '../cluster/limit-of-issue.js'
import type { Demand } from './demand.js'
import type { PlanInput } from './input.js'

/**
 * Who says no: Azure, before it makes anything; nobody, until the things are used up and pods or nodes wait; or only the documents, as
 * what is supported or wise.
 */
export type Enforcement = 'admission' | 'use' | 'advice'

export interface Rule {
  readonly resource: LimitName
  /** `cluster`, or the subnet, pool or node that it is about. */
  readonly scope: string
  readonly unit: string
  readonly enforced: Enforcement
  /** The rule in words. */
  readonly rule: string
  /** Title of the public page that it stands on. */
  readonly source: string
  readonly available: number
  needed(demand: Demand): number
  /** The same with the numbers written out. */
  arithmetic(demand: Demand): string
  /** Taken at rest by the nodes and pods that there are. */
  readonly used: number
  /** Whether more nodes need more of it. */
  readonly limitsNodes: boolean
  /** Pods that it allows, where that is not simply those of the nodes it allows; null where it says nothing of pods. */
  readonly pods?: number | null
  /** The smallest range that would do, as "/21". */
  smallest?(needed: number): string | null
  /** What Azure or we answer when it does not fit. */
  refusal(needed: number): { readonly code: string; readonly message: string; readonly path: readonly (string | number)[] }
}

/** Makes the rules of one kind for an input; none where they do not apply. */
export type RuleMaker = (input: PlanInput) => readonly Rule[]

export const many = (value: number): string => value.toLocaleString('en-US')
