// Shape of `cluster.autoScalerProfile`: as `az aks show` prints it, with the cluster autoscaler's own defaults in AKS.
import { z } from 'zod'
import { refuse, time } from './fields.js'

const text = () => z.union([z.string(), z.number(), z.boolean()]).nullable().optional()
const clock = (byDefault: string, what: string) => time().default(byDefault).describe(what)

/** As `az aks show` prints it: all values are text. What this does not model is kept. */
export const autoScalerProfile = z
  .strictObject({
    scanInterval: time({ min: 1_000_000_000 }).default('10s').describe('How often the autoscaler looks for pending pods and idle nodes.'),
    newPodScaleUpDelay: clock('0s', 'Pods younger than this are not yet looked at.'),
    maxNodeProvisionTime: clock('15m', 'A node that takes longer counts as a failed scale-up.'),
    scaleDownDelayAfterAdd: clock('10m', 'No scale-down so soon after a scale-up.'),
    scaleDownDelayAfterDelete: clock('10s', 'Nor after a node was removed.'),
    scaleDownDelayAfterFailure: clock('3m', 'Nor after a scale-down that failed.'),
    scaleDownUnneededTime: clock('10m', 'How long a node must be unneeded before it is removed.'),
    scaleDownUnreadyTime: clock('20m', 'The same of a node that is not ready.'),
    scaleDownUtilizationThreshold: z
      .union([z.string(), z.number()])
      .default('0.5')
      .superRefine((given, ctx) => {
        if (!(Number(given) >= 0 && Number(given) <= 1)) refuse(ctx, 'OutOfRange', `${given} is no share`, 'write a number from 0 to 1')
      })
      .describe('Share of its maxPods below which a node is unneeded, if its pods fit elsewhere.'),
    maxEmptyBulkDelete: z
      .union([z.string().regex(/^\d{1,7}$/), z.int().min(1)])
      .default('10')
      .describe('Nodes that are removed in one scan, at most.'),
    okTotalUnreadyCount: z
      .union([z.string().regex(/^\d{1,7}$/), z.int().min(0)])
      .default('3')
      .describe('So many nodes may be unready whatever their share.'),
    maxTotalUnreadyPercentage: z
      .union([z.string().regex(/^(100|\d{1,2})$/), z.int().min(0).max(100)])
      .default('45')
      .describe('With a larger share of unready nodes than this the autoscaler does nothing.'),
    expander: z
      .enum(['random', 'most-pods', 'least-waste', 'priority'])
      .default('random')
      .superRefine((word, ctx) => {
        if (word === 'priority')
          refuse(ctx, 'NotSupportedYet', 'not supported yet: expander priority', 'use random, most-pods or least-waste')
      })
      .describe('Which pool grows when several could.'),
    balanceSimilarNodeGroups: text(),
    daemonsetEvictionForEmptyNodes: text(),
    daemonsetEvictionForOccupiedNodes: text(),
    ignoreDaemonsetsUtilization: text(),
    maxGracefulTerminationSec: text(),
    skipNodesWithLocalStorage: text(),
    skipNodesWithSystemPods: text(),
  })
  .describe('Settings of the cluster autoscaler; the last seven are kept and change nothing here.')
