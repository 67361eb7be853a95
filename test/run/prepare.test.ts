// Pods that find no place are named once, by whichever stage knows best.
import { expect, it } from 'vitest'
import { loadScenario } from '../../src/index.js'
import { prepare } from '../../src/run/prepare.js'

const warnings = (scenario: object) =>
  prepare(loadScenario({ apiVersion: 'vxlane/v1', ...scenario })).warnings.map(({ code, message }) => `${code}: ${message}`)

it('counts the pods that want more than there is', () => {
  expect(warnings({ workloads: [{ name: 'web', replicas: 800 }] })).toEqual([
    'PodsPending: 800 pods want to run, the nodes take 750 (maxPods x nodes); 50 stay Pending: Too many pods',
  ])
})

it('names the workload whose pods wait although there would be places elsewhere', () => {
  const pods = Array.from({ length: 11 }, (_, i) => ({ name: `p${i}`, node: 'nodepool1/0' }))
  const cluster = { agentPoolProfiles: [{ name: 'nodepool1', count: 3, maxPods: 10 }] }
  expect(warnings({ cluster, workloads: [{ name: 'web', pods }] })).toEqual([
    'PodsPending: 1 pod of default/web waits: FailedScheduling: 0/3 nodes are available: 3 Too many pods',
  ])
})
