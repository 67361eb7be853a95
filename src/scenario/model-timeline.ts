// What changes over virtual time, resolved: events at stated moments, growth curves, lifetimes of pods, the cluster autoscaler, and how
// long the control plane's own work takes. All times in ns. A scenario without any of it is at rest, and planned as such.
import type { SimTime } from '../base/brand.js'
import type { Distribution } from '../base/distribution.js'
import type { Cidr } from '../wire/address.js'
import type { NetworkPolicy } from './model-policy.js'
import type { NodeShare } from './node-share.js'

/** One entry of `timeline`. Entries of the same moment happen in the order of the file. */
export type TimelineEvent = { readonly atNs: SimTime } & TimelineAction

export type TimelineAction =
  | { readonly kind: 'scalePool'; readonly pool: string; readonly count: number }
  | { readonly kind: 'scaleWorkload'; readonly workload: string; readonly replicas: number }
  /** `maxSurge` null: the pool's own. */
  | { readonly kind: 'upgrade'; readonly pool: string; readonly maxSurge: NodeShare | null }
  | { readonly kind: 'expand'; readonly podCidr: Cidr }
  | { readonly kind: 'failNode'; readonly node: string }
  /** The pool's first `count` nodes. */
  | { readonly kind: 'failNodes'; readonly pool: string; readonly count: number }
  | { readonly kind: 'occupy'; readonly subnet: string; readonly count: number }
  | { readonly kind: 'vacate'; readonly subnet: string; readonly count: number }
  /** Each replaces the policy of its name, if there is one. */
  | { readonly kind: 'applyPolicies'; readonly policies: readonly NetworkPolicy[] }
  /** As namespace/name. */
  | { readonly kind: 'deletePolicy'; readonly policy: string }

/** How the replicas of a workload change by themselves. Each curve begins with the workload's own `replicas`; a diurnal one and a trace replace it. */
export type Growth =
  | { readonly kind: 'linear'; readonly add: number; readonly perNs: number; readonly startNs: number; readonly most: number }
  | { readonly kind: 'exponential'; readonly doublingNs: number; readonly startNs: number; readonly most: number }
  | {
      readonly kind: 'diurnal'
      readonly mean: number
      readonly amplitude: number
      readonly periodNs: number
      readonly peakAtNs: number
    }
  | { readonly kind: 'trace'; readonly points: readonly TracePoint[] }

/** From `atNs` on there are so many replicas. */
export interface TracePoint {
  readonly atNs: number
  readonly replicas: number
}

/** Pods end after a lifetime, drawn anew for each, and are replaced at once. In ns. */
export interface Churn {
  readonly lifetime: Distribution
}

/** The cluster autoscaler, by the names of its profile. */
export interface AutoScaler {
  readonly scanIntervalNs: number
  readonly newPodScaleUpDelayNs: number
  readonly maxNodeProvisionTimeNs: number
  readonly scaleDownDelayAfterAddNs: number
  readonly scaleDownDelayAfterDeleteNs: number
  readonly scaleDownDelayAfterFailureNs: number
  readonly scaleDownUnneededTimeNs: number
  /** The same of a node that is not ready. */
  readonly scaleDownUnreadyTimeNs: number
  /** More unready nodes than this, and a larger share of all: the autoscaler does nothing. */
  readonly okTotalUnreadyCount: number
  readonly maxTotalUnreadyPercentage: number
  /** A node with a smaller share of its maxPods in use is a candidate for removal. */
  readonly scaleDownUtilizationThreshold: number
  readonly maxEmptyBulkDelete: number
  readonly expander: 'random' | 'most-pods' | 'least-waste'
  readonly facts?: Readonly<Record<string, unknown>>
}

/** How long the control plane's work takes, and what it does where Azure leaves a choice. */
export interface ControlPlane {
  readonly nodeProvisioningNs: number
  readonly drainNs: number
  readonly reimageNs: number
  readonly sandboxRetryNs: number
  readonly evictionNs: number
  readonly networkRetryNs: number
  readonly scaleUp: 'allOrNothing' | 'partial'
  readonly preCheck: boolean
  readonly backoffNs: number
  readonly maxBackoffNs: number
}
