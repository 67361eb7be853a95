// The same study gives the same bytes, whoever computes it: threads here, one worker, three; with seeds, with a search, with packets,
// with files that the scenario names and no worker has.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { queueExecutor, type StudyExecutor, study } from '../../src/index.js'
import { hasQueue, type OwnRedis, ownRedis } from '../support/redis.js'
import { type Running, start, studyFolder } from '../support/study-queue.js'

const { folder, write, read } = studyFolder()
const elsewhere = studyFolder().folder

const STUDIES: Readonly<Record<string, string>> = {
  grid: `vary:
  - { path: "cluster.agentPoolProfiles[0].count", range: { from: 2, to: 16, step: 2 } }
  - { path: "cluster.agentPoolProfiles[0].maxPods", values: [10, 20, 30, 110] }
`,
  find: `vary:
  - { path: cluster.networkProfile.podCidr, values: [10.244.0.0/18, 10.244.0.0/17, 10.244.0.0/16] }
find: { path: "cluster.agentPoolProfiles[0].count", between: [2, 1000], largestWhere: resources.exhausted == none }
`,
  seeds: `base: { apiVersion: vxlane/v1, name: churn, duration: 1h, cluster: { agentPoolProfiles: [{ count: 3, maxPods: 30 }] },
  workloads: [{ namespace: shop, name: web, replicas: 40, churn: { lifetime: { kind: exponential, mean: 10m } } }] }
vary: [{ path: "cluster.agentPoolProfiles[0].maxPods", values: [15, 20, 30] }]
seeds: 4
measure: [podEvents, resources.podCidr.peak, waits.node.count]
`,
  packets: `mode: run
set: { duration: 20ms, traffic: [{ name: all, from: { workload: shop/web }, to: { workload: shop/web, port: 80 }, protocol: udp, size: 200B, rate: 500/s, arrivals: poisson }] }
vary: [{ path: fabric.latency, values: [20us, 50us, 100us] }]
seeds: 2
measure: [totals.delivered, latencyNs.p99, digest]
`,
  files: `set: { manifests: [k8s/, ../web.yaml] }
vary: [{ path: manifests, values: [[k8s/], [k8s/, more.yaml]] }, { path: "workloads[0].growth", values: [null, { kind: trace, file: curves/growth.csv }] }]
measure: [pods.running, maxPods, fits]
`,
  failing: 'vary: [{ path: cluster.networkProfile.podCidr, values: [10.244.0.0/16, 10.0.0.0/16] }]\n',
}

function deployment(name: string, replicas: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: main, image: none }] }
`
}

describe.skipIf(!hasQueue('same.test'))('byte for byte', () => {
  let redis: OwnRedis
  const workers: Running[] = []
  const work = (): void => {
    workers.push(start(elsewhere, ['worker', '--redis', redis.url, '--concurrency', '1']))
  }
  const make = async (name: string, how: string, executor?: StudyExecutor): Promise<number> => {
    const { points } = await study(join(folder, `${name}.yaml`), { workers: 1, out: join(folder, `${name}-${how}`), executor })
    return points.failed
  }
  const byQueue = (name: string, how: string) => make(name, how, queueExecutor({ url: redis.url }))

  beforeAll(async () => {
    for (const [name, rest] of Object.entries(STUDIES)) write(name, rest)
    mkdirSync(join(folder, 'k8s'))
    mkdirSync(join(folder, 'curves'))
    writeFileSync(join(folder, 'k8s/api.yaml'), deployment('api', 12))
    writeFileSync(join(folder, 'more.yaml'), deployment('more', 7))
    writeFileSync(join(folder, 'curves/growth.csv'), '0s,60\n10m,90\n')
    redis = await ownRedis()
  })
  afterAll(async () => {
    for (const { child } of workers) child.kill('SIGTERM')
    for (const { done } of workers) expect((await done).code).toBe(0)
  })

  test.each(Object.keys(STUDIES))('%s: here, by one worker, by three, and once more from what Redis remembers', async name => {
    const failed = name === 'failing' ? 1 : 0
    expect(await make(name, 'here')).toBe(failed)
    while (workers.length < 1) work()
    expect(await byQueue(name, 'one')).toBe(failed)
    await redis.client.flushall()
    while (workers.length < 3) work()
    expect(await byQueue(name, 'three')).toBe(failed)
    expect(await byQueue(name, 'again')).toBe(failed)
    for (const file of ['summary.json', 'points.csv']) {
      for (const how of ['one', 'three', 'again']) expect(read(`${name}-${how}/${file}`)).toBe(read(`${name}-here/${file}`))
    }
  })
})
