// `vxlane study` as a user meets it: words, files, exit codes, and what SIGKILL and ^C do to it.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const KILLS = process.env.VXLANE_LONG ? 10 : 3
const folder = mkdtempSync(join(tmpdir(), 'vxlane-'))
const env = { ...process.env, NO_COLOR: '1' }

writeFileSync(
  join(folder, 'base.yaml'),
  `apiVersion: vxlane/v1
name: base
cluster:
  networkProfile: { podCidr: 10.244.0.0/16 }
  agentPoolProfiles: [{ count: 3, maxPods: 30 }]
workloads:
  - { namespace: shop, name: web, replicas: 60 }
`,
)
function studyFile(name: string, rest: string): string {
  writeFileSync(join(folder, `${name}.yaml`), `apiVersion: vxlane-study/v1\nname: ${name}\nbase: base.yaml\n${rest}`)
  return `${name}.yaml`
}
function vxlane(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'study', ...words], { cwd: folder, encoding: 'utf8', env })
  return { code: status, out: stdout, err: stderr }
}
const limit = studyFile(
  'limit',
  `vary: [{ path: cluster.networkProfile.podCidr, values: [10.244.0.0/18, 10.244.0.0/16] }]
find: { path: "cluster.agentPoolProfiles[0].count", between: [2, 1000], largestWhere: resources.exhausted == none }
`,
)

describe('a search', () => {
  test('answers in words and in a table, and writes its files', () => {
    const { code, out } = vxlane(limit)
    expect(code).toBe(0)
    expect(out).toContain('10.244.0.0/18: 64 nodes is the limit; the pod CIDR binds first')
    expect(out).toContain('10.244.0.0/16: 256 nodes is the limit; the pod CIDR binds first')
    expect(out).toMatch(/10\.244\.0\.0\/16 +256 +podCidr/)
    for (const name of ['points.jsonl', 'summary.json', 'points.csv', 'points.parquet'])
      expect(statSync(join(folder, 'results/limit', name)).size).toBeGreaterThan(0)
  })
  test('--json prints the summary, and the second time nothing is computed', () => {
    const before = readFileSync(join(folder, 'results/limit/points.jsonl'), 'utf8')
    const { code, out } = vxlane(limit, '--json')
    expect(code).toBe(0)
    expect(out).toBe(readFileSync(join(folder, 'results/limit/summary.json'), 'utf8'))
    expect(JSON.parse(out)).toMatchObject({ kind: 'study', name: 'limit', points: { failed: 0 } })
    expect(readFileSync(join(folder, 'results/limit/points.jsonl'), 'utf8')).toBe(before)
  })
  test('--dry-run lists the points and computes none', () => {
    const { code, out } = vxlane(limit, '--dry-run', '--out', 'dry')
    expect(code).toBe(0)
    expect(out).toContain('limit: 2 combinations, 1 seed, a search over 999 values of cluster.agentPoolProfiles[0].count for each')
    expect(out).toContain('cluster.networkProfile.podCidr=10.244.0.0/18')
    expect(existsSync(join(folder, 'dry'))).toBe(false)
  })
})

test('one combination is one, in words too', () => {
  const one = studyFile('one', 'measure: [bindingResource]\n')
  expect(vxlane(one, '--dry-run').out).toBe('one: 1 combination, 1 seed, a point for each; nothing was computed\n(the base itself)\n')
  expect(vxlane(one, '-q').code).toBe(0)
  expect(vxlane(one).out.split('\n').slice(0, 2)).toEqual(['one: 1 combination, 1 point', 'what binds first is the pod CIDR'])
})

test('a failed point is reported with its own command and does not stop the others; exit 5', () => {
  const { code, out, err } = vxlane(
    studyFile('failing', 'vary: [{ path: cluster.networkProfile.podCidr, values: [10.244.0.0/16, 10.0.0.0/16] }]\n'),
  )
  expect(code).toBe(5)
  expect(err).toContain('a point failed: ')
  expect(err).toContain('PodCidrOverlapsServiceCidr')
  const command = /repeat it: vxlane (.*)/.exec(err)?.[1].split(' ') ?? []
  expect(command).toEqual(['plan', 'base.yaml', '--set', 'cluster.networkProfile.podCidr=10.0.0.0/16'])
  const repeated = spawnSync(process.execPath, [MAIN, ...command], { cwd: folder, encoding: 'utf8', env })
  expect([repeated.status, repeated.stderr.includes('PodCidrOverlapsServiceCidr')]).toEqual([2, true])
  expect(out).toContain('2 points, 1 of them failed')
})

describe('mistakes', () => {
  test('in the study are located; exit 2', () => {
    const { code, out, err } = vxlane(studyFile('bad', 'vary: [{ path: cluster.podCidr, values: [1] }]\n'))
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('bad.yaml:4:16: UnknownPath: there is no "podCidr" under cluster')
  })
  test('a folder that holds something else is not touched', () => {
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    const { code, err } = vxlane(limit, '--out', '.')
    expect(code).toBe(2)
    expect(err).toContain('is not empty and holds no study')
  })
})

