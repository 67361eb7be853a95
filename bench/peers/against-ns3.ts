// vxlane beside ns-3: the same star of nodes, the same UDP flows, one thread each, in turns. First that both do the same, packet by packet to
// the nanosecond; then how fast. bench/peers/README.md says where the two models are alike and where they are not.
//   node dist/bench/peers/against-ns3.js [nodes=64,1024,4096] [perNode=40] [packets=20000000] [ns3Packets=400000] [rounds=3]
//                                        [encapsulation=vxlan] [check=64] [scheduler=Map] [into=FILE]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadScenario, run } from '../../src/index.js'
import { scenarioOf } from '../harness.js'
import { machineLine, put } from '../into.js'
import { writeFlows } from '../reference/limit-program.js'
import { turnOf } from '../turn.js'
import { delaysOf } from './delays.js'
import { compileNs3, type Ns3Scheduler, readDelays, runNs3, whyNoNs3 } from './ns3-program.js'

type Encapsulation = 'vxlan' | 'none'

/** Bytes on vxlane's wire beside an IP packet: Ethernet 14, preamble, check sequence and gap 24, and 50 of VXLAN. */
const AROUND: Readonly<Record<Encapsulation, number>> = { vxlan: 88, none: 38 }

export interface Star {
  readonly nodes: number
  readonly perNode: number
  readonly packets: number
  readonly encapsulation: Encapsulation
}

/** At 1 Gbps a byte takes 8 ns, so no time is ever rounded; and packets of one node do wait for each other. */
const starOf = ({ nodes, perNode, packets, encapsulation }: Star): object => ({
  ...scenarioOf({ flows: nodes * perNode, nodes, packets, workers: 1 }),
  fabric: { nicRate: '1Gbps', encapsulation },
})

export interface Agreement {
  readonly packets: number
  readonly flows: number
  /** Packets whose delays differ, or that only one of the two delivered. */
  readonly different: number
  /** Packets that waited at a NIC, and the longest of all delays. */
  readonly waited: number
  readonly longestNs: number
}

/** Runs both and compares each packet's delay. Throws when they count differently. */
export async function agreementOf(program: string, star: Star, folder: string, scheduler: Ns3Scheduler = 'Map'): Promise<Agreement> {
  const scenario = starOf(star)
  const file = join(folder, 'flows')
  const delays = join(folder, 'delays')
  writeFlows(file, loadScenario(scenario))
  const theirs = runNs3(program, file, { around: AROUND[star.encapsulation], scheduler, delays })
  const ours = await delaysOf(scenario, star.nodes, join(folder, 'captures'))
  requireSame(ours.result.totals, theirs)
  const list = readDelays(delays)
  const sum = list.reduce((total, { delayNs }) => total + delayNs, 0)
  const ourSum = Math.round(ours.result.latencyNs.mean * ours.result.latencyNs.count)
  if (sum !== ourSum) throw new Error(`the sums of all delays differ: ${ourSum} ns in vxlane, ${sum} ns in ns-3`)
  const intervalNs = 1e6
  // What stays on its node crosses no link in either; it counts in the sums above.
  const wire = list.filter(({ delayNs }) => delayNs > 0)
  const least = Math.min(...wire.map(({ delayNs }) => delayNs))
  const isSame = ({ flow, sentNs, delayNs }: (typeof wire)[number]): boolean => {
    const { startNs, delays: known } = ours.flows[flow]
    return known.get((sentNs - startNs) / intervalNs) === delayNs
  }
  const known = ours.flows.reduce((total, flow) => total + flow.delays.size, 0)
  const same = wire.filter(isSame).length
  return {
    packets: wire.length,
    flows: new Set(wire.map(({ flow }) => flow)).size,
    different: wire.length - same + (known - same),
    waited: wire.filter(({ delayNs }) => delayNs > least).length,
    longestNs: wire.reduce((most, { delayNs }) => Math.max(most, delayNs), 0),
  }
}

function requireSame(ours: { sent: number; delivered: number }, theirs: { sent: number; delivered: number }): void {
  if (ours.sent === theirs.sent && ours.delivered === theirs.delivered) return
  const counts = ({ sent, delivered }: typeof ours): string => `${sent} sent, ${delivered} delivered`
  throw new Error(`not the same work: vxlane has ${counts(ours)}; ns-3 has ${counts(theirs)}`)
}

export interface Race {
  readonly delivered: number
  readonly eventsPerPacket: number
  /** Packets a second of each round, by wall time and by processor time. */
  readonly vxlane: readonly (readonly [number, number])[]
  readonly ns3: readonly (readonly [number, number])[]
}

