// How far it goes: packets a second against workers, flows and nodes; set-up time and memory against pods. Each run has a process of its own;
// rounds go forwards and backwards through the cases. Writes what it measured to docs/scaling.json, and docs/scaling.md and docs/scaling.svg from it.
//   node dist/bench/scaling.js [rounds=3] [packets=40000000] [scale=1] [series=workers,nodes,pods,flight] [out=docs]
//   node dist/bench/scaling.js render [out=docs]      only the page and the picture, from the measurements that are there
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadScenario, run } from '../src/index.js'
import { type Case, casesFor, flowsOf, type NamedCase, scenarioOfCase } from './scaling-cases.js'
import { claimsOf, type Measured, packetsPerSecond, peakRss, type Sample, type ScalingData, setupSeconds } from './scaling-data.js'
import { pageOf } from './scaling-page.js'
import { plotOf } from './scaling-plot.js'

const SELF = fileURLToPath(import.meta.url)

async function sampleHere(one: Case): Promise<Sample> {
  const { performance, totals } = await run(loadScenario(scenarioOfCase(one)), { workers: one.workers })
  const { wallSeconds, barrierShare, peakRssBytes } = performance
  return { setupSeconds: performance.setupSeconds, wallSeconds, delivered: totals.delivered, peakRssBytes, barrierShare }
}

function sampleOf(one: Case): Sample {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SELF, `case=${JSON.stringify(one)}`], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Sample
}

const describe = (one: NamedCase): string =>
  `${one.series}: ${one.nodes} nodes, ${one.pods} pods, ${flowsOf(one)} flows, ${one.workers} ${one.workers === 1 ? 'worker' : 'workers'}`

/** Measures all cases `rounds` times; `say` hears of each sample. */
export function measure(cases: readonly NamedCase[], rounds: number, say: (line: string) => void): ScalingData {
  const samples: Sample[][] = cases.map(() => [])
  for (let round = 0; round < rounds; round++) {
    const order = [...cases.keys()]
    for (const i of round % 2 === 0 ? order : order.reverse()) {
      const sample = sampleOf(cases[i])
      samples[i].push(sample)
      const rate = (sample.delivered / sample.wallSeconds / 1e6).toFixed(2)
      say(
        `${describe(cases[i])}: ${rate} M packets/s, set-up ${sample.setupSeconds.toFixed(2)} s, ${(sample.peakRssBytes / 2 ** 20).toFixed(0)} MiB`,
      )
    }
  }
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  }
  return { machine, measured: cases.map((one, i) => ({ case: one, samples: samples[i] })) }
}

/** The page and the picture, into the folder of the measurements. */
export function render(folder: string): void {
  const data = JSON.parse(readFileSync(join(folder, 'scaling.json'), 'utf8')) as ScalingData
  writeFileSync(join(folder, 'scaling.md'), pageOf(data))
  writeFileSync(join(folder, 'scaling.svg'), plotOf(data))
}

function summary(data: ScalingData): string {
  const line = (one: Measured): string =>
    `${describe(one.case)}: ${(packetsPerSecond(one) / 1e6).toFixed(2)} M packets/s, ${setupSeconds(one).toFixed(2)} s, ${(peakRss(one) / 2 ** 20).toFixed(0)} MiB`
  const claims = claimsOf(data).map(
    ({ text, measured, held }) => `${held === null ? '?' : held ? 'holds' : 'DOES NOT HOLD'}: ${text}: ${measured}`,
  )
  return [...data.measured.map(line), ...claims].join('\n')
}

async function main(words: readonly string[]): Promise<void> {
  const options = new Map(words.map(word => [word.split('=')[0], word.slice(word.indexOf('=') + 1)]))
  const one = options.get('case')
  if (one !== undefined) {
    console.log(JSON.stringify(await sampleHere(JSON.parse(one) as Case)))
    return
  }
  const folder = options.get('out') ?? 'docs'
  if (!options.has('render')) {
    const series = options.get('series')?.split(',')
    const all = casesFor(cpus().length, Number(options.get('packets') ?? 40_000_000), Number(options.get('scale') ?? 1))
    const data = measure(
      all.filter(each => series === undefined || series.includes(each.series)),
      Number(options.get('rounds') ?? 3),
      text => console.error(text),
    )
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'scaling.json'), `${JSON.stringify(data, null, 2)}\n`)
    console.log(summary(data))
  }
  render(folder)
}

if (process.argv[1]?.endsWith('scaling.js')) await main(process.argv.slice(2))
