// Random clusters that change, in any mode, small enough that something always runs out.
import fc from 'fast-check'
import { ADDRESSING_MODES, type AddressingMode } from '../../../src/base/addressing-mode.js'
import type { SimTime } from '../../../src/base/brand.js'
import type { Scenario } from '../../../src/scenario/model.js'
import type { Growth, TimelineEvent } from '../../../src/scenario/model-timeline.js'
import { cidr, makeScenario, pool, workload } from '../make-scenario.js'

export const HOUR = 3600e9

const moment = fc.integer({ min: 0, max: 6 * 3600 }).map(seconds => (seconds * 1e9) as SimTime)

const event: fc.Arbitrary<TimelineEvent> = fc.oneof(
  fc.record({ atNs: moment, kind: fc.constant('scalePool' as const), pool: fc.constantFrom('a', 'b'), count: fc.nat(9) }),
  fc.record({ atNs: moment, kind: fc.constant('scaleWorkload' as const), workload: fc.constantFrom('x/w', 'x/v'), replicas: fc.nat(150) }),
  fc.record({
    atNs: moment,
    kind: fc.constant('upgrade' as const),
    pool: fc.constantFrom('a', 'b'),
    maxSurge: fc.constantFrom(null, { kind: 'nodes' as const, nodes: 2 }, { kind: 'percent' as const, percent: 50 }),
  }),
  fc.record({ atNs: moment, kind: fc.constant('failNodes' as const), pool: fc.constantFrom('a', 'b'), count: fc.nat(3) }),
  fc.record({ atNs: moment, kind: fc.constant('failNode' as const), node: fc.constantFrom('a/0', 'b/1', 'a/7') }),
  fc.record({ atNs: moment, kind: fc.constant('occupy' as const), subnet: fc.constantFrom('nodes', 'pods'), count: fc.nat(60) }),
  fc.record({ atNs: moment, kind: fc.constant('vacate' as const), subnet: fc.constantFrom('nodes', 'pods'), count: fc.nat(60) }),
  fc.record({ atNs: moment, kind: fc.constant('expand' as const), podCidr: fc.constantFrom(cidr('10.244.0.0/20'), cidr('10.245.0.0/20')) }),
)

const growth: fc.Arbitrary<Growth | null> = fc.constantFrom<(Growth | null)[]>(
  null,
  null,
  { kind: 'linear', add: 3, perNs: HOUR / 6, startNs: 0, most: 120 },
  { kind: 'exponential', doublingNs: HOUR, startNs: HOUR, most: 150 },
  { kind: 'diurnal', mean: 40, amplitude: 40, periodNs: 4 * HOUR, peakAtNs: HOUR },
  {
    kind: 'trace',
    points: [
      { atNs: 0, replicas: 7 },
      { atNs: HOUR, replicas: 70 },
      { atNs: 2 * HOUR, replicas: 5 },
    ],
  },
)

const autoScaling = fc.constantFrom(null, null, { minCount: 1, maxCount: 7 })

export const changing = (modes: readonly AddressingMode[] = ADDRESSING_MODES): fc.Arbitrary<Scenario> =>
  fc
    .record({
      mode: fc.constantFrom(...modes),
      seed: fc.nat(1000),
      counts: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 })),
      scaling: fc.tuple(autoScaling, autoScaling),
      nodePrefix: fc.constantFrom(25, 26, 27),
      podPrefix: fc.constantFrom(24, 25, 26),
      podCidr: fc.constantFrom('10.244.0.0/20', '10.244.0.0/21', '10.244.0.0/22'),
      replicas: fc.tuple(fc.nat(60), fc.nat(30)),
      growth: fc.tuple(growth, growth),
      lifetime: fc.constantFrom(null, 600e9, 1800e9),
      startup: fc.constantFrom(null, null, { kind: 'exponential' as const, mean: 200e9, least: 1e9, most: 1e15 }),
      hostNetwork: fc.boolean(),
      timeline: fc.array(event, { maxLength: 12 }),
      scaleUp: fc.constantFrom('allOrNothing' as const, 'partial' as const),
      preCheck: fc.boolean(),
      provisioning: fc.constantFrom(120e9, 1800e9),
      poolMonitor: fc.constantFrom('v1' as const, 'v2' as const),
      expander: fc.constantFrom('random' as const, 'most-pods' as const, 'least-waste' as const),
    })
    .map(given => {
      const base = makeScenario()
      const churn =
        given.lifetime === null ? null : { lifetime: { kind: 'exponential' as const, mean: given.lifetime, least: 1e9, most: 1e15 } }
      const hasPods = given.mode === 'podSubnetDynamic' || given.mode === 'podSubnetStatic'
      const rest = { maxPods: 20, vnetSubnet: 'nodes', podSubnet: hasPods ? 'pods' : null }
      const flat = given.mode !== 'overlay' && given.mode !== 'kubenet'
      return makeScenario({
        seed: given.seed,
        durationNs: (6 * HOUR) as SimTime,
        vnet: {
          ...base.vnet,
          subnets: { nodes: { cidr: cidr(`10.224.0.0/${given.nodePrefix}`) }, pods: { cidr: cidr(`10.225.0.0/${given.podPrefix}`) } },
        } as Scenario['vnet'],
        profile: { addressing: given.mode, podCidr: flat ? null : cidr(given.podCidr) },
        pools: ['a', 'b'].map((name, i) => pool(name, given.counts[i], { ...rest, autoScaling: given.scaling[i] })),
        workloads: [
          workload('x/w', given.replicas[0], { growth: given.growth[0], churn, startup: given.startup }),
          workload('x/v', given.replicas[1], { growth: given.growth[1], hostNetwork: given.hostNetwork }),
        ],
        fabric: {
          controlPlane: {
            ...base.fabric.controlPlane,
            scaleUp: given.scaleUp,
            preCheck: given.preCheck,
            nodeProvisioningNs: given.provisioning,
          },
          ipam: { ...base.fabric.ipam, poolMonitor: given.poolMonitor },
        },
        autoScaler: { expander: given.expander },
        timeline: [...given.timeline].sort((a, b) => a.atNs - b.atNs),
      })
    })
