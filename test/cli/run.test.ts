import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSeries } from '../../src/observe/series.js'

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

const SCENARIO = `apiVersion: vxlane/v1
name: by-hand
duration: 20ms
cluster:
  agentPoolProfiles: [{ name: nodepool1, count: 3 }]
workloads:
  - { namespace: shop, name: web, replicas: 6, ports: [{ containerPort: 8080, protocol: UDP }] }
  - { namespace: shop, name: client, replicas: 9 }
traffic:
  - name: east-west
    from: { workload: shop/client }
    to: { workload: shop/web, port: 8080 }
    protocol: udp
    size: 500B
    rate: 2000/s
    arrivals: poisson
assert:
  - drops.total == 0
  - totals.delivered > 100
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vxlane-run-'))
  writeFileSync(join(folder, 's.yaml'), SCENARIO)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function vxlane(...args: string[]): Promise<Ended> {
  return new Promise(resolve => {
    execFile(process.execPath, [main, ...args], { cwd: folder, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

describe('vxlane run', () => {
  it('prints a summary, writes nothing, says nothing else', async () => {
    const { code, stdout, stderr } = await vxlane('run', 's.yaml')
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^PASSED {2}by-hand: 20 ms of virtual time, seed 1, VXLAN; all 2 assertions hold\n/)
    expect(stdout).toMatch(/^repeat +vxlane run s\.yaml --seed 1$/m)
    expect(readdirSync(folder)).toEqual(['s.yaml'])
  })

  it('gives the same result for any number of workers, and without any', async () => {
    const results = []
    for (const workers of ['1', '2', '3', 'solo']) {
      const { stdout } = await vxlane('run', 's.yaml', '--workers', workers, '--json')
      const { engine, performance, ...rest } = JSON.parse(stdout)
      expect(engine.workers).toBe(workers === 'solo' ? 0 : Number(workers))
      expect(performance.events).toBeGreaterThan(0)
      results.push(rest)
    }
    for (const result of results.slice(1)) expect(result).toEqual(results[0])
    expect(results[0].totals.sent).toBe(results[0].totals.delivered + results[0].totals.dropped + results[0].totals.inFlight)
  })

  it('changes with the seed, the duration and --set, and prints the command that repeats it', async () => {
    const { stdout } = await vxlane(
      'run',
      '--set',
      'fabric.latency=80us',
      's.yaml',
      '--seed',
      '5',
      '--duration',
      '10ms',
      '--set',
      'name=o"k',
    )
    expect(stdout).toContain(`vxlane run s.yaml --seed 5 --duration 10ms --set fabric.latency=80us --set 'name=o"k'`)
    const json = JSON.parse((await vxlane('run', 's.yaml', '--seed', '5', '--duration', '10ms', '--json')).stdout)
    expect(json).toMatchObject({ seed: 5, simulatedNs: 10_000_000 })
  })

  it('ends with 3 when an assertion does not hold', async () => {
    const { code, stdout } = await vxlane('run', 's.yaml', '--set', 'assert=[totals.sent == 1]')
    expect(stdout).toMatch(/^FAILED {2}/)
    expect(stdout).toMatch(/false: totals\.sent == 1 \(\d+ against 1\)/)
    expect(code).toBe(3)
  })

  it('ends with 2 for mistakes, one line each and no stack', async () => {
    writeFileSync(join(folder, 'bad.yaml'), SCENARIO.replace('count: 3', 'cuont: 3').replace('500B', '500X'))
    const bad = await vxlane('run', 'bad.yaml')
    expect(bad.code).toBe(2)
    expect(bad.stderr.match(/^bad\.yaml:\d+:\d+: /gm)?.length).toBe(2)
    expect(bad.stderr).not.toContain('    at ')
    for (const args of [['run'], ['run', 's.yaml', '--workers', 'many'], ['run', 's.yaml', '--seed', '-1'], ['run', 's.yaml', '--what']]) {
      expect((await vxlane(...args)).code).toBe(2)
    }
    rmSync(join(folder, 'bad.yaml'))
  })

  it('does not run with --dry-run', async () => {
    const { code, stdout } = await vxlane('run', 's.yaml', '--dry-run', '--json', '--workers', '2')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'dryRun',
      nodes: 3,
      pods: 15,
      flows: 9,
      packets: 360,
      shards: [{ shard: 0 }, { shard: 1 }],
    })
  })
})

describe('the result folder of a run', () => {
  it('holds the result, the series and the captures, and is not overwritten', async () => {
    const capture =
      'capture=[{pod: shop/web/0, interface: eth0, file: web.pcapng}, {node: nodepool1/0, interface: eth0, file: node.pcapng}]'
    const { code, stdout } = await vxlane('run', 's.yaml', '--out', 'out', '--set', capture)
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^files +out: result\.json, scenario\.json, series\.msgpack, web\.pcapng, node\.pcapng, journey\.json, report\.html$/m,
    )
    expectWhole(join(folder, 'out'))
    const result = JSON.parse(readFileSync(join(folder, 'out', 'result.json'), 'utf8'))
    const series = readSeries(readFileSync(join(folder, 'out', 'series.msgpack')))
    const sent = series.intervals.flatMap(interval => interval.sent).reduce((sum, value) => sum + value, 0)
    expect(sent).toBe(result.totals.sent)
    const again = await vxlane('run', 's.yaml', '--out', 'out')
    expect(again).toMatchObject({ code: 2, stdout: '' })
    expect(again.stderr).toContain('--force')
    expect((await vxlane('run', 's.yaml', '--out', 'out', '--force', '-q')).stdout).toBe('')
    expect(readdirSync(join(folder, 'out')).sort()).toEqual([
      'journey.json',
      'manifest.json',
      'report.html',
      'result.json',
      'scenario.json',
      'series.msgpack',
    ])
  })
})

describe('^C', () => {
  it.each(['1', '2', 'solo'])('with workers %s ends after the window, saves what there is, exits 130', async workers => {
    const out = join(folder, `stopped-${workers}`)
    const args = ['run', 's.yaml', '--duration', '3h', '--workers', workers, '--out', out, '--set', 'traffic[0].rate=100000/s']
    const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
      if (text.includes('packets/s')) child.kill('SIGINT')
    })
    const code = await new Promise(resolve => child.on('exit', resolve))
    expect(stderr).toContain('stopping after the current window')
    expect(code).toBe(130)
    expectWhole(out)
    const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
    expect(result.partial).toBe(true)
    expect(result.simulatedNs).toBeGreaterThan(0)
    expect(result.totals.sent).toBe(result.totals.delivered + result.totals.dropped + result.totals.inFlight)
  })
})

/** Every file of the folder is listed, whole, and nothing else lies there. */
function expectWhole(out: string): void {
  const { files } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as {
    files: { name: string; bytes: number; sha256: string }[]
  }
  for (const { name, bytes, sha256 } of files) {
    const content = readFileSync(join(out, name))
    expect([name, content.length, createHash('sha256').update(content).digest('hex')]).toEqual([name, bytes, sha256])
  }
  expect(readdirSync(out).sort()).toEqual(['manifest.json', ...files.map(({ name }) => name)].sort())
}
