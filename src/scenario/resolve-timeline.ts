// From text to numbers for what changes over time: events, growth curves, lifetimes, the autoscaler, the control plane's own times.
import type { Distribution } from '../base/distribution.js'
import type { CompleteDocument } from './complete.js'
import type { AutoScaler, Churn, ControlPlane, Growth, TimelineAction, TimelineEvent, TracePoint } from './model-timeline.js'
import { qualified } from './names.js'
import { parseNodeShare } from './node-share.js'
import { policyOf } from './resolve-policy.js'
import { autoScalerProfile } from './schema-autoscaler.js'
import { amount, certain, factsOf, ns, range } from './values.js'

type Entry = CompleteDocument['timeline'][number]

export const timelineEventOf = (entry: Entry): TimelineEvent => ({ atNs: ns(entry.at), ...actionOf(entry) })

function actionOf({ scale, upgrade, expand, fail, occupy, vacate, apply, ...entry }: Entry): TimelineAction {
  if (scale?.pool !== undefined) return { kind: 'scalePool', pool: scale.pool, count: certain(scale.count) }
  if (scale) return { kind: 'scaleWorkload', workload: qualified(certain(scale.workload)), replicas: certain(scale.replicas) }
  if (upgrade)
    return { kind: 'upgrade', pool: upgrade.pool, maxSurge: upgrade.maxSurge === undefined ? null : parseNodeShare(upgrade.maxSurge) }
  if (expand) return { kind: 'expand', podCidr: range(expand.podCidr) }
  if (fail?.node !== undefined) return { kind: 'failNode', node: fail.node }
  if (fail) return { kind: 'failNodes', pool: certain(fail.pool), count: certain(fail.count) }
  if (occupy) return { kind: 'occupy', ...occupy }
  if (apply) return { kind: 'applyPolicies', policies: apply.networkPolicies.map(policyOf) }
  if (entry.delete) return { kind: 'deletePolicy', policy: qualified(entry.delete.networkPolicy) }
  return { kind: 'vacate', ...certain(vacate) }
}

type GivenGrowth = NonNullable<CompleteDocument['workloads'][number]['growth']>

export function growthOf(given: GivenGrowth, replicas: number, traces: ReadonlyMap<string, readonly TracePoint[]>): Growth {
  switch (given.kind) {
    case 'linear':
      return { kind: 'linear', add: given.add, perNs: ns(given.per), startNs: ns(given.start), most: given.most }
    case 'exponential':
      return { kind: 'exponential', doublingNs: doublingOf(given), startNs: ns(given.start), most: given.most }
    case 'diurnal': {
      const { mean = replicas, amplitude, period, peakAt } = given
      return { kind: 'diurnal', mean, amplitude, periodNs: ns(period), peakAtNs: ns(peakAt) }
    }
    case 'trace':
      return { kind: 'trace', points: traces.get(given.file) ?? [] }
  }
}

/** Whole nanoseconds, so that the last bit of a logarithm never shows. */
function doublingOf({ doubling, rate, per }: GivenGrowth & { kind: 'exponential' }): number {
  if (doubling !== undefined) return ns(doubling)
  return Math.round(ns(certain(per)) / Math.log2(1 + amount(certain(rate), 'share')))
}

type Lifetime = NonNullable<CompleteDocument['workloads'][number]['churn']>['lifetime']

export const churnOf = ({ lifetime }: { readonly lifetime: Lifetime }): Churn => ({ lifetime: spanOf(lifetime) })

/** One span of time, or a distribution of such. */
export const spanOf = (given: Lifetime): Distribution =>
  typeof given === 'string' ? { kind: 'constant', value: ns(given) } : timesOf(given)

type GivenTimes = Exclude<Lifetime, string>

function timesOf(given: GivenTimes): Distribution {
  switch (given.kind) {
    case 'constant':
      return { kind: 'constant', value: ns(given.value) }
    case 'uniform':
      return { kind: 'uniform', least: ns(given.least), most: ns(given.most) }
    case 'exponential':
      return { kind: 'exponential', mean: ns(given.mean), least: ns(given.least), most: ns(given.most) }
    case 'lognormal':
      return { kind: 'lognormal', median: ns(given.median), sigma: given.sigma, least: ns(given.least), most: ns(given.most) }
    case 'pareto':
      return { kind: 'pareto', scale: ns(given.scale), shape: given.shape, most: ns(given.most) }
    case 'empirical':
      return { kind: 'empirical', values: given.values.map(({ value, weight }) => ({ value: ns(value), weight })) }
  }
}

export function autoScalerOf(given: CompleteDocument['cluster']['autoScalerProfile']): AutoScaler {
  const {
    scanInterval,
    newPodScaleUpDelay,
    maxNodeProvisionTime,
    scaleDownDelayAfterAdd,
    scaleDownDelayAfterDelete,
    scaleDownDelayAfterFailure,
    scaleDownUnneededTime,
    scaleDownUnreadyTime,
    okTotalUnreadyCount,
    maxTotalUnreadyPercentage,
    scaleDownUtilizationThreshold,
    maxEmptyBulkDelete,
    expander,
    ...rest
  } = given ?? autoScalerProfile.parse({})
  return {
    scanIntervalNs: ns(scanInterval),
    newPodScaleUpDelayNs: ns(newPodScaleUpDelay),
    maxNodeProvisionTimeNs: ns(maxNodeProvisionTime),
    scaleDownDelayAfterAddNs: ns(scaleDownDelayAfterAdd),
    scaleDownDelayAfterDeleteNs: ns(scaleDownDelayAfterDelete),
    scaleDownDelayAfterFailureNs: ns(scaleDownDelayAfterFailure),
    scaleDownUnneededTimeNs: ns(scaleDownUnneededTime),
    scaleDownUnreadyTimeNs: ns(scaleDownUnreadyTime),
    okTotalUnreadyCount: Number(okTotalUnreadyCount),
    maxTotalUnreadyPercentage: Number(maxTotalUnreadyPercentage),
    scaleDownUtilizationThreshold: Number(scaleDownUtilizationThreshold),
    maxEmptyBulkDelete: Number(maxEmptyBulkDelete),
    expander: expander === 'priority' ? 'random' : expander,
    ...factsOf(rest),
  }
}

export function controlPlaneOf(given: CompleteDocument['fabric']['controlPlane']): ControlPlane {
  return {
    nodeProvisioningNs: ns(given.nodeProvisioning),
    drainNs: ns(given.drain),
    reimageNs: ns(given.reimage),
    sandboxRetryNs: ns(given.sandboxRetry),
    evictionNs: ns(given.eviction),
    networkRetryNs: ns(given.networkRetry),
    scaleUp: given.scaleUp,
    preCheck: given.preCheck,
    backoffNs: ns(given.backoff),
    maxBackoffNs: ns(given.maxBackoff),
  }
}
