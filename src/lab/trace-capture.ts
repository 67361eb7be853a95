// A trace as a capture: every frame at every place that it passed, with what happened there as its comment.

import { Interface } from '../image/kinds.js'
import { type PcapngPacket, writePcapng } from '../observe/pcapng.js'
import type { Told } from './narrate.js'
import type { Sighting } from './probe-wire.js'

/** The direction of each sighting, as seen from the interface; the end of a packet is no frame. */
const DIRECTIONS = { leave: 2, enter: 1, reach: 1, transmit: 2 } as const

export interface CaptureSetting {
  readonly nameOf: (lp: number, pod: number) => string
  readonly startNs: number
  readonly application: string
  readonly comment: string
}

/** The frames of a trace in a pcapng file. What is told of a packet's end stands at the last frame seen of it. */
export function captureOf(sightings: readonly Sighting[], told: readonly Told[], setting: CaptureSetting): Uint8Array {
  const interfaces: { name: string }[] = []
  const indexOf = (name: string): number => {
    const found = interfaces.findIndex(item => item.name === name)
    return found >= 0 ? found : interfaces.push({ name }) - 1
  }
  const comments = new Map<Sighting, string[]>()
  const packets: (PcapngPacket & { sighting: Sighting })[] = []
  for (const sighting of sightings) {
    const lines = told.filter(item => item.sighting === sighting).map(({ step }) => `${step.step} at ${step.at}: ${step.text}`)
    if (sighting.kind === 'end') {
      const last = packets.findLast(({ sighting: seen }) => seen.origin === sighting.origin && seen.serial === sighting.serial)
      if (last) comments.get(last.sighting)?.push(...lines)
      continue
    }
    comments.set(sighting, lines)
    const { kind, lp, pod, timeNs, bytes } = sighting
    const name = `${setting.nameOf(lp, pod)}/${sighting.interface === Interface.outside ? 'outside' : 'eth0'}`
    packets.push({
      interface: indexOf(name),
      timeNs: timeNs - setting.startNs,
      direction: DIRECTIONS[kind],
      bytes,
      comment: null,
      sighting,
    })
  }
  const commented = packets.map(({ sighting, ...packet }) => ({ ...packet, comment: comments.get(sighting)?.join('\n') || null }))
  return writePcapng(interfaces, commented, setting)
}
