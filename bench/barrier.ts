// What the barrier costs against the length of a window: two workers with the same traffic, and the fabric's latency, which is the length of
// a window, from short to long. Prints a Markdown table.
//   node dist/bench/barrier.js [flows=10000,100000] [windows=10,25,50,100,250] [workers=2] [packets=20000000] [runs=3] [into=FILE]
import { loadScenario, run } from '../src/index.js'
import { scenarioOf } from './harness.js'
import { machineLine, put } from './into.js'

export interface BarrierCase {
  readonly flows: number
  readonly workers: number
  /** Length of a window, us. */
  readonly windowUs: number
  readonly packets: number
}

export interface BarrierCost {
  readonly packetsPerSecond: number
  /** Packets in a window of one shard. */
  readonly packetsPerWindow: number
  /** Of the shards' time. */
  readonly share: number
  /** What a shard waits for the others in each window, us. */
  readonly usPerWindow: number
}

export async function barrierCost({ flows, workers, windowUs, packets }: BarrierCase): Promise<BarrierCost> {
  const scenario = scenarioOf({ flows, workers, packets })
  const result = await run(loadScenario({ ...scenario, fabric: { nicRate: '100Gbps', latency: `${windowUs}us` } }), { workers })
  const { wallSeconds, barrierShare } = result.performance
  const windows = Math.max(1, result.simulatedNs / (windowUs * 1000))
  return {
    packetsPerSecond: result.totals.delivered / wallSeconds,
    packetsPerWindow: result.totals.sent / windows / workers,
    share: barrierShare,
    usPerWindow: (barrierShare * wallSeconds * 1e6) / windows,
  }
}

async function main(options: ReadonlyMap<string, string>): Promise<void> {
  const list = (name: string, otherwise: string): number[] => (options.get(name) ?? otherwise).split(',').map(Number)
  const [workers] = list('workers', '2')
  const [packets] = list('packets', '20000000')
  const [runs] = list('runs', '3')
  const rows = [
    '| flows | window, us | packets a window and shard | million packets/s | waiting | us a window |',
    '|---:|---:|---:|---:|---:|---:|',
  ]
  for (const flows of list('flows', '10000,100000')) {
    for (const windowUs of list('windows', '10,25,50,100,250')) {
      const costs: BarrierCost[] = []
      for (let i = 0; i < runs; i++) costs.push(await barrierCost({ flows, workers, windowUs, packets }))
      const cost = costs.sort((a, b) => a.packetsPerSecond - b.packetsPerSecond)[runs >> 1]
      const cells = [cost.packetsPerWindow.toFixed(0), (cost.packetsPerSecond / 1e6).toFixed(2), `${(cost.share * 100).toFixed(1)}%`]
      rows.push(`| ${flows.toLocaleString('en-US')} | ${windowUs} | ${cells.join(' | ')} | ${cost.usPerWindow.toFixed(1)} |`)
    }
  }
  put('barrier', `${machineLine()} ${workers} workers.\n\n${rows.join('\n')}`, options.get('into'))
}

if (process.argv[1]?.endsWith('barrier.js')) {
  await main(new Map(process.argv.slice(2).map(argument => argument.split('=') as [string, string])))
}
