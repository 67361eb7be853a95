// A run from beginning to end: plan, start, collect, write. The command line and the library both come through here.
import { resolve } from 'node:path'
import type { Resource } from '../cluster/resource.js'
import { lpCountOf } from '../cluster/topology.js'
import { VERDICTS } from '../datapath/verdict.js'
import type { ShardReport } from '../engine/report.js'
import type { ShardSetup } from '../engine/rounds.js'
import { SERIES_COLUMNS, SERIES_VERSION, type SeriesHeader, writeSeries } from '../observe/series.js'
import type { LoadedScenario } from '../scenario/load.js'
import { openBoard } from '../shm/board.js'
import { createLiveSheet, type LiveColumn, LiveSheet } from '../shm/live-sheet.js'
import { createMesh } from '../shm/mesh.js'
import { withAddresses } from './address-levels.js'
import { loadAdmitted } from './admitted.js'
import { captureFiles, captureWarnings, type OutputFile } from './capture-files.js'
import { type Control, runCrew } from './crew.js'
import { divisionOf } from './division.js'
import { conntrackResource, seriesIntervals } from './intervals.js'
import { toJson } from './json.js'
import { clampedOf } from './latency.js'
import { guardMemory, packetsPerWindow } from './memory.js'
import { type Merged, merge } from './merge.js'
import { claimFolder, SCENARIO, writeFolder } from './output.js'
import { overTime, sampleFrames } from './over-time.js'
import { imageFor, type Prepared, prepare } from './prepare.js'
import { makeResult, type RunResult, type RunWarning } from './result.js'
import { snatResources, snatResult } from './snat.js'
import { workersFor } from './workers.js'

/** How far a run has come. */
export interface RunProgress {
  /** Virtual time that all shards have reached. */
  readonly timeNs: number
  readonly durationNs: number
  readonly sent: number
  readonly delivered: number
  readonly dropped: number
  readonly events: number
}

/** A run that goes on. */
export interface Running {
  /** Nodes, gateways and endpoints, in the order of the columns of {@link Running.column}. */
  readonly names: readonly string[]
  /** What the control plane knows beforehand: its resources with their timelines. */
  readonly resources: readonly Resource[]
  /** Numbers of all nodes at the end of the last statistics interval. */
  column(name: LiveColumn): number[]
  /** Stops before the next window; {@link Running.resume} goes on. In the calling thread alone (`workers: 0`) at the next turn. */
  pause(): void
  resume(): void
  readonly paused: boolean
}

export interface RunOptions {
  /** Threads, 32 at most; the number of cores if absent, or fewer where too little happens at a time to keep them busy. 0 or 'solo': none, everything happens in the calling thread, which is busy meanwhile. */
  readonly workers?: number | 'solo' | undefined
  /** Aborted: the run ends after its current window with a partial result. */
  readonly signal?: AbortSignal | undefined
  /** Called several times a second. */
  readonly onProgress?: ((progress: RunProgress) => void) | undefined
  /** Folder for result.json, series.msgpack and captures; without it nothing is written. */
  readonly out?: string | undefined
  /** Replace results that are in the folder already, and run even if memory looks too small. */
  readonly force?: boolean | undefined
  /** Called once, when the threads are about to start: what can be asked and told while the run goes on. */
  readonly onStart?: ((running: Running) => void) | undefined
  /** Check the engine's own laws per packet, not only per window: several times slower. */
  readonly verify?: boolean | undefined
}

/**
 * Runs a scenario: one that `loadScenario` returned, the path of a file, or an object of the same form. Throws a ScenarioError for
 * mistakes in it, a RunError when the run itself fails.
 */
export async function run(scenario: LoadedScenario | string | object, options: RunOptions = {}): Promise<RunResult> {
  const started = performance.now()
  const loaded = isLoaded(scenario) ? scenario : loadAdmitted(scenario)
  const prepared = prepare(loaded)
  const folder = options.out === undefined ? null : resolve(options.out)
  const captures = loaded.scenario.capture.map(({ file }) => file)
  if (folder !== null) claimFolder(folder, captures, options.force ?? false)
  const { setups, workers } = setUp(prepared, options)
  options.onStart?.(running(prepared, setups[0]))
  const reports = await start(setups, workers, loaded.scenario.durationNs, options)
  const finished = conclude(prepared, setups[0], workers, reports, (performance.now() - started) / 1000)
  if (folder !== null) writeFolder(folder, filesOf(prepared, finished, reports))
  return finished.result
}

interface Finished {
  readonly result: RunResult
  readonly merged: Merged
}

