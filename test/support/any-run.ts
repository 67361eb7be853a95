// Runs a generated scenario in every way there is: on threads, alone, and alone with the shards that threads would have had.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lpCountOf } from '../../src/cluster/topology.js'
import { runSolo } from '../../src/engine/rounds.js'
import { loadScenario, type RunResult, run } from '../../src/index.js'
import { writePcapng } from '../../src/observe/pcapng.js'
import { seriesIntervals } from '../../src/run/intervals.js'
import { type Merged, merge } from '../../src/run/merge.js'
import { imageFor, prepare } from '../../src/run/prepare.js'
import { createMesh } from '../../src/shm/mesh.js'
import type { AnyScenario } from './scenario-arbitrary.js'

/** The scenario with its recordings in files. */
export function inFolder({ scenario, recordings }: AnyScenario, folder: string): AnyScenario['scenario'] {
  recordings.forEach((frames, i) => {
    const packets = frames.map(bytes => ({ interface: 0, timeNs: 0, direction: 2 as const, bytes, comment: null }))
    writeFileSync(join(folder, `frames-${i}`), writePcapng([{ name: 'any' }], packets, { application: 'vxlane tests', comment: '' }))
  })
  const traffic = scenario.traffic.map(entry =>
    'replay' in entry
      ? { ...entry, replay: { ...(entry.replay as object), file: join(folder, (entry.replay as { file: string }).file) } }
      : entry,
  )
  return { ...scenario, traffic }
}

/** Everything that a result says about the scenario: it may not depend on who computed it. */
export function essence(result: RunResult): Omit<RunResult, 'engine' | 'performance'> {
  const { engine: _, performance: __, ...rest } = result
  return rest
}

export const runWith = async (scenario: object, workers: number, verify = false): Promise<Omit<RunResult, 'engine' | 'performance'>> =>
  essence(await run(scenario, { workers, verify }))

export interface ShardsOutcome extends Omit<Merged, 'effort'> {
  readonly series: readonly unknown[]
}

/** All but the effort of the shards' reports, added up: without threads, as many shards as asked for. */
export function runShards(scenario: object, shards: number, verify = false): ShardsOutcome {
  const prepared = prepare(loadScenario(scenario))
  const count = Math.min(shards, lpCountOf(prepared.loaded.scenario, prepared.plan))
  const image = imageFor(prepared, count)
  const mesh = createMesh(count)
  const reports = runSolo(Array.from({ length: count }, (_, shard) => ({ image, shard, mesh, verify })))
  const { effort: _, ...merged } = merge(reports, image.params.seed)
  return { ...merged, series: [...seriesIntervals(reports, merged.checkpoints)] }
}
