// Shape of what changes over virtual time: `timeline`, `workloads[].growth` and `churn`, and how long the control plane's work takes.
import { z } from 'zod'
import { cidr, quantity, refuse, time } from './fields.js'
import { parseNodeShare } from './node-share.js'
import { networkPolicy } from './schema-policies.js'

const count = (most: number) => z.int().min(0).max(most)

const scale = z.strictObject({
  pool: z.string().optional().describe('Node pool to scale by hand (az aks nodepool scale), with count.'),
  count: count(1_000_000).optional(),
  workload: z.string().optional().describe('Workload to scale (kubectl scale), with replicas.'),
  replicas: count(10_000_000).optional(),
})

const surge = z.union([z.string(), z.int().min(0)]).superRefine((given, ctx) => {
  if (parseNodeShare(given) === null) refuse(ctx, 'BadValue', `"${given}" is no number of nodes and no share of them`, 'write 10% or 2')
})

const shared = z.strictObject({ subnet: z.string().describe('A name of vnet.subnets.'), count: count(10_000_000) })

/** Keys of a timeline entry that say what happens; exactly one stands in each. */
export const TIMELINE_ACTIONS = ['scale', 'upgrade', 'expand', 'fail', 'occupy', 'vacate', 'apply', 'delete'] as const

export const timelineEvent = z.strictObject({
  at: time().describe('Moment of the event, from the beginning of the run.'),
  scale: scale.optional().describe('To a number of nodes or of replicas.'),
  upgrade: z
    .strictObject({ pool: z.string(), maxSurge: surge.optional().describe("The pool's upgradeSettings.maxSurge by default.") })
    .optional()
    .describe('Reimages every node of a pool: surge nodes, drain, reimage (az aks nodepool upgrade).'),
  expand: z.strictObject({ podCidr: cidr() }).optional().describe('A larger pod CIDR that contains the old one; overlay only.'),
  fail: z
    .strictObject({
      node: z.string().optional().describe('This node is lost for good.'),
      pool: z.string().optional().describe('The first `count` nodes of this pool are lost.'),
      count: count(1_000_000).optional(),
    })
    .optional(),
  occupy: shared.optional().describe('Others (VMs, private endpoints) take addresses of a subnet.'),
  vacate: shared.optional().describe('Others give back addresses that they took.'),
  apply: z
    .strictObject({ networkPolicies: z.array(networkPolicy).min(1) })
    .optional()
    .describe('Policies come into force (kubectl apply); one of a known name replaces it.'),
  delete: z
    .strictObject({ networkPolicy: z.string().describe('namespace/name; the namespace "default" may be left out.') })
    .optional()
    .describe('A policy is taken away (kubectl delete networkpolicy).'),
})

const positive = z.number().positive()
const most = count(10_000_000).default(10_000_000).describe('Replicas at which the growth ends.')
const start = time().default('0s').describe('When the growth begins.')

export const growth = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('linear'), add: z.int().min(1), per: time({ min: 1 }), start, most }),
    z.strictObject({
      kind: z.literal('exponential'),
      doubling: time({ min: 1 }).optional().describe('Time in which the replicas double; or give rate and per.'),
      rate: quantity('share', { min: 1e-9, max: 1e6 }).optional().describe('Growth in each `per`: 5%.'),
      per: time({ min: 1 }).optional(),
      start,
      most,
    }),
    z.strictObject({
      kind: z.literal('diurnal'),
      mean: z.number().min(0).max(10_000_000).optional().describe("The workload's replicas by default."),
      amplitude: z.number().min(0).max(10_000_000).describe('The peak lies this far above the mean, the trough below.'),
      period: time({ min: 1_000_000_000 }).default('24h'),
      peakAt: time().default('14h').describe('When in the period the peak is.'),
    }),
    z.strictObject({
      kind: z.literal('trace'),
      file: z.string().min(1).describe('CSV of time,replicas (30m,120), relative to the scenario file; the time may be plain seconds.'),
    }),
  ])
  .describe('How the number of replicas changes by itself.')

const least = time().default('1s')
const longest = time().default('3650d')

const span = z.union([
  time({ min: 1_000_000 }),
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('constant'), value: time({ min: 1_000_000 }) }),
    z.strictObject({ kind: z.literal('uniform'), least, most: longest }),
    z.strictObject({ kind: z.literal('exponential'), mean: time({ min: 1_000_000 }), least, most: longest }),
    z.strictObject({ kind: z.literal('lognormal'), median: time({ min: 1_000_000 }), sigma: positive.max(20), least, most: longest }),
    z.strictObject({ kind: z.literal('pareto'), scale: time({ min: 1_000_000 }), shape: positive, most: longest }),
    z.strictObject({
      kind: z.literal('empirical'),
      values: z.array(z.strictObject({ value: time({ min: 1_000_000 }), weight: positive.default(1) })).min(1),
    }),
  ]),
])

export const churn = z
  .strictObject({ lifetime: span.describe('How long a pod lives: a time or a distribution of times.') })
  .describe('Pods end after their lifetime and are replaced at once.')

export const startup = span.describe(
  'From the moment a pod has its address until it is ready: images, the process, its probe. A time or a distribution of times; without it none passes. Pods of the beginning are ready.',
)

const seconds = (text: string, what: string) => time().default(text).describe(what)

export const controlPlane = z
  .strictObject({
    nodeProvisioning: seconds('2m', 'From the wish for a node to a node that takes pods.'),
    drain: seconds('30s', "Draining a node in an upgrade: a pod's default terminationGracePeriodSeconds."),
    reimage: seconds('2m', 'Reimaging a drained node in an upgrade.'),
    sandboxRetry: time({ min: 1_000_000 })
      .default('10s')
      .describe("How long after a failed sandbox the kubelet asks for an address again (its pod workers' back-off)."),
    eviction: seconds('5m', "Pods of a lost node are replaced after this long: Kubernetes' tolerationSeconds of 300."),
    networkRetry: time({ min: 1_000_000 })
      .default('2m')
      .describe(
        'How often a node that is NotReady, because there is no range for its pods, is tried again: 19 times in 38 minutes, as observed.',
      ),
    scaleUp: z
      .enum(['allOrNothing', 'partial'])
      .default('allOrNothing')
      .describe('What the autoscaler gets when a subnet has too few addresses for its wish: nothing, as Azure does, or as many as fit.'),
    preCheck: z
      .boolean()
      .default(true)
      .describe("Whether scaling and upgrades must pass Azure's check of the addresses that all nodes may need, before any is asked for."),
    backoff: seconds('5m', "The autoscaler's first pause after a failed scale-up; doubled each time."),
    maxBackoff: seconds('30m', "The autoscaler's longest pause (Azure: cluster-autoscaler-overview)."),
  })
  .describe("How long the control plane's work takes.")
