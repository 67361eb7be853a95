// What a packet costs, step by step: the nanoseconds of a packet, measured without a profiler, times each step's share of the samples of a
// run with one. Each case runs in a process of its own. Prints a Markdown table.
//   node dist/bench/cost-per-packet.js [flows=10000,100000,1000000] [packets=40000000] [runs=3] [into=FILE]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadScenario, run } from '../src/index.js'
import { type Share, STEPS, sharesOf } from './cost-steps.js'
import { scenarioOf } from './harness.js'
import { machineLine, put } from './into.js'

const SELF = fileURLToPath(import.meta.url)
/** Of a profiled run: the first part, in which code is compiled and each flow's first packet takes every step. */
const WARM_UP = 0.4

export interface Case {
  readonly flows: number
  readonly workers: number
  readonly packets: number
  /** Without the express path: every packet takes every step (a copied TTL is one of the device options that have it so). */
  readonly everyStep: boolean
}

export interface Cost {
  readonly nsPerPacket: number
  readonly shares: Share
}

const scenarioFor = ({ everyStep, ...options }: Case): object => {
  const scenario = scenarioOf(options) as { fabric: object }
  return everyStep ? { ...scenario, fabric: { ...scenario.fabric, vxlan: { ttl: 'inherit' } } } : scenario
}

/** Packets a second of one run in this process. */
async function packetsPerSecond(one: Case): Promise<number> {
  const { totals, performance } = await run(loadScenario(scenarioFor(one)), { workers: one.workers })
  return totals.delivered / performance.wallSeconds
}

/** The same in a fresh process, with V8's flags. */
function inProcess(one: Case, flags: readonly string[]): number {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, SELF, `case=${JSON.stringify(one)}`], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return Number(stdout)
}

/** Measures `runs` times without and once with the profiler. */
export function costOf(one: Case, runs: number): Cost {
  const rates = Array.from({ length: runs }, () => inProcess(one, [])).sort((a, b) => a - b)
  const folder = mkdtempSync(join(tmpdir(), 'vxlane-profile-'))
  try {
    // Without the last flag samples of functions that were drawn into others count as those others'.
    inProcess(one, ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=250', '--detailed-line-info'])
    // Each of the workers spends that long on its share of the packets.
    return { nsPerPacket: (1e9 / rates[runs >> 1]) * one.workers, shares: sharesOf(folder, WARM_UP) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function tableOf(cases: readonly Case[], costs: readonly Cost[]): string {
  const row = (name: string, cell: (cost: Cost) => number): string =>
    `| ${name} | ${costs.map(cost => cell(cost).toFixed(0)).join(' | ')} |`
  return [
    `| ns of a worker for each packet | ${cases.map(titleOf).join(' | ')} |`,
    `|---|${cases.map(() => '---:|').join('')}`,
    ...STEPS.map(step => row(step, ({ nsPerPacket, shares }) => nsPerPacket * shares.share[step])),
    row('**all**', ({ nsPerPacket }) => nsPerPacket),
  ].join('\n')
}

const titleOf = ({ flows, workers, everyStep }: Case): string =>
  `${flows.toLocaleString('en-US')} flows${workers > 1 ? `, ${workers} workers` : ''}${everyStep ? ', every step' : ''}`

if (process.argv[1]?.endsWith('cost-per-packet.js')) {
  const options = new Map(process.argv.slice(2).map(argument => [argument.split('=')[0], argument.slice(argument.indexOf('=') + 1)]))
  const one = options.get('case')
  if (one !== undefined) console.log(await packetsPerSecond(JSON.parse(one) as Case))
  else {
    const list = (options.get('flows') ?? '10000,100000,1000000').split(',').map(Number)
    const packets = Number(options.get('packets') ?? 40_000_000)
    const runs = Number(options.get('runs') ?? 3)
    const middle = list[list.length >> 1]
    const cases: Case[] = [
      ...list.map(flows => ({ flows, workers: 1, packets, everyStep: false })),
      { flows: middle, workers: 2, packets, everyStep: false },
      { flows: middle, workers: 1, packets: packets / 4, everyStep: true },
    ]
    const costs = cases.map(each => costOf(each, runs))
    put('cost-per-packet', `${machineLine()}\n\n${tableOf(cases, costs)}`, options.get('into'))
    cases.forEach((each, i) => {
      console.error(`other at ${titleOf(each)}: ${costs[i].shares.others.join(', ')}`)
    })
  }
}