/** Packets a second of ns-3 with the routes that its own helpers make. A short run: at 4,096 nodes each packet is looked for in a list of as many. */
export async function listsRate(program: string, star: Star, folder: string): Promise<number> {
  const file = join(folder, 'flows')
  const scenario = loadScenario(starOf(star))
  writeFlows(file, scenario)
  const theirs = runNs3(program, file, { around: AROUND[star.encapsulation], lists: true })
  requireSame((await run(scenario, { workers: 1 })).totals, theirs)
  return theirs.packetsPerSecond
}

/** Both in turns. vxlane also runs what ns-3 runs and must count the same; its speed is of `packets`, ns-3's of `ns3Packets`, which take it longer. */
export async function raceOf(
  program: string,
  star: Star,
  options: { ns3Packets: number; rounds: number; scheduler?: Ns3Scheduler },
  folder: string,
): Promise<Race> {
  const file = join(folder, 'flows')
  const short = starOf({ ...star, packets: options.ns3Packets })
  writeFlows(file, loadScenario(short))
  const { totals } = await run(loadScenario(short), { workers: 1 })
  const vxlane: [number, number][] = []
  const ns3: [number, number][] = []
  let events = 0
  for (let round = 0; round < options.rounds; round++) {
    const turns = [
      async () => {
        const ours = await turnOf(starOf(star))
        vxlane.push([ours.packetsPerSecond, ours.packetsPerCpuSecond])
      },
      async () => {
        const theirs = runNs3(program, file, { around: AROUND[star.encapsulation], scheduler: options.scheduler ?? 'Map' })
        requireSame(totals, theirs)
        events = theirs.events
        ns3.push([theirs.packetsPerSecond, theirs.packetsPerCpuSecond])
      },
    ]
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn()
  }
  return { delivered: totals.delivered, eventsPerPacket: events / totals.delivered, vxlane, ns3 }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]
const many = (count: number): string => count.toLocaleString('en-US')
const thousands = (rate: number): string => many(Math.round(rate / 1000) * 1000)

function agreementLine({ nodes, encapsulation }: Star, { packets, flows, different, waited, longestNs }: Agreement): string {
  const how = encapsulation === 'vxlan' ? 'VXLAN' : 'no encapsulation'
  const counts = `${many(packets)} packets of ${many(flows)} flows crossed a link, ${different === 0 ? 'every delay is the same to the nanosecond' : `${different} delays differ`}`
  return `${nodes} nodes, ${how}: ${counts}; ${many(waited)} of them waited at a NIC, the longest took ${many(longestNs)} ns.`
}

function raceLine(nodes: number, flows: number, { vxlane, ns3 }: Race, lists: number): string {
  const ratio = (at: 0 | 1): string => `${median(vxlane.map((rates, i) => rates[at] / ns3[i][at])).toFixed(0)}x`
  const [ours, theirs] = [vxlane, ns3].map(turns => thousands(median(turns.map(([wall]) => wall))))
  return `| ${many(nodes)} | ${many(flows)} | ${ours} | ${theirs} | ${ratio(0)} | ${ratio(1)} | ${thousands(lists)} |`
}

async function main(options: ReadonlyMap<string, string>): Promise<void> {
  const list = (name: string, otherwise: string): number[] => (options.get(name) ?? otherwise).split(',').filter(Boolean).map(Number)
  const encapsulation = options.get('encapsulation') === 'none' ? 'none' : 'vxlan'
  const scheduler = (options.get('scheduler') ?? 'Map') as Ns3Scheduler
  const [perNode] = list('perNode', '40')
  const [packets] = list('packets', '20000000')
  const [ns3Packets] = list('ns3Packets', '400000')
  const [rounds] = list('rounds', '3')
  const folder = mkdtempSync(join(tmpdir(), 'vxlane-ns3-'))
  try {
    const program = compileNs3(folder)
    const lines = [`${machineLine()} One thread each, in turns.`, '']
    for (const nodes of list('check', '64')) {
      const star = { nodes, perNode, packets: nodes * perNode * 10, encapsulation } as const
      lines.push(agreementLine(star, await agreementOf(program, star, folder, scheduler)), '')
    }
    const sizes = list('nodes', '64,1024,4096')
    if (sizes.length > 0)
      lines.push(
        '| nodes | flows | vxlane, packets/s | ns-3, packets/s | ratio | by processor time | ns-3 with its own lists |',
        '|---:|---:|---:|---:|---:|---:|---:|',
      )
    for (const nodes of sizes) {
      const race = await raceOf(program, { nodes, perNode, packets, encapsulation }, { ns3Packets, rounds, scheduler }, folder)
      const lists = await listsRate(program, { nodes, perNode, packets: ns3Packets / 8, encapsulation }, folder)
      lines.push(raceLine(nodes, nodes * perNode, race, lists))
    }
    put('against-ns3', lines.join('\n'), options.get('into'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1]?.endsWith('against-ns3.js')) {
  const why = whyNoNs3()
  if (why !== null) console.log(`skipped: ${why}`)
  else await main(new Map(process.argv.slice(2).map(argument => argument.split('=') as [string, string])))
}
