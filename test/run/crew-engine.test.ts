// Shards of the real engine, one of which dies in the middle of the run: the others must leave, and the message must say when.
import { expect, it } from 'vitest'
import { runCrew } from '../../src/run/crew.js'
import { imageFor, prepare } from '../../src/run/prepare.js'
import { RunError } from '../../src/run/run-error.js'
import { loadScenario } from '../../src/scenario/load.js'
import { createMesh } from '../../src/shm/mesh.js'

const SHARDS = 3
const entry = new URL('./threads/mortal.mjs', import.meta.url)

const scenario = {
  apiVersion: 'vxlane/v1',
  name: 'mortal',
  seed: 11,
  duration: '1h',
  cluster: { agentPoolProfiles: [{ name: 'pool', count: 6 }] },
  workloads: [{ namespace: 'a', name: 'pods', replicas: 12 }],
  traffic: [
    {
      name: 'busy',
      from: { workload: 'a/pods' },
      to: { workload: 'a/pods', port: 80 },
      protocol: 'udp',
      size: '200B',
      rate: '20000/s',
    },
  ],
}

it.each([
  ['throws', 'threw Error: the stopwatch broke'],
  ['exits', 'exited with code 9'],
  ['runsOut', 'ran out of memory (heap of its thread)'],
])('a shard that %s ends the run within two seconds', async (way, what) => {
  const image = imageFor(prepare(loadScenario(scenario)), SHARDS)
  const mesh = createMesh(SHARDS)
  const setups = Array.from({ length: SHARDS }, (_, shard) => ({ image, shard, mesh, verify: false, way }))
  const started = performance.now()
  const error = await runCrew(setups, {}, { entry, resourceLimits: { maxOldGenerationSizeMb: 48 } }).then(
    () => expect.fail('the run ended as if nothing had happened'),
    (thrown: unknown) => thrown as RunError,
  )
  const seconds = (performance.now() - started) / 1000
  expect(error).toBeInstanceOf(RunError)
  expect(error.message).toMatch(new RegExp(`^shard 1 ${what.replace(/[()]/g, '\\$&')} at 0\\.0\\d+ s of virtual time, seed 11$`))
  expect(error.where.timeNs).toBeGreaterThan(0)
  // Memory takes its time to run out; what counts is that nobody waits afterwards.
  expect(seconds).toBeLessThan(way === 'runsOut' ? 6 : 2)
})
