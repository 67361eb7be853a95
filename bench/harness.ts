// One whole run of `udp-cross-node` in any size, for those who want to choose flows, packets, nodes and workers themselves.
import { crossNodeScenario, type FlowsAndPackets } from '../src/bench/udp-scenarios.js'
import { loadScenario, run } from '../src/index.js'

export interface WholeRun extends FlowsAndPackets {
  /** 0: solo. */
  readonly workers: number
}

export interface WholeResult {
  readonly packets: number
  readonly packetsPerSecond: number
  readonly setupSeconds: number
  readonly barrierShare: number
  readonly digest: string
}

/** The scenario that {@link runWhole} runs. */
export const scenarioOf = (options: WholeRun): object => crossNodeScenario(options)

export async function runWhole(options: WholeRun): Promise<WholeResult> {
  const result = await run(await loadScenario(scenarioOf(options)), { workers: options.workers })
  const { performance, totals } = result
  return {
    packets: totals.delivered,
    packetsPerSecond: totals.delivered / performance.wallSeconds,
    setupSeconds: performance.setupSeconds,
    barrierShare: performance.barrierShare,
    digest: result.digest,
  }
}
