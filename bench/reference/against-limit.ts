// vxlane beside a C program of the same work (limit.c): the same nodes, flows and packets, one thread each, in turns (A B B A ...), so that
// what the machine does meanwhile falls on both. Both must count the same packets and the same sum of latencies, or the figures mean nothing.
//   node dist/bench/reference/against-limit.js [flows=120000] [nodes=4096] [packets=40000000] [rounds=6] [modes=bucket,prefetch,heap]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadScenario, run } from '../../src/index.js'
import { scenarioOf } from '../harness.js'
import { compileLimit, findCompiler, type LimitMode, type LimitRun, runLimit, writeFlows } from './limit-program.js'

export interface Versus {
  readonly flows: number
  readonly nodes: number
  readonly packets: number
  readonly rounds: number
  /** The first is what vxlane is held against. */
  readonly modes: readonly LimitMode[]
}

/** What both counted, and packets a second of each turn. */
export interface VersusResult {
  readonly sent: number
  readonly delivered: number
  readonly vxlane: readonly number[]
  readonly limit: ReadonlyMap<LimitMode, readonly number[]>
  /** Of processor time instead of wall time. */
  readonly perCpu: { readonly vxlane: readonly number[]; readonly limit: ReadonlyMap<LimitMode, readonly number[]> }
}

interface Turn {
  readonly packetsPerSecond: number
  readonly packetsPerCpuSecond: number
  readonly counts: string
  readonly sent: number
  readonly delivered: number
}

const countsOf = ({ sent, delivered, latencySum }: Pick<LimitRun, 'sent' | 'delivered' | 'latencySum'>): string =>
  `sent ${sent}, delivered ${delivered}, sum of latencies ${Math.round(latencySum)} ns`

async function turnOfVxlane(scenario: object): Promise<Turn> {
  const before = process.cpuUsage()
  const { totals, latencyNs, performance } = await run(loadScenario(scenario), { workers: 1 })
  const { user, system } = process.cpuUsage(before)
  const cpuSeconds = Math.max((user + system) / 1e6 - performance.setupSeconds, 1e-9)
  const { sent, delivered } = totals
  const counts = countsOf({ sent, delivered, latencySum: latencyNs.mean * latencyNs.count })
  return { counts, sent, delivered, packetsPerSecond: delivered / performance.wallSeconds, packetsPerCpuSecond: delivered / cpuSeconds }
}

function turnOfLimit(program: string, mode: LimitMode, file: string): Turn {
  const result = runLimit(program, mode, file)
  return { ...result, counts: countsOf(result) }
}

/** Runs all in turns: vxlane, each mode, and backwards in the next round. Throws when the two do not count the same. */
export async function versus(compiler: string, { flows, nodes, packets, rounds, modes }: Versus): Promise<VersusResult> {
  const folder = mkdtempSync(join(tmpdir(), 'vxlane-limit-'))
  try {
    const program = compileLimit(compiler, folder)
    const scenario = scenarioOf({ flows, nodes, packets, workers: 1 })
    const file = join(folder, 'flows')
    writeFlows(file, loadScenario(scenario))
    const names = ['vxlane', ...modes] as const
    const turns = new Map<string, Turn[]>(names.map(name => [name, []]))
    for (let round = 0; round < rounds; round++) {
      for (const name of round % 2 === 0 ? names : names.toReversed()) {
        turns.get(name)?.push(name === 'vxlane' ? await turnOfVxlane(scenario) : turnOfLimit(program, name, file))
      }
    }
    const all = [...turns].flatMap(([name, list]) => list.map(turn => ({ name, ...turn })))
    const other = all.find(({ counts }) => counts !== all[0].counts)
    if (other) throw new Error(`not the same work: ${all[0].name} has ${all[0].counts}; ${other.name} has ${other.counts}`)
    const rates = (name: string, key: 'packetsPerSecond' | 'packetsPerCpuSecond') => (turns.get(name) ?? []).map(turn => turn[key])
    const perMode = (key: 'packetsPerSecond' | 'packetsPerCpuSecond') => new Map(modes.map(mode => [mode, rates(mode, key)]))
    const perCpu = { vxlane: rates('vxlane', 'packetsPerCpuSecond'), limit: perMode('packetsPerCpuSecond') }
    const { sent, delivered } = all[0]
    return { sent, delivered, vxlane: rates('vxlane', 'packetsPerSecond'), limit: perMode('packetsPerSecond'), perCpu }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

/** Median of the ratios of turns that ran side by side. */
export const ratioOf = (ours: readonly number[], theirs: readonly number[]): number => median(ours.map((rate, i) => rate / theirs[i]))

const millions = (rates: readonly number[]): string => rates.map(rate => (rate / 1e6).toFixed(2)).join(' ')

function print({ flows, nodes, modes }: Versus, result: VersusResult): void {
  console.log(
    `flows=${flows} nodes=${nodes} sent=${result.sent} delivered=${result.delivered} (the same in all turns, and so is the sum of latencies)`,
  )
  console.log(`vxlane          ${(median(result.vxlane) / 1e6).toFixed(2)} M packets/s  [${millions(result.vxlane)}]`)
  for (const mode of modes) {
    const rates = result.limit.get(mode) ?? []
    const ofCpu = ratioOf(result.perCpu.vxlane, result.perCpu.limit.get(mode) ?? [])
    const ratio = `vxlane has ${ratioOf(result.vxlane, rates).toFixed(2)} of it (${ofCpu.toFixed(2)} by processor time)`
    console.log(`limit ${mode.padEnd(9)} ${(median(rates) / 1e6).toFixed(2)} M packets/s  [${millions(rates)}]  ${ratio}`)
  }
}

if (process.argv[1]?.endsWith('against-limit.js')) {
  const options = new Map(process.argv.slice(2).map(argument => argument.split('=') as [string, string]))
  const number = (name: string, otherwise: number): number => Number(options.get(name) ?? otherwise)
  const setting: Versus = {
    flows: number('flows', 120_000),
    nodes: number('nodes', 4096),
    packets: number('packets', 40_000_000),
    rounds: number('rounds', 6),
    modes: (options.get('modes') ?? 'bucket,prefetch,heap').split(',') as LimitMode[],
  }
  const compiler = findCompiler()
  if (compiler === null) console.log('skipped: there is no C compiler here (cc, gcc or clang)')
  else print(setting, await versus(compiler, setting))
}
