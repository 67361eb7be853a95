// Captured frames as pcapng files. Several entries of a scenario may name the same file: it then has an interface for each of them.
import type { Names } from '../cluster/names.js'
import { gatewayKindOf } from '../cluster/outbound.js'
import { type PcapngInterface, type PcapngPacket, writePcapng } from '../observe/pcapng.js'
import type { Capture, Scenario } from '../scenario/model.js'
import type { Captured, Merged } from './merge.js'
import type { RunWarning } from './result.js'
import { VERSION } from './version.js'

/** A file of the result folder, its name relative to the folder. */
export interface OutputFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** The capture files of a run, in the order in which the scenario first names them; a point that saw nothing has an empty file. */
export function captureFiles(scenario: Scenario, merged: Merged, names: Names): OutputFile[] {
  const files = [...new Set(scenario.capture.map(({ file }) => file))]
  return files.map(name => {
    const interfaces: PcapngInterface[] = []
    const packets: PcapngPacket[] = []
    scenario.capture.forEach(({ at, file }, tap) => {
      if (file !== name) return
      for (const frame of framesOf(merged.captures, tap)) packets.push({ ...frame, interface: interfaces.length })
      interfaces.push({ name: interfaceName(at, scenario, names) })
    })
    const comment = `scenario ${scenario.name}, seed ${scenario.seed}, digest ${merged.digest}; stamps are virtual time`
    return { name, bytes: writePcapng(interfaces, packets, { application: `vxlane ${VERSION}`, comment }) }
  })
}

/** Points that reached their limit: the files hold only the first packets. */
export function captureWarnings(scenario: Scenario, merged: Merged): RunWarning[] {
  return scenario.capture.flatMap(({ file, maxPackets }, tap) => {
    const missed = merged.captures.reduce((sum, capture) => sum + (capture.tap === tap ? capture.missed : 0), 0)
    if (missed === 0) return []
    return [
      { code: 'CaptureFull', message: `${file} holds the first ${maxPackets} packets; ${missed} more passed`, hint: 'raise maxPackets' },
    ]
  })
}

const framesOf = (captures: readonly Captured[], tap: number) =>
  captures.flatMap(capture => (capture.tap === tap ? [...capture.frames] : []))

/** What Wireshark shows as the interface's name. */
function interfaceName(at: Capture['at'], scenario: Scenario, names: Names): string {
  switch (at.kind) {
    case 'node':
      return `${names.lpName(Math.max(names.node(at.node), 0))}:eth0`
    case 'pod':
      return `${at.pod}:eth0`
    case 'endpoint':
      return `${at.endpoint}:eth0`
    case 'gateway':
      return `${gatewayKindOf(scenario)}:${at.side}`
  }
}
