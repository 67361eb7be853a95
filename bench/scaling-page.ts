// docs/scaling.md, from the measurements: every number in it was measured by `scaling.ts`.
import { flowsOf, inFlightOf } from './scaling-cases.js'
import {
  barrierShare,
  claimsOf,
  type Measured,
  memoryOf,
  nsPerPacket,
  of,
  packetsPerSecond,
  peakRss,
  type ScalingData,
  setupSeconds,
} from './scaling-data.js'

const many = (count: number): string => count.toLocaleString('en-US')
const millions = (one: Measured): string => (packetsPerSecond(one) / 1e6).toFixed(2)
const seconds = (one: Measured): string => setupSeconds(one).toFixed(2)
const mib = (one: Measured): string => many(Math.round(peakRss(one) / 2 ** 20))

/** A Markdown table; all columns are numbers. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), `|${head.map(() => '---:|').join('')}`, ...rows.map(line)].join('\n')
}

function workersTable(data: ScalingData): string {
  const list = of(data, 'workers')
  const head = ['flows', 'pods', 'nodes', 'workers', 'million packets/s', 'ns a packet', 'waiting at barriers', 'set-up, s', 'memory, MiB']
  const rows = list.map(one => {
    const { pods, nodes, workers } = one.case
    const counts = [flowsOf(one.case), pods, nodes, workers].map(many)
    return [...counts, millions(one), nsPerPacket(one).toFixed(0), `${(barrierShare(one) * 100).toFixed(1)}%`, seconds(one), mib(one)]
  })
  return table(head, rows)
}

function nodesTable(data: ScalingData): string {
  const rows = of(data, 'nodes').map(one => [
    many(one.case.nodes),
    many(one.case.pods),
    millions(one),
    nsPerPacket(one).toFixed(0),
    seconds(one),
    mib(one),
  ])
  return table(['nodes', 'pods', 'million packets/s', 'ns a packet', 'set-up, s', 'memory, MiB'], rows)
}

function podsTable(data: ScalingData): string {
  const rows = of(data, 'pods').map(one => [many(one.case.nodes), many(one.case.pods), many(flowsOf(one.case)), seconds(one), mib(one)])
  return table(['nodes', 'pods', 'flows', 'set-up, s', 'memory, MiB'], rows)
}

function memoryLines(data: ScalingData): string {
  const { pod, flow, packet } = memoryOf(data)
  const bytes = (value: number | null): string => (value === null ? 'not measured' : `${many(Math.round(value))} bytes`)
  const flight = of(data, 'flight').map(one => many(inFlightOf(one.case)))
  return [
    '| one more | takes | measured between |',
    '|---|---:|---|',
    `| pod that sends nothing | ${bytes(pod)} | the least and the most pods on 10,000 nodes above |`,
    `| flow, with its connections on two nodes and its pending event | ${bytes(flow)} | the two largest numbers of flows above |`,
    `| packet in flight, with its event | ${bytes(packet)} | ${flight.join(' and ') || 'nothing'} packets on their way, 100,000 flows |`,
  ].join('\n')
}

/** The whole page. */
export function pageOf(data: ScalingData): string {
  const { cpu, cores, memoryGiB, node } = data.machine
  const runs = Math.max(...data.measured.map(({ samples }) => samples.length))
  const claims = claimsOf(data).map(
    ({ text, measured, held }) => `| ${text} | ${measured} | ${held === null ? '' : held ? 'yes' : '**no**'} |`,
  )
  return `# How far it goes

Measured by \`bench/scaling.ts\`, which writes this page and its picture from \`scaling.json\` beside them: \`npm run build && node dist/bench/scaling.js\`.
The machine was a virtual one with ${cores} cores (${cpu}) and ${memoryGiB} GiB, Node ${node}. Each figure is the median of ${runs} ${runs === 1 ? 'run' : 'runs'}, each in a process of its own. Traffic is
UDP of 200 bytes from pod to pod of any node through VXLAN, 1,000 packets a second from each flow, windows of 50 us; every check is on. Set-up is everything from
reading the scenario to the first event. Memory is the most that the process ever had, Node's own 60 MiB or so included.

![Speed, time for a packet, set-up and memory](scaling.svg)

| what must hold | measured | holds |
|---|---|---|
${claims.join('\n')}

## Workers and flows

More flows are slower because their records no longer fit into the processor's caches: a packet reads its flow, its connections on both nodes, its
slot and its events. The line of ten million flows has four packets a flow or so, thus a good part of them are first ones, which take every step.

${workersTable(data)}

## Nodes

The same 100,000 flows on few and many nodes. On ten nodes 2,000 pods have fifty each, and a tenth of the packets stay on their node.

${nodesTable(data)}

## Pods

Set-up with pods that only take a place and an address, and in the last line a flow from each. AKS makes 5,000 nodes and supports 200,000 pods; what is
larger needs \`cluster.limits: warn\` in the scenario, and runs with a warning.

${podsTable(data)}

## Memory

${memoryLines(data)}
`
}
