// One point: a scenario with some values replaced, planned or run. What Azure would refuse for lack of something is an outcome like any
// other; every other mistake is thrown.
import { createHash } from 'node:crypto'
import { admit } from '../cluster/admission.js'
import type { ClusterEvent } from '../cluster/control/event-log.js'
import { limitOfIssue } from '../cluster/limit-of-issue.js'
import { planCluster } from '../cluster/plan.js'
import { inputOf } from '../limits/from-scenario.js'
import type { PlanInput } from '../limits/input.js'
import { loadForPlan, type PlanResult, planOf } from '../limits/plan.js'
import { loadAdmitted } from '../run/admitted.js'
import { run } from '../run/run.js'
import { VERSION } from '../run/version.js'
import { waitsOf } from '../run/waits.js'
import type { Issue } from '../scenario/issue.js'
import type { LoadedScenario } from '../scenario/load.js'
import type { Scenario } from '../scenario/model.js'
import { commonFacts, factsOf, type PlanFacts, type PointFacts, type Refusal, type RunFacts, waitFacts } from './facts.js'
import type { StudyBase, StudyMode } from './model.js'

/** All that is needed to compute a point anywhere. */
export interface PointTask {
  /** The same wherever the point is computed and in whichever study: hash of engine version, resolved scenario and seed. */
  readonly id: string
  /** `path=value`, as `--set` takes them; the seed among them. */
  readonly set: readonly string[]
  /** The same point, read already: an executor that can hand objects on may save its threads the reading. */
  readonly read?: ReadPoint | undefined
}

/** A point as plain data: all that planning it needs. */
export interface ReadPoint {
  readonly scenario: Scenario
  readonly input: PlanInput
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

export const readPoint = (loaded: LoadedScenario): ReadPoint => ({ scenario: loaded.scenario, input: inputOf(loaded) })

/** Computes a point. Throws whatever went wrong: a ScenarioError, a RunError, a fault of ours. */
export async function computePoint(context: PointContext, { id, set, read }: PointTask): Promise<PointFacts> {
  const { scenario, input } = read ?? readAgain(context, id, set)
  const issues = admit(scenario)
  const refusal = refusalOf(scenario, issues)
  const limits = planOf(input, scenario.name, refusal?.issues ?? [])
  if (context.mode === 'plan') return planFacts(scenario, limits, refusal)
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
    ...commonFacts(limits, null, factsOf(resources, isAutoScaled(scenario))),
  } satisfies RunFacts
}

/** Where a point comes as text, what is read here has to be what was asked for: files may differ from machine to machine. */
function readAgain(context: PointContext, id: string, set: readonly string[]): ReadPoint {
  const loaded = loadPoint(context, set)
  if (pointId(loaded) === id) return readPoint(loaded)
  throw new Error('this is not the scenario that was asked for: the files that it names, or the build of vxlane, are others here')
}

interface Refused {
  readonly refused: Refusal
  readonly limit: string
  readonly issues: readonly Issue[]
}

/** Admission's refusals for lack of something; the first speaks. */
function refusalOf(scenario: Scenario, issues: readonly Issue[]): Refused | null {
  const lacking = issues.filter(found => limitOfIssue(found, scenario) !== null)
  if (lacking.length === 0) return null
  const [{ code, message }] = lacking
  return { refused: { code, message }, limit: limitOfIssue(lacking[0], scenario) ?? code, issues: lacking }
}

function planFacts(scenario: Scenario, limits: PlanResult, refusal: Refused | null): PlanFacts {
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
    ...commonFacts(limits, refusal, factsOf(made?.resources ?? [], isAutoScaled(scenario))),
  }
}

const isAutoScaled = ({ cluster }: Scenario): boolean => cluster.agentPoolProfiles.some(({ autoScaling }) => autoScaling !== null)

function countEvents(events: readonly ClusterEvent[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { reason, count } of events) counts[reason] = (counts[reason] ?? 0) + count
  return counts
}
