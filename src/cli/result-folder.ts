// What a result folder gets beside the numbers: one packet's way (journey.json) and the page that people look at (report.html).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { openLab } from '../lab/lab.js'
import { LabError } from '../lab/lab-error.js'
import type { TraceResult } from '../lab/trace-step.js'
import { readSeries, type Series, SeriesError } from '../observe/series.js'
import type { RunEvidence } from '../report/run-evidence.js'
import { runReport } from '../report/run-report.js'
import { studyReport } from '../report/study-report.js'
import { addToFolder, listedFiles, SCENARIO, writeWhole } from '../run/output.js'
import type { RunResult } from '../run/result.js'
import type { LoadedScenario } from '../scenario/load.js'
import type { PeerRef, Scenario } from '../scenario/model.js'
import type { StudySummary } from '../study/summary.js'

export const REPORT = 'report.html'
const JOURNEY = 'journey.json'

/** Characters of a scenario up to which it is shown as YAML; beyond, formatting it would take seconds. */
const SHOWN_AS_YAML = 256 * 1024

/** Replicas to try for a target on another node than the source's. */
const TRIES = 8

/** Writes journey.json and report.html into the folder of a run. */
export async function addReport(folder: string, loaded: LoadedScenario, result: RunResult, command: string): Promise<void> {
  const journey = await journeyOf(loaded)
  const html = runReport({ result, series: seriesOf(folder), journey, command, scenario: scenarioOf(folder) })
  const kept = { schemaVersion: 1, kind: 'journey', command, trace: journey }
  addToFolder(folder, [
    { name: JOURNEY, bytes: Buffer.from(`${JSON.stringify(kept, null, 2)}\n`) },
    { name: REPORT, bytes: Buffer.from(html) },
  ])
}

/** Writes report.html into the folder of a study. */
export function addStudyReport(folder: string, summary: StudySummary, command: string): void {
  writeWhole(join(folder, REPORT), Buffer.from(studyReport({ summary, command })))
}

/** The page of a run out of its folder alone. */
export function reportOf(folder: string, result: RunResult): string {
  const { command, trace } = readJourney(folder)
  return runReport({ result, series: seriesOf(folder), journey: trace, command, scenario: scenarioOf(folder) })
}

/** All that a folder holds of a run, for a page that shows two of them. */
export const evidenceOf = (folder: string, result: RunResult): RunEvidence => ({
  ...{ result, series: seriesOf(folder), scenario: scenarioOf(folder), files: listedFiles(folder) },
})

/** The scenario as it ran, as people read it; null where the folder has none. */
function scenarioOf(folder: string): string | null {
  try {
    const json = readFileSync(join(folder, SCENARIO), 'utf8')
    return json.length > SHOWN_AS_YAML ? json : stringify(JSON.parse(json), { lineWidth: 0 })
  } catch {
    return null
  }
}

function readJourney(folder: string): { command: string; trace: TraceResult | null } {
  try {
    return JSON.parse(readFileSync(join(folder, JOURNEY), 'utf8')) as { command: string; trace: TraceResult | null }
  } catch {
    return { command: 'vxlane run SCENARIO (the folder does not say which)', trace: null }
  }
}

/** Null where there is none, or none that can be read: a page without the map of nodes is better than none. */
export function seriesOf(folder: string): Series | null {
  try {
    return readSeries(readFileSync(join(folder, 'series.msgpack')))
  } catch (error) {
    if (error instanceof SeriesError || (error as NodeJS.ErrnoException).syscall !== undefined) return null
    throw error
  }
}

/** A packet of the first traffic entry, to another node if there is one; null where nothing sends. */
async function journeyOf(loaded: LoadedScenario): Promise<TraceResult | null> {
  const { scenario } = loaded
  for (const entry of scenario.traffic) {
    if (entry.kind === 'replay') continue
    const [from] = namesOf(scenario, entry.from)
    if (from === undefined) continue
    const lab = await openLab(loaded)
    let best: TraceResult | null = null
    for (const to of namesOf(scenario, entry.to)) {
      const found = traced(() => lab.trace({ from, to, port: entry.port, protocol: 'protocol' in entry ? entry.protocol : 'udp' }))
      best ??= found
      if (found?.steps.some(({ stage }) => stage === 'underlay' || stage === 'gateway')) return found
    }
    if (best !== null) return best
  }
  return null
}

/** The lab knows no pod of a name that found no place: then there is nothing to show. */
function traced(ask: () => TraceResult): TraceResult | null {
  try {
    return ask()
  } catch (error) {
    if (error instanceof LabError) return null
    throw error
  }
}

/** Names of the first few that a peer stands for. */
function namesOf(scenario: Scenario, peer: PeerRef): string[] {
  if (peer.kind === 'pod') return [peer.pod]
  if (peer.kind === 'endpoint') return [peer.endpoint]
  if (peer.kind === 'node') return [`node:${peer.node}`]
  if (peer.kind !== 'workload') return []
  const workload = scenario.workloads.find(({ namespace, name }) => `${namespace}/${name}` === peer.workload)
  if (workload === undefined) return []
  if (workload.pods.length > 0) return workload.pods.slice(0, TRIES).map(({ name }) => `${workload.namespace}/${name}`)
  return Array.from({ length: Math.min(TRIES, workload.replicas) }, (_, i) => `${peer.workload}/${i}`)
}
