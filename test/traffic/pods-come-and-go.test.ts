// Pods that start late and stop early: a client opens only while it lives, its connections stop with it, and a target that is gone is not
// drawn any more; whoever talks to it repeats until it gives up.
import { describe, expect, it } from 'vitest'
import { runSolo } from '../../src/engine/rounds.js'
import { openImage } from '../../src/image/image.js'
import { loadScenario } from '../../src/index.js'
import { connectionsOf } from '../../src/run/connections.js'
import { merge } from '../../src/run/merge.js'
import { imageFor, prepare } from '../../src/run/prepare.js'
import { createMesh } from '../../src/shm/mesh.js'

const SECOND = 1e9

const scenario = (connections: object, stop = '10s'): object => ({
  apiVersion: 'vxlane/v1',
  duration: '1200s',
  cluster: {
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', outboundType: 'userDefinedRouting' },
    agentPoolProfiles: [{ name: 'one', count: 3 }],
  },
  workloads: [
    { namespace: 'a', name: 'client', replicas: 2 },
    { namespace: 'a', name: 'web', replicas: 3 },
  ],
  traffic: [{ name: 'calls', from: { workload: 'a/client' }, to: { workload: 'a/web', port: 80 }, stop, connections }],
})

/** Runs with pods (clients 0 and 1, servers 2 to 4) that live from and to these moments. */
function runWithLives(run: object, lives: Readonly<Record<number, readonly [number, number]>>, shards = 1) {
  const prepared = prepare(loadScenario(run))
  const made = imageFor(prepared, shards)
  const image = { ...made, params: { ...made.params, changes: true } }
  const columns = openImage(image)
  columns.podStopNs.fill(Number.POSITIVE_INFINITY)
  for (const [pod, [from, to]] of Object.entries(lives)) {
    columns.podStartNs[Number(pod)] = from * SECOND
    columns.podStopNs[Number(pod)] = to * SECOND
  }
  const mesh = createMesh(shards)
  const merged = merge(runSolo(Array.from({ length: shards }, (_, shard) => ({ image, shard, mesh, verify: true }))), 1)
  return { ...connectionsOf(prepared.loaded.scenario, merged, 1200 / 20), digest: merged.digest, totals: merged.totals }
}

describe('a client that stops', () => {
  it('opens nothing more, and what it has open stops with it', () => {
    const found = runWithLives(scenario({ rate: '10/s', hold: '3s' }), { 0: [0, 5] })
    // One client for ten seconds, one for five; of the latter those opened in the last three seconds were still open.
    expect(found.attempts).toBe(150)
    expect(found.stopped).toBe(30)
    expect(found.completed + found.stopped).toBe(150)
    expect(found.portsInUse).toBe(0)
  })

  it('and holds idle connections: they are counted as stopped though no timer tells', () => {
    const found = runWithLives(scenario({ rate: '10/s', close: 'idle' }), { 0: [0, 5] })
    expect(found).toMatchObject({ attempts: 150, stopped: 50, open: 100, portsInUse: 100 })
  })
})

describe('a server that stops', () => {
  it('is drawn no more; who was connected repeats data until it gives up', () => {
    const found = runWithLives(scenario({ rate: '10/s', keepAlive: { pool: 3 }, dataRetries: 5 }), { 2: [0, 5] })
    expect(found.failed).toBeGreaterThan(0)
    expect(Object.keys(found.failedByReason)).toEqual(['dataTimeout'])
    expect(found.requests.failed).toBe(found.failed)
    expect(found.attempts).toBe(found.completed + found.failed + found.open)
    expect(found.requests.answered + found.requests.failed).toBe(found.requests.made)
  })

  it('leaves nobody to connect to when it was the last', () => {
    const found = runWithLives(scenario({ rate: '10/s', close: 'rst' }), { 2: [0, 5], 3: [0, 5], 4: [0, 5] })
    expect(found.failedByReason).toEqual({ noTarget: 100 })
    expect(found.completed).toBe(100)
  })

  it('and comes late is drawn from then on', () => {
    const late = { 2: [20, 30], 3: [20, 30], 4: [2, 30] } as const
    expect(runWithLives(scenario({ rate: '10/s', close: 'rst' }), late).failedByReason).toEqual({ noTarget: 40 })
  })
})

it('all of it does not depend on shards', () => {
  const lives = { 0: [1, 5], 2: [0, 4], 3: [3, 9] } as const
  const run = scenario({ rate: '20/s', hold: { kind: 'exponential', mean: '2s' }, dataRetries: 4 })
  expect(runWithLives(run, lives, 3)).toEqual(runWithLives(run, lives))
})
