// The recordings' cluster as a laboratory: put frames on its wires one after the other and read what each of them showed, one line a frame.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../src/index.js'
import { describeFrame } from '../../src/wire/describe.js'
import { frame, vxlanPacket } from './frame-builder.js'
import { toHex } from './kernel-case.js'
import { observe } from './kernel-replay.js'

export interface Step {
  readonly at: string
  readonly bytes: Uint8Array
}

const HOST_VETH = 'aaaaaaaaaaaa'

/** `podIJ` sends a packet. */
export const fromPod = (pod: string, bytes: Uint8Array): Step => ({
  at: `${pod}/eth0`,
  bytes: frame(HOST_VETH, `02020af40${pod[3]}0${(10 + Number(pod[4])).toString(16)}`, bytes),
})

/** From the router outside to the appliance. */
export const fromInet = (bytes: Uint8Array): Step => ({ at: 'inet/eth0', bytes: frame('0203c6336401', '0203c63364fe', bytes) })

/** On the wire of node2 to node1, around an inner packet from pod21. */
export const tunnelled = (outerTos: number, inner: Uint8Array): Step => {
  const outer = { from: '10.224.0.5', to: '10.224.0.4', tos: outerTos }
  const bytes = frame('02000ae00004', '02000ae00005', vxlanPacket(outer, 45678, frame('02010af40100', '02010af40200', inner)))
  return { at: 'node2/eth0', bytes }
}

/** What each step shows at the given places (`node1/eth0 out`), described, in order of time. `cluster`: options of the recordings' command line. */
export async function seen(steps: readonly Step[], places: readonly string[], cluster = ''): Promise<string[][]> {
  const sends = steps.map(({ at, bytes }) => ({ send: { at, frame: toHex(bytes), text: '' }, seen: [] }))
  const recorded = { name: 'facts', describe: '', cluster, free: [], steps: sends }
  const folder = mkdtempSync(join(tmpdir(), 'vxlane-lab-'))
  try {
    const byStep = await observe(recorded, async (scenario, out) => void (await run(scenario, { workers: 0, out, force: true })), folder)
    return byStep.map(list => list.filter(o => places.includes(`${o.at} ${o.dir}`)).map(o => describeFrame(o.bytes)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
