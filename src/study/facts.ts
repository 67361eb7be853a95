// What is kept of a point: the outcome as data, small enough for a line of the journal, large enough for any expression that is asked
// later. Times of this machine are left out, so that a point is the same wherever it was computed.
import type { Resource } from '../cluster/resource.js'
import type { PlanResult } from '../limits/plan.js'
import type { RunResult } from '../run/result.js'
import type { WaitResult, WaitResults } from '../run/waits.js'

/** Why a point holds nothing: Azure would not have made this cluster. */
export interface Refusal {
  readonly code: string
  readonly message: string
}

/** A resource without its timeline. */
export type ResourceFact = Omit<Resource, 'timeline'>

/** What points of both modes have. */
export interface CommonFacts {
  readonly refused: Refusal | null
  /** The arithmetic's view: whether everything fits, and how far it reaches. */
  readonly fits: boolean
  readonly maxNodes: number
  readonly maxPods: number
  /** What was refused for, what ran out first, or else what would bind first. */
  readonly bindingResource: string
  /** Virtual time until something ran out, in ns: 0 where nothing could begin, null where nothing ran out. */
  readonly timeToExhaustion: number | null
  readonly resources: readonly ResourceFact[]
}

export interface PlanFacts extends CommonFacts {
  readonly kind: 'plan'
  readonly addressing: string
  readonly simulatedNs: number
  readonly nodes: number
  readonly pods: { readonly running: number; readonly waiting: number }
  /** Pods created and ended over time. */
  readonly podEvents: number
  /** How long pods waited for a node and for an address, and nodes for a range for their pods; null where nothing changes over time. */
  readonly waits: WaitFacts | null
  /** How often each thing happened, by the reason that Kubernetes and Azure give it. */
  readonly eventCounts: Readonly<Record<string, number>>
}

/** As in results, without the histogram. */
export type WaitFact = Omit<WaitResult, 'histogram'>

export type WaitFacts = Readonly<Record<keyof WaitResults, WaitFact>>

/** A run's result without what is long or about this machine. */
export type RunFacts = CommonFacts & { readonly kind: 'run' } & Partial<
    Omit<RunResult, 'schemaVersion' | 'kind' | 'resources' | 'engine' | 'performance' | 'histograms' | 'checkpoints' | 'waits'>
  > & { readonly waits?: WaitFacts | null }

export type PointFacts = PlanFacts | RunFacts

/**
 * Resources as a study keeps them. Where the autoscaler is on, pods without a place are what makes it act: `maxPods` counts as exhausted
 * only if every place is still taken at the end, and then since that has been so.
 */
export const factsOf = (resources: readonly Resource[], isAutoScaled: boolean): ResourceFact[] =>
  resources.map(({ timeline, ...fact }) => {
    if (!isAutoScaled || fact.name !== 'maxPods' || !fact.exhausted) return fact
    const isFull = fact.used >= fact.capacity
    const lastFree = timeline.findLastIndex(([, used]) => used < fact.capacity)
    return { ...fact, exhausted: isFull, exhaustedAtNs: isFull ? (timeline[lastFree + 1]?.[0] ?? fact.exhaustedAtNs) : null }
  })

/** The resource that ran out first, the first of several. */
function firstExhausted(resources: readonly ResourceFact[]): ResourceFact | null {
  const found = resources.filter(({ exhausted }) => exhausted)
  return found.reduce<ResourceFact | null>((best, one) => (best === null || at(one) < at(best) ? one : best), null)
}

const at = ({ exhaustedAtNs }: ResourceFact): number => exhaustedAtNs ?? Number.POSITIVE_INFINITY

/** The common part, from the arithmetic and, where the cluster was made, what was used. */
export function commonFacts(
  limits: PlanResult,
  refusal: { readonly refused: Refusal; readonly limit: string } | null,
  resources: readonly ResourceFact[],
): CommonFacts {
  const { fits, maxNodes, maxPods } = limits
  const exhausted = firstExhausted(resources)
  return {
    refused: refusal?.refused ?? null,
    fits: fits && refusal === null,
    maxNodes,
    maxPods,
    bindingResource: refusal?.limit ?? exhausted?.name ?? limits.bindingResource,
    timeToExhaustion: refusal ? 0 : (exhausted?.exhaustedAtNs ?? null),
    resources: refusal ? [refusedResource(refusal.limit)] : resources,
  }
}

/** So that "resources.exhausted" names what a refusal was about. */
const refusedResource = (limit: string): ResourceFact => ({
  name: limit as Resource['name'],
  scope: 'cluster',
  unit: '',
  capacity: 0,
  used: 0,
  peak: 0,
  exhausted: true,
  exhaustedAtNs: 0,
  failures: 1,
})

const withoutHistogram = ({ histogram: _, ...wait }: WaitResult): WaitFact => wait

export const waitFacts = (waits: RunResult['waits']): WaitFacts | null =>
  waits && {
    node: withoutHistogram(waits.node),
    address: withoutHistogram(waits.address),
    start: withoutHistogram(waits.start),
    range: withoutHistogram(waits.range),
  }
