// From a scenario to something that can run: admission, plan, recorded frames, image. Every mistake that is only found here (ranges
// that overlap, a capture file that cannot be read) is located in the scenario like those of its form.
import { readFileSync } from 'node:fs'
import { admit } from '../cluster/admission.js'
import { compile } from '../cluster/compile.js'
import { type Names, namesOf } from '../cluster/names.js'
import { type Plan, planCluster } from '../cluster/plan.js'
import type { RecordedFrame } from '../cluster/replay.js'
import type { Image } from '../image/image.js'
import { ScenarioError } from '../scenario/error.js'
import { type Issue, issue } from '../scenario/issue.js'
import type { LoadedScenario } from '../scenario/load.js'
import type { Scenario } from '../scenario/model.js'
import { readCapture } from '../wire/pcap.js'
import { type RunWarning, runWarning } from './result.js'

const PENDING = 'PodsPending'

export interface Prepared {
  readonly loaded: LoadedScenario
  readonly plan: Plan
  readonly names: Names
  readonly replays: ReadonlyMap<string, readonly RecordedFrame[]>
  readonly warnings: readonly RunWarning[]
}

/** Admits and plans. Throws a ScenarioError with every mistake located. `keepsEnded`: pods and nodes that end before the run does are kept too. */
export function prepare(loaded: LoadedScenario, keepsEnded?: boolean): Prepared {
  const { scenario } = loaded
  const { replays, issues } = readReplays(scenario)
  const found = [...admit(scenario), ...issues]
  if (found.some(({ severity }) => severity === 'error')) throw new ScenarioError(found.map(loaded.located))
  const plan = planCluster(scenario, keepsEnded)
  const warnings = [...loaded.warnings, ...found].map(runWarning)
  // Admission counts places; which pods wait although there were enough of them, such as fixed ones on a full node, only the plan knows.
  const pending = found.some(({ code }) => code === PENDING) ? [] : pendingWarnings(scenario, plan)
  return { loaded, plan, names: namesOf(scenario, plan), replays, warnings: [...warnings, ...pending] }
}

/** The image for so many shards; apart from who owns what, it is the same for any number. `services`: kube-proxy runs in any case. */
export function imageFor({ loaded, plan, replays }: Prepared, shards: number, services?: boolean): Image {
  return compile(loaded.scenario, plan, { shards, services, readReplay: file => replays.get(file) ?? [] })
}

/** Every recorded file of the scenario, read once; unreadable ones as issues. */
function readReplays(scenario: Scenario): { replays: Map<string, readonly RecordedFrame[]>; issues: Issue[] } {
  const replays = new Map<string, readonly RecordedFrame[]>()
  const issues: Issue[] = []
  scenario.traffic.forEach((entry, i) => {
    if (entry.kind !== 'replay' || replays.has(entry.file)) return
    try {
      replays.set(entry.file, readCapture(readFileSync(entry.file)).frames)
    } catch (error) {
      const hint = 'record whole Ethernet frames, as with tcpdump -s 0 -w'
      issues.push(issue(['traffic', i, 'replay', 'file'], 'NotACapture', `${entry.file}: ${(error as Error).message}`, hint))
    }
  })
  return { replays, issues }
}

/** Pods that wait do not stop a run, but their traffic is missing from it. One warning for each workload and reason. */
function pendingWarnings(scenario: Scenario, plan: Plan): RunWarning[] {
  const counts = new Map<string, { workload: number; reason: string; count: number }>()
  for (const { workload, count, reason } of plan.pending) {
    const known = counts.get(`${workload} ${reason}`)
    if (known) known.count += count
    else counts.set(`${workload} ${reason}`, { workload, reason, count })
  }
  return [...counts.values()].map(({ workload, count, reason }) => {
    const { namespace, name } = scenario.workloads[workload]
    const message = `${count} ${count === 1 ? 'pod' : 'pods'} of ${namespace}/${name} ${count === 1 ? 'waits' : 'wait'}: ${reason}`
    return { code: PENDING, message, hint: plan.changes ? 'that is how it stands at the end' : 'they send and receive nothing in this run' }
  })
}
