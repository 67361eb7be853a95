// How long each packet of a vxlane run took, out of the captures of a run: what is compared with other simulators packet by packet.
// Every node's eth0 is captured; a frame that comes in names its flow by source and ports, and its number in the flow by the inner IP
// identification, which a flow counts from 0. So the moment it was sent is known without a stamp of its own.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openImage } from '../../src/image/image.js'
import { type LoadedScenario, loadScenario, type RunResult, run } from '../../src/index.js'
import { imageFor, prepare } from '../../src/run/prepare.js'
import { readCapture } from '../../src/wire/pcap.js'

const ETHERNET = 14
const OVERHEAD = 50
const INBOUND = 1

/** Of one flow: when its first packet is sent, and the delay of each packet that came in from the wire, by its number. */
export interface FlowDelays {
  readonly startNs: number
  readonly delays: ReadonlyMap<number, number>
}

export interface DelayRun {
  readonly result: RunResult
  readonly flows: readonly FlowDelays[]
}

/** Runs it with a capture at each of `nodes` nodes, named np0/0 and so on, and reads them from `folder`. */
export async function delaysOf(scenario: object, nodes: number, folder: string): Promise<DelayRun> {
  const capture = Array.from({ length: nodes }, (_, node) => ({
    node: `np${Math.floor(node / 1000)}/${node % 1000}`,
    interface: 'eth0',
    file: `${node}.pcapng`,
    maxPackets: 1_000_000,
  }))
  const loaded = loadScenario({ ...scenario, capture })
  const result = await run(loaded, { workers: 0, out: folder, force: true })
  const flows = flowsOf(loaded)
  const offset = result.scenario.encapsulation === 'vxlan' ? OVERHEAD : 0
  for (const { file } of capture) readArrivals(join(folder, file), offset, flows)
  return { result, flows: flows.list }
}

interface Flows {
  readonly intervalNs: number
  readonly list: readonly { readonly startNs: number; readonly delays: Map<number, number> }[]
  /** By source address and ports. */
  readonly byTuple: ReadonlyMap<string, number>
}

function flowsOf(loaded: LoadedScenario): Flows {
  const image = openImage(imageFor(prepare({ ...loaded, scenario: { ...loaded.scenario, capture: [] } }), 1))
  const byTuple = new Map<string, number>()
  const list = Array.from(image.flowStartNs, (startNs, flow) => {
    byTuple.set(`${image.flowSourceAddress[flow]} ${image.flowPorts[flow] | 0}`, flow)
    return { startNs, delays: new Map<number, number>() }
  })
  return { intervalNs: image.trafficIntervalNs[0], list, byTuple }
}

function readArrivals(path: string, offset: number, { intervalNs, list, byTuple }: Flows): void {
  const { firstNs, frames } = readCapture(readFileSync(path))
  for (const { bytes, direction, timeNs } of frames) {
    if (direction !== INBOUND) continue
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const ip = offset + ETHERNET
    const flow = byTuple.get(`${view.getInt32(ip + 12)} ${view.getInt32(ip + 20)}`)
    if (flow === undefined) throw new Error(`${path}: a frame of no flow`)
    const number = view.getUint16(ip + 4)
    const { startNs, delays } = list[flow]
    delays.set(number, Number(firstNs) + timeNs - (startNs + number * intervalNs))
  }
}