/** Big enough to be interrupted: points of a few milliseconds each. */
const long = studyFile(
  'long',
  `vary:
  - { path: "cluster.agentPoolProfiles[0].count", range: { from: 3, to: 32, step: 1 } }
  - { path: "cluster.agentPoolProfiles[0].maxPods", values: [20, 30, 60, 110, 250] }
measure: [maxNodes, resources.maxPods.used, bindingResource]
`,
)
const idsIn = (out: string): string[] => {
  const path = join(folder, out, 'points.jsonl')
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line).id)
}

/** Starts a study and sends a signal once so many points are on disk; its exit code, null if killed. */
async function stopped(
  out: string,
  signal: 'SIGKILL' | 'SIGINT' | 'SIGTERM',
  after: number,
): Promise<{ code: number | null; err: string }> {
  const child = spawn(process.execPath, [MAIN, 'study', long, '--out', out, '--workers', '2', '-q'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr.on('data', data => {
    err += data
  })
  const watch = setInterval(() => {
    const path = join(folder, out, 'points.jsonl')
    if (existsSync(path) && readFileSync(path).filter(byte => byte === 10).length >= after) {
      clearInterval(watch)
      child.kill(signal)
    }
  }, 5)
  const code = await new Promise<number | null>(resolve => child.on('exit', resolve))
  clearInterval(watch)
  return { code, err }
}

describe('in parts', () => {
  test('each writes its own journal; together they are what one call computes', () => {
    expect(vxlane(long, '--out', 'one', '-q').code).toBe(0)
    const first = vxlane(long, '--out', 'parts', '--shard', '0/3')
    expect([first.code, first.out]).toEqual([
      0,
      expect.stringContaining('long: 0..49 of 150 done, 50 points; in parts: points-0-of-3.jsonl'),
    ])
    expect(JSON.parse(vxlane(long, '--out', 'parts', '--points', '50..99', '--json').out)).toMatchObject({
      kind: 'studyPart',
      from: 50,
      to: 100,
    })
    const missing = vxlane(long, '--out', 'parts', '--merge-only')
    expect([missing.code, missing.err]).toEqual([5, expect.stringContaining('these are in no part: 100..149')])
    expect(vxlane(long, '--out', 'parts', '--shard', '2/3', '-q').code).toBe(0)
    const merged = vxlane(long, '--out', 'parts', '--merge-only', '--json')
    expect([merged.code, merged.out]).toEqual([0, readFileSync(join(folder, 'one/summary.json'), 'utf8')])
    expect(idsIn('parts')).toEqual([])
  }, 120_000)
  test('--dry-run lists what is in one; a part that there is not is a mistake', () => {
    expect(vxlane(long, '--dry-run', '--points', '7').out.split('\n')).toHaveLength(3)
    for (const words of [
      ['--shard', '3/3'],
      ['--shard', '1'],
      ['--points', '140..150'],
      ['--points', '9..8'],
      ['--shard', '0/2', '--merge-only'],
    ])
      expect([words, vxlane(long, '--out', 'none', ...words).code]).toEqual([words, 2])
    expect(existsSync(join(folder, 'none'))).toBe(false)
  }, 120_000)
})

describe('what stops it', () => {
  test(`SIGKILL at ${KILLS} moments: the summary of an undisturbed study, no point twice`, async () => {
    expect(vxlane(long, '--out', 'undisturbed', '-q').code).toBe(0)
    const expected = readFileSync(join(folder, 'undisturbed/summary.json'), 'utf8')
    let kills = 0
    for (let i = 0; i < KILLS; i++) {
      const before = idsIn('killed')
      const { code } = await stopped('killed', 'SIGKILL', Math.max(1, Math.round((150 * (i + Math.random() * 0.9)) / KILLS)))
      if (code === null) kills++
      const after = idsIn('killed')
      // What was finished stays finished, in its place.
      expect(after.slice(0, before.length)).toEqual(before)
    }
    expect(kills).toBeGreaterThan(0)
    const { code, out } = vxlane(long, '--out', 'killed', '--json')
    expect(code).toBe(0)
    expect(out).toBe(expected)
    const ids = idsIn('killed')
    expect([ids.length, new Set(ids).size]).toEqual([150, 150])
    expect(readFileSync(join(folder, 'killed/summary.json'), 'utf8')).toBe(expected)
    expect(readFileSync(join(folder, 'killed/points.csv'), 'utf8')).toBe(readFileSync(join(folder, 'undisturbed/points.csv'), 'utf8'))
  }, 300_000)

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s keeps what is finished, says how to go on, and ends with 130',
    async signal => {
      const { code, err } = await stopped(signal, signal, 20)
      expect(code).toBe(130)
      expect(err).toContain(`To go on: vxlane study long.yaml --out ${signal}`)
      const before = idsIn(signal)
      expect(before.length).toBeGreaterThanOrEqual(20)
      expect(before.length).toBeLessThan(150)
      expect(vxlane(long, '--out', signal, '-q').code).toBe(0)
      expect(idsIn(signal).slice(0, before.length)).toEqual(before)
    },
    120_000,
  )
})
