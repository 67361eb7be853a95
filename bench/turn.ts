// One run of vxlane as a turn beside another program: what it counted, and its speed by wall time and by processor time. The latter is what a
// busy machine disturbs less; the compiler's own threads are in it.
import { loadScenario, run } from '../src/index.js'

export interface Turn {
  readonly sent: number
  readonly delivered: number
  /** Sum of all latencies, ns. */
  readonly latencySum: number
  readonly packetsPerSecond: number
  readonly packetsPerCpuSecond: number
}

/** Runs a scenario on one worker; reading and planning it is not timed. */
export async function turnOf(scenario: object): Promise<Turn> {
  let before = process.cpuUsage()
  const onStart = (): void => {
    before = process.cpuUsage()
  }
  const { totals, latencyNs, performance } = await run(loadScenario(scenario), { workers: 1, onStart })
  const { user, system } = process.cpuUsage(before)
  const { sent, delivered } = totals
  const packetsPerCpuSecond = (delivered * 1e6) / (user + system)
  const latencySum = Math.round(latencyNs.mean * latencyNs.count)
  return { sent, delivered, latencySum, packetsPerSecond: delivered / performance.wallSeconds, packetsPerCpuSecond }
}