const isLoaded = (scenario: LoadedScenario | string | object): scenario is LoadedScenario =>
  typeof scenario === 'object' && 'scenario' in scenario && 'hash' in scenario && 'locate' in scenario

function setUp(prepared: Prepared, options: RunOptions): { setups: ShardSetup[]; workers: number } {
  const workers = workersFor(options.workers, lpCountOf(prepared.loaded.scenario, prepared.plan), packetsPerWindow(prepared))
  const shards = Math.max(workers, 1)
  if (!options.force) guardMemory(prepared, shards)
  const image = imageFor(prepared, shards)
  const mesh = createMesh(shards, options.onStart ? createLiveSheet(image.params.lpCount) : null)
  const setups = Array.from({ length: shards }, (_, shard) => ({ image, shard, mesh, verify: options.verify ?? false }))
  return { setups, workers }
}

function running({ names, plan }: Prepared, { image, mesh }: ShardSetup): Running {
  const board = openBoard(mesh.board)
  const sheet = mesh.live === null ? null : new LiveSheet(mesh.live)
  return {
    names: Array.from({ length: image.params.lpCount }, (_, lp) => names.lpName(lp)),
    resources: plan.resources,
    column: name => sheet?.read(name) ?? [],
    pause: () => board.pause(),
    resume: () => board.resume(),
    get paused() {
      return board.paused
    },
  }
}

async function start(setups: readonly ShardSetup[], workers: number, durationNs: number, options: RunOptions): Promise<ShardReport[]> {
  const { signal, onProgress } = options
  const control: Control = { signal, onProgress: onProgress && (progress => onProgress({ ...progress, durationNs })) }
  if (workers > 0) return runCrew(setups, control)
  // The engine itself is loaded only by those who run it in this thread.
  const { runAlone } = await import('./solo.js')
  return runAlone(setups, control)
}

function conclude(
  prepared: Prepared,
  setup: ShardSetup,
  workers: number,
  reports: readonly ShardReport[],
  elapsedSeconds: number,
): Finished {
  const { scenario, hash } = prepared.loaded
  const { intervalNs, conntrackMax } = setup.image.params
  const merged = merge(reports, scenario.seed)
  const snat = { scenario, plan: prepared.plan, reports, intervalNs, nameOf: prepared.names.lpName }
  const conntrack = conntrackResource(merged, reports, conntrackMax, intervalNs, prepared.names.lpName)
  const result = makeResult({
    scenario,
    hash,
    workers,
    partial: merged.endNs < scenario.durationNs,
    intervalNs,
    merged,
    overTime: overTime(reports, intervalNs, merged.throughputPackets.length),
    dropSamples: sampleFrames(reports, prepared.names.lpName),
    plan: prepared.plan,
    resources: [...prepared.plan.resources, conntrack, ...snatResources(snat)],
    snat: snatResult(snat),
    warnings: [...prepared.warnings, ...captureWarnings(scenario, merged), ...clampWarnings(merged)],
    division: divisionOf({ scenario, plan: prepared.plan, ...setup, reports, latenciesClamped: clampedOf(merged.latency) }),
    elapsedSeconds,
  })
  return { result, merged }
}

function clampWarnings({ latency }: Merged): RunWarning[] {
  const clamped = clampedOf(latency)
  if (clamped === 0) return []
  return [{ code: 'LatencyClamped', message: `${clamped} latencies of more than 19 hours count as 19 hours`, hint: 'shorten the run' }]
}

function filesOf({ loaded, names, plan }: Prepared, { result, merged }: Finished, reports: readonly ShardReport[]): OutputFile[] {
  const { scenario, hash } = loaded
  const header: SeriesHeader = {
    version: SERIES_VERSION,
    kind: 'header',
    scenario: scenario.name,
    hash,
    seed: scenario.seed,
    intervalNs: result.throughput.intervalNs,
    columns: SERIES_COLUMNS,
    reasons: VERDICTS.map(({ name }) => name),
    names: Array.from({ length: lpCountOf(scenario, plan) }, (_, lp) => names.lpName(lp)),
  }
  return [
    { name: 'result.json', bytes: Buffer.from(toJson(result)) },
    { name: SCENARIO, bytes: Buffer.from(toJson(loaded.document)) },
    {
      name: 'series.msgpack',
      bytes: writeSeries(header, withAddresses(seriesIntervals(reports, merged.checkpoints), plan, header.intervalNs)),
    },
    ...captureFiles(scenario, merged, names),
  ]
}
