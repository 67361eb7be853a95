// What `--live` costs: the same run with nobody to serve, with a page and a reader, and with a page and a reader that never reads, one after
// the other in turns. Prints packets a second of each against the plain run, as the median of the rounds' ratios with its 95 % interval.
// The reader is a process of its own, as a browser is. Exit code 1 if either costs more than the limit beyond doubt.
//   node dist/bench/live-cost.js [rounds=12] [flows=10000] [packets=8000000] [workers=2]
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { crossNodeScenario } from '../src/bench/udp-scenarios.js'
import { openLive } from '../src/cli/live.js'
import { bootstrapInterval, Draws, shiftOf } from '../src/compare/shift.js'
import { loadScenario, run } from '../src/index.js'

/** Share of packets a second that may be lost. */
const LIMIT = 0.03
const WAYS = ['plain', 'reader', 'never reads'] as const
type Way = (typeof WAYS)[number]

const options = new Map(process.argv.slice(2).map(argument => argument.split('=') as [string, string]))
const number = (name: string, otherwise: number): number => Number(options.get(name) ?? otherwise)
const loaded = await loadScenario(crossNodeScenario({ flows: number('flows', 10_000), packets: number('packets', 8_000_000) }))
const workers = number('workers', 2)

/** A process that follows the stream of events; `reads`: takes them, or leaves them where they are. */
async function reader(url: string, reads: boolean): Promise<ChildProcess> {
  const program = `
    const { connect } = require('node:net')
    const url = new URL(process.argv[1])
    const socket = connect(Number(url.port), url.hostname)
    socket.on('error', () => {})
    socket.write('GET /events HTTP/1.1\\r\\nHost: ' + url.host + '\\r\\n\\r\\n')
    ${reads ? 'socket.resume()' : 'socket.pause()'}
    socket.once('connect', () => process.send('here'))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['-e', program, url], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  await once(child, 'message')
  return child
}

interface Taken {
  readonly packetsPerSecond: number
  /** Of this process, all its threads. */
  readonly cpuSeconds: number
  readonly digest: string
}

async function taken(way: Way): Promise<Taken> {
  const live = way === 'plain' ? null : await openLive('cost', { port: 0, host: '127.0.0.1', isExposed: false }, () => {})
  const child = live === null ? null : await reader(live.url, way === 'reader')
  const before = process.cpuUsage()
  const result = await run(loaded, live === null ? { workers } : { workers, onStart: live.started, onProgress: live.progress })
  const { user, system } = process.cpuUsage(before)
  await live?.ended('done', null)
  child?.kill()
  return {
    packetsPerSecond: result.totals.delivered / result.performance.wallSeconds,
    cpuSeconds: (user + system) / 1e6,
    digest: result.digest,
  }
}

const rounds: Record<Way, Taken>[] = []
// The first round compiles and is not counted.
for (let round = -1; round < number('rounds', 12); round++) {
  const found: Partial<Record<Way, Taken>> = {}
  // A B C, C B A, …: a machine that becomes slower or faster meets all of them alike.
  for (const way of round % 2 === 0 ? WAYS : [...WAYS].reverse()) found[way] = await taken(way)
  if (round >= 0) rounds.push(found as Record<Way, Taken>)
}

const percent = (share: number): string => `${share >= 0 ? '+' : ''}${(share * 100).toFixed(2)} %`

/** Median ratio to the plain run less 1, with its interval. */
function against(way: Way, what: 'packetsPerSecond' | 'cpuSeconds'): readonly [number, number, number] {
  const ratios = rounds.map(round => Math.log(round[way][what] / round.plain[what]))
  const [low, high] = bootstrapInterval([ratios], 2000, Draws.of(1, way, what))
  return [Math.expm1(shiftOf([ratios])), Math.expm1(low), Math.expm1(high)]
}

const rates = rounds.map(({ plain }) => plain.packetsPerSecond).sort((a, b) => a - b)
const digests = new Set(rounds.flatMap(round => WAYS.map(way => round[way].digest)))
console.log(
  `live-cost workers=${workers} rounds=${rounds.length} plain=${(rates[rates.length >> 1] / 1e6).toFixed(2)}M packets/s digests=${digests.size}`,
)
let isTooMuch = digests.size !== 1
for (const way of WAYS.slice(1)) {
  const [rate, low, high] = against(way, 'packetsPerSecond')
  const [cpu, least, most] = against(way, 'cpuSeconds')
  console.log(
    `  ${way.padEnd(12)} packets/s ${percent(rate)} [${percent(low)}, ${percent(high)}]   CPU ${percent(cpu)} [${percent(least)}, ${percent(most)}]`,
  )
  if (high < -LIMIT) isTooMuch = true
}
process.exitCode = isTooMuch ? 1 : 0
