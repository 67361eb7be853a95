// A study exported as a Job and computed from the manifest alone, one process for each index as a cluster would: the same bytes as here.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Anything, Kubelet, objectsOf } from '../support/kubelet.js'

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vxlane-'))
const vxlane = (...words: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'study', ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { code: status, out: stdout, err: stderr }
}
mkdirSync(join(folder, 'studies'))
mkdirSync(join(folder, 'k8s'))
writeFileSync(
  join(folder, 'base.yaml'),
  `apiVersion: vxlane/v1
manifests: [k8s]
cluster:
  networkProfile: { podCidr: 10.244.0.0/16 }
  agentPoolProfiles: [{ count: 3, maxPods: 30 }]
`,
)
writeFileSync(
  join(folder, 'k8s/web.yaml'),
  `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { replicas: 60, template: { metadata: { labels: { app: web } } } }
`,
)
function studyFile(name: string, rest: string): string {
  writeFileSync(join(folder, `studies/${name}.yaml`), `apiVersion: vxlane-study/v1\nname: ${name}\nbase: ../base.yaml\n${rest}`)
  return `studies/${name}.yaml`
}
const grid = studyFile(
  'grid',
  `vary:
  - { path: "cluster.agentPoolProfiles[0].count", range: { from: 3, to: 32, step: 1 } }
  - { path: "cluster.agentPoolProfiles[0].maxPods", values: [20, 30, 0, 250] }
measure: [maxNodes, resources.maxPods.used, bindingResource]
`,
)
const search = studyFile(
  'limit',
  `vary: [{ path: cluster.networkProfile.podCidr, values: [10.244.0.0/19, 10.244.0.0/18, 10.244.0.0/16] }]
find: { path: "cluster.agentPoolProfiles[0].count", between: [2, 1000], largestWhere: resources.exhausted == none }
`,
)

const linesOf = (path: string): number => (existsSync(path) ? readFileSync(path).filter(byte => byte === 10).length : 0)

/** Runs all indexes, a few at a time and not in order, then the second Job; what that printed. */
async function onCluster(text: string, study: string, killed: number | null) {
  const objects = objectsOf(text)
  const [parts, merge] = objects.filter(({ kind }) => kind === 'Job')
  const claim = objects.find(({ kind }) => kind === 'PersistentVolumeClaim').metadata.name
  const kubelet = new Kubelet(objects)
  const results = join(kubelet.claim(claim), study)
  const { completions } = parts.spec
  if (killed !== null) {
    const { process: child, ended } = kubelet.start(parts, killed)
    const journal = join(results, `points-${killed}-of-${completions}.jsonl`)
    const watch = setInterval(() => linesOf(journal) > 3 && child.kill('SIGKILL'), 2)
    expect((await ended).code).toBeNull()
    clearInterval(watch)
    expect(linesOf(journal)).toBeLessThan(1 + 120 / completions)
  }
  const indexes = Array.from({ length: completions }, (_, index) => index).reverse()
  for (let i = 0; i < indexes.length; i += 2) {
    const ended = await Promise.all(indexes.slice(i, i + 2).map(index => kubelet.start(parts, index).ended))
    expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(ended.map(() => [0, expect.any(String)]))
  }
  const computed = readdirSync(results).filter(name => name.startsWith('points-'))
  expect(computed).toHaveLength(completions)
  const merged = await kubelet.start(merge).ended
  expect(readdirSync(kubelet.cwd)).toEqual([])
  return { merged, results, merge }
}

describe('a study exported as a Job, computed from the manifest alone', () => {
  test('a grid, one index of it killed half-way and tried again', async () => {
    const { code, out } = vxlane(grid, '--export', 'k8s-job', '--completions', '4', '--parallelism', '2')
    expect(code).toBe(0)
    const { merged, results } = await onCluster(out, 'grid', 2)
    // No pods a node is a mistake by the scenario's form: points that fail, here and there.
    expect(vxlane(grid, '--out', 'local', '-q').code).toBe(5)
    expect(merged.code).toBe(5)
    for (const name of ['summary.json', 'points.csv', 'points.parquet'])
      expect(readFileSync(join(results, name)).equals(readFileSync(join(folder, 'local', name)))).toBe(true)
    expect(merged.stdout).toBe(readFileSync(join(folder, 'local/summary.json'), 'utf8'))
    // Nothing was left for the second Job.
    expect(linesOf(join(results, 'points.jsonl'))).toBe(0)
  }, 300_000)
  test('searches, each whole in one index', async () => {
    const { out } = vxlane(search, '--export', 'k8s-job')
    const { merged, results } = await onCluster(out, 'limit', null)
    expect(vxlane(search, '--out', 'limit', '-q').code).toBe(0)
    expect(merged.code).toBe(0)
    expect(merged.stdout).toBe(readFileSync(join(folder, 'limit/summary.json'), 'utf8'))
    expect(readFileSync(join(results, 'summary.json'), 'utf8')).toBe(merged.stdout)
  }, 300_000)
})

describe('the command', () => {
  test('gives workers words that `vxlane worker` knows', () => {
    const [{ spec }] = objectsOf(vxlane(grid, '--export', 'k8s-workers', '--workers', '3').out)
    const [{ args, command }] = spec.template.spec.containers
    expect(command).toEqual([
      'npx',
      '--yes',
      '--package',
      expect.stringMatching(/^vxlane@/),
      '--package',
      'bullmq@6',
      '--package',
      'ioredis@5',
      'vxlane',
    ])
    // With an address where nobody listens it gets as far as trying.
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
      encoding: 'utf8',
      env: { ...process.env, VXLANE_REDIS_URL: 'redis://127.0.0.1:1' },
    })
    expect([status, stderr]).toEqual([2, expect.stringContaining('nothing listens at redis://127.0.0.1:1')])
    // As long as it takes to finish, and a little more to say goodbye.
    expect(args.slice(args.indexOf('--grace'))).toEqual(['--grace', '300s'])
    expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(300)
  })
  test('writes to a file, and says on stderr what the pods need', () => {
    const { code, out, err } = vxlane(grid, '--export', 'k8s-job', '-o', 'job.yaml')
    expect([code, out]).toEqual([0, ''])
    expect(err).toContain('the pods fetch vxlane@')
    expect(objectsOf(readFileSync(join(folder, 'job.yaml'), 'utf8')).map(({ kind }: Anything) => kind)).toEqual([
      'ConfigMap',
      'PersistentVolumeClaim',
      'Job',
      'Job',
    ])
    expect(vxlane(grid, '--export', 'k8s-workers', '--image', 'vxlane:1').err).toBe('')
  })
  test.each([
    [['--export', 'k8s-job', '--volume', 'emptyDir'], 'gone with its pod'],
    [['--export', 'k8s-job', '--completions', '0'], 'whole number from 1'],
    [['--export', 'k8s-job', '--completions', '121'], '121 parts of 120 points'],
    [['--export', 'k8s-job', '--namespace', 'My_Space'], 'lower case letters'],
    [['--export', 'k8s-job', '--shard', '0/2'], 'cannot be used with'],
    [['--export', 'k8s-workers', '--completions', '3'], '--completions goes with --export k8s-job'],
    [['--export', 'k8s-job', '--volume', 'mine', '--storage-class', 'azurefile-csi'], 'with --volume there is one'],
    [['--export', 'compose'], 'Allowed choices are k8s-job, k8s-workers'],
    [['--image', 'vxlane:1'], '--image goes with --export'],
  ])('%j is refused', (words, why) => {
    const { code, out, err } = vxlane(grid, ...words)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(why)
  })
})
