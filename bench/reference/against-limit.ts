// vxlane beside a C program of the same work (limit.c): the same nodes, flows and packets, one thread each, in turns (A B B A ...), so that
// what the machine does meanwhile falls on both. Both must count the same packets and the same sum of latencies, or the figures mean nothing.
//   node dist/bench/reference/against-limit.js [flows=120000] [nodes=4096] [packets=40000000] [rounds=6] [modes=bucket,prefetch,heap] [into=FILE]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadScenario } from '../../src/index.js'
import { scenarioOf } from '../harness.js'
import { machineLine, put } from '../into.js'
import { type Turn, turnOf } from '../turn.js'
import { compileLimit, findCompiler, type LimitMode, runLimit, writeFlows } from './limit-program.js'

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

const countsOf = ({ sent, delivered, latencySum }: Pick<Turn, 'sent' | 'delivered' | 'latencySum'>): string =>
  `sent ${sent}, delivered ${delivered}, sum of latencies ${latencySum} ns`

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
        turns.get(name)?.push(name === 'vxlane' ? await turnOf(scenario) : runLimit(program, name, file))
      }
    }
    const all = [...turns].flatMap(([name, list]) => list.map(turn => ({ name, ...turn, counts: countsOf(turn) })))
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

const millions = (rates: readonly number[]): string =>
  `${(median(rates) / 1e6).toFixed(2)} | ${rates.map(rate => (rate / 1e6).toFixed(2)).join(' ')}`

const TITLES: Readonly<Record<LimitMode, string>> = {
  bucket: 'C, window buckets',
  prefetch: 'C, window buckets, prefetching',
  heap: 'C, one binary heap',
}

function tableOf({ flows, nodes, modes }: Versus, result: VersusResult): string {
  const rows = modes.map(mode => {
    const rates = result.limit.get(mode) ?? []
    const ofCpu = ratioOf(result.perCpu.vxlane, result.perCpu.limit.get(mode) ?? [])
    return `| ${TITLES[mode]} | ${millions(rates)} | ${ratioOf(result.vxlane, rates).toFixed(2)} | ${ofCpu.toFixed(2)} |`
  })
  const many = (count: number): string => count.toLocaleString('en-US')
  return [
    `${machineLine()} ${many(flows)} flows on ${many(nodes)} nodes, one thread each, in turns; ${many(result.sent)} packets sent and ${many(result.delivered)} delivered in every turn, with the same sum of latencies.`,
    '',
    '| | million packets/s | each turn | vxlane has of it | by processor time |',
    '|---|---:|---|---:|---:|',
    `| vxlane, 1 worker | ${millions(result.vxlane)} | | |`,
    ...rows,
  ].join('\n')
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
  else put('against-limit', tableOf(setting, await versus(compiler, setting)), options.get('into'))
}
