// The control plane alone: pods that come and go over virtual time, without a packet. Prints pod events a second; the promise is 1,000,000
// in under 5 seconds on one core.
import { churnScenario } from '../src/bench/workload-plan.js'
import { planCluster } from '../src/cluster/plan.js'
import { loadScenario } from '../src/index.js'

interface ControlPlaneResult {
  readonly podEvents: number
  readonly seconds: number
}

/** Plans it and says how long that took. `now` is a clock in ms. */
export function benchControlPlane(podEvents: number, now: () => number): ControlPlaneResult {
  const { scenario } = loadScenario(churnScenario(podEvents))
  const started = now()
  const plan = planCluster(scenario)
  return { podEvents: plan.podEvents, seconds: (now() - started) / 1000 }
}

if (process.argv[1]?.endsWith('control-plane.js')) {
  const { podEvents, seconds } = benchControlPlane(Number(process.argv[2] ?? 1_000_000), () => performance.now())
  console.log(`${podEvents} pod events in ${seconds.toFixed(2)} s: ${Math.round(podEvents / seconds)} a second`)
}
