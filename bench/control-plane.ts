// The control plane alone: pods that come and go over virtual time, without a packet. Prints pod events a second; the promise is 1,000,000
// in under 5 seconds on one core.
import { planCluster } from '../src/cluster/plan.js'
import { loadScenario } from '../src/index.js'

interface ControlPlaneResult {
  readonly podEvents: number
  readonly seconds: number
}

/** 5,000 pods on 50 nodes that live for an hour on average: two events an hour each, for as many hours as it takes. */
function controlPlaneScenario(podEvents: number): object {
  const pods = 5_000
  return {
    apiVersion: 'vxlane/v1',
    name: `control-plane-${podEvents}`,
    duration: `${Math.ceil((podEvents / (pods * 2)) * 3600)}s`,
    cluster: { agentPoolProfiles: [{ name: 'np0', count: 50, maxPods: 110 }] },
    workloads: [{ namespace: 'bench', name: 'pod', replicas: pods, churn: { lifetime: { kind: 'exponential', mean: '1h' } } }],
  }
}

/** Plans it and says how long that took. `now` is a clock in ms. */
export function benchControlPlane(podEvents: number, now: () => number): ControlPlaneResult {
  const { scenario } = loadScenario(controlPlaneScenario(podEvents))
  const started = now()
  const plan = planCluster(scenario)
  return { podEvents: plan.podEvents, seconds: (now() - started) / 1000 }
}

if (process.argv[1]?.endsWith('control-plane.js')) {
  const { podEvents, seconds } = benchControlPlane(Number(process.argv[2] ?? 1_000_000), () => performance.now())
  console.log(`${podEvents} pod events in ${seconds.toFixed(2)} s: ${Math.round(podEvents / seconds)} a second`)
}
