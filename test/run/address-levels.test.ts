// The column of the series that says how many addresses the pods of a node have: a run that scales, read back from its file.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadScenario, run } from '../../src/index.js'
import { readSeries } from '../../src/observe/series.js'

it('follows the pods of each node', async () => {
  const out = mkdtempSync(join(tmpdir(), 'vxlane-levels-'))
  const traffic = [{ from: { workload: 'w' }, to: { workload: 'w', port: 80 }, size: 100, rate: '1000/s' }]
  const timeline = [
    { at: '40ms', scale: { workload: 'w', replicas: 12 } },
    { at: '70ms', scale: { workload: 'w', replicas: 6 } },
  ]
  const cluster = { agentPoolProfiles: [{ name: 'a', count: 2 }] }
  const workloads = [{ name: 'w', replicas: 4 }]
  await run(loadScenario({ apiVersion: 'vxlane/v1', duration: '100ms', cluster, workloads, timeline, traffic }), { workers: 0, out })
  const { intervals, header } = readSeries(readFileSync(join(out, 'series.msgpack')))
  const levelAt = (ms: number): number => {
    const found = intervals.find(({ interval }) => (interval + 1) * header.intervalNs === ms * 1e6)
    return (found?.podAddresses ?? []).reduce((sum, level) => sum + level, 0)
  }
  expect([levelAt(30), levelAt(60), levelAt(90)]).toEqual([4, 12, 6])
  rmSync(out, { recursive: true, force: true })
})
