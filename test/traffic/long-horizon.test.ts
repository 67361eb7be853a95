// Time in which nothing happens costs nothing, however far the next timer is, and a timer that moves on with every segment is one event.
import { describe, expect, it } from 'vitest'
import { soloRounds } from '../../src/engine/rounds.js'
import { loadScenario } from '../../src/index.js'
import { merge } from '../../src/run/merge.js'
import { imageFor, prepare } from '../../src/run/prepare.js'
import { createMesh } from '../../src/shm/mesh.js'

const scenario = (duration: string, connections: object): object => ({
  apiVersion: 'vxlane/v1',
  duration,
  cluster: {
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', outboundType: 'userDefinedRouting' },
    agentPoolProfiles: [{ name: 'one', count: 10 }],
  },
  workloads: [
    { namespace: 'a', name: 'client', replicas: 20 },
    { namespace: 'a', name: 'web', replicas: 20 },
  ],
  traffic: [
    { name: 'calls', from: { workload: 'a/client' }, to: { workload: 'a/web', port: 80 }, stop: '1s', arrivals: 'poisson', connections },
  ],
})

/** Windows that were opened, and what came of it. */
function runIt(run: object): { windows: number; events: number; attempts: number } {
  const prepared = prepare(loadScenario(run))
  const image = imageFor(prepared, 1)
  const rounds = soloRounds([{ image, shard: 0, mesh: createMesh(1), verify: false }])
  let windows = 0
  let round = rounds.next()
  for (; !round.done; round = rounds.next()) windows++
  const { effort, connections } = merge(round.value, 1)
  return { windows, events: effort.events, attempts: connections!.counts.filter((_, i) => i % 16 === 0).reduce((sum, n) => sum + n, 0) }
}

describe('idle time', () => {
  it('costs nothing: an hour of held connections is as many windows and events as a second', () => {
    const short = runIt(scenario('100s', { rate: '50/s', hold: '2s', request: 100, response: 100 }))
    const long = runIt(scenario('4000s', { rate: '50/s', hold: '3600s', request: 100, response: 100 }))
    expect(long.attempts).toBe(short.attempts)
    expect(long.attempts).toBeGreaterThan(800)
    // The longer way to a deadline is one more stop at most, where the timer event of an earlier deadline lay.
    expect(long.events).toBeLessThan(short.events * 1.1)
    expect(long.windows).toBeLessThan(short.windows * 1.2)
  })

  it('a connection is a dozen segments and a handful of timer events', () => {
    const { events, attempts } = runIt(scenario('100s', { rate: '50/s', hold: '2s', request: 100, response: 100 }))
    // 9 segments, each one arrival at a node but for the few on the same one; open, and timers: SYN, request, hold, FIN, TIME_WAIT of the
    // client, SYN-ACK, response and FIN of the server.
    expect(events / attempts).toBeLessThan(9 + 1 + 8)
  })
})
