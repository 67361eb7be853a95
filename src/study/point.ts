// One point: a scenario with some values replaced, planned or run. What Azure would refuse for lack of something is an outcome like any
// other; every other mistake is thrown.
import { createHash } from 'node:crypto'
import { admit } from '../cluster/admission.js'
import type { ClusterEvent } from '../cluster/control/event-log.js'
import { limitOfIssue } from '../cluster/limit-of-issue.js'
import { planCluster } from '../cluster/plan.js'
import { loadForPlan, plan } from '../limits/plan.js'
import { loadAdmitted } from '../run/admitted.js'
import { run } from '../run/run.js'
import { VERSION } from '../run/version.js'
import { waitsOf } from '../run/waits.js'
import type { LoadedScenario } from '../scenario/load.js'
import { commonFacts, factsOf, type PlanFacts, type PointFacts, type Refusal, type RunFacts, waitFacts } from './facts.js'
import type { StudyBase, StudyMode } from './model.js'

/** All that is needed to compute a point anywhere. */
export interface PointTask {
  /** The same wherever the point is computed and in whichever study: hash of engine version, resolved scenario and seed. */
  readonly id: string
  /** `path=value`, as `--set` takes them; the seed among them. */
  readonly set: readonly string[]
}

/** What all points of a study share. */
export interface PointContext {
  readonly mode: StudyMode
  readonly base: Pick<StudyBase, 'value' | 'folder'>
}

export const loadPoint = ({ base }: PointContext, set: readonly string[]): LoadedScenario =>
  loadForPlan(base.value, { set, baseDir: base.folder })

export const pointId = ({ hash, scenario }: LoadedScenario): string =>
  createHash('sha256').update(`${VERSION}\n${hash}\n${scenario.seed}`).digest('hex')

/** Computes a point. Throws whatever went wrong: a ScenarioError, a RunError, a fault of ours. */
export async function computePoint(context: PointContext, set: readonly string[]): Promise<PointFacts> {
  const loaded = loadPoint(context, set)
  const limits = plan(loaded)
  const refusal = refusalOf(loaded)
  if (context.mode === 'plan') return planFacts(loaded, limits, refusal)
  if (refusal) return { kind: 'run', ...commonFacts(limits, refusal, []) }
  const result = await run(loadAdmitted(context.base.value, { set, baseDir: context.base.folder }), { workers: 'solo' })
  const {
    schemaVersion: _,
    kind: __,
    resources,
    waits,
    engine: ___,
    performance: ____,
    histograms: _____,
    checkpoints: ______,
    ...rest
  } = result
  return {
    kind: 'run',
    ...rest,
    waits: waitFacts(waits),
    ...commonFacts(limits, null, factsOf(resources, isAutoScaled(loaded))),
  } satisfies RunFacts
}

/** The first of admission's refusals for lack of something. */
function refusalOf({ scenario }: LoadedScenario): { refused: Refusal; limit: string } | null {
  for (const found of admit(scenario)) {
    const limit = limitOfIssue(found, scenario)
    if (limit !== null) return { refused: { code: found.code, message: found.message }, limit }
  }
  return null
}

function planFacts(loaded: LoadedScenario, limits: ReturnType<typeof plan>, refusal: ReturnType<typeof refusalOf>): PlanFacts {
  const { scenario } = loaded
  const made = refusal ? null : planCluster(scenario)
  return {
    kind: 'plan',
    addressing: scenario.cluster.networkProfile.addressing,
    simulatedNs: scenario.durationNs,
    nodes: made?.nodes.length ?? 0,
    pods: { running: made?.pods.count ?? 0, waiting: made?.pending.reduce((sum, { count }) => sum + count, 0) ?? 0 },
    podEvents: made?.podEvents ?? 0,
    waits: made && waitFacts(waitsOf(made)),
    eventCounts: countEvents(made?.events ?? []),
    ...commonFacts(limits, refusal, factsOf(made?.resources ?? [], isAutoScaled(loaded))),
  }
}

const isAutoScaled = ({ scenario }: LoadedScenario): boolean =>
  scenario.cluster.agentPoolProfiles.some(({ autoScaling }) => autoScaling !== null)

function countEvents(events: readonly ClusterEvent[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { reason, count } of events) counts[reason] = (counts[reason] ?? 0) + count
  return counts
}
