// Any bytes, put on any wire of a cluster, get a verdict: nothing throws, nothing loops, and every frame is accounted for. A batch that
// fails is cut in halves until the frame that does it is found.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../src/index.js'
import { writePcapng } from '../src/observe/pcapng.js'
import { anyFrame } from './support/arbitraries.js'
import { toHex } from './support/kernel-case.js'
import { scenarioOf } from './support/kernel-scenario.js'

const LONG = process.env.VXLANE_LONG !== undefined
const BATCHES = LONG ? 55 : 2
const BATCH = LONG ? 20_000 : 3_000

/** Where frames enter: a pod's veth, and raw on the wires of a node, of the VNet and outside. */
const WIRES = [{ pod: 'lab/pod11' }, { node: 'node2', interface: 'eth0' }, { endpoint: 'vm' }, { endpoint: 'inet' }]

describe('any bytes', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vxlane-bytes-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** What goes wrong with these frames, or null. */
  async function failureOf(frames: readonly Uint8Array[]): Promise<string | null> {
    const file = join(folder, 'frames.pcapng')
    const packets = frames.map(bytes => ({ interface: 0, timeNs: 0, direction: 2 as const, bytes, comment: null }))
    writeFileSync(file, writePcapng([{ name: 'any' }], packets, { application: 'vxlane tests', comment: '' }))
    const cluster = scenarioOf(
      { name: 'any-bytes', describe: '', cluster: '--masq-vnet', free: [], steps: [] },
      { podCidrRoute: 'none', steps: new Set() },
      [],
    )
    const spacingUs = 20
    const traffic = WIRES.map((from, i) => ({ name: `wire-${i}`, from, replay: { file, spacing: `${spacingUs}us` } }))
    try {
      const { totals } = await run(
        { ...cluster, duration: `${frames.length * spacingUs + 100_000}us`, capture: [], traffic },
        { workers: 0, verify: true },
      )
      if (totals.sent < frames.length * WIRES.length) return `only ${totals.sent} sent`
      return totals.sent === totals.delivered + totals.dropped + totals.inFlight ? null : `not conserved: ${JSON.stringify(totals)}`
    } catch (error) {
      return (error as Error).stack ?? String(error)
    }
  }

  async function culprit(frames: readonly Uint8Array[], failure: string): Promise<string> {
    if (frames.length === 1) return `${toHex(frames[0])}: ${failure}`
    const middle = frames.length >> 1
    for (const half of [frames.slice(0, middle), frames.slice(middle)]) {
      const found = await failureOf(half)
      if (found) return culprit(half, found)
    }
    return `${frames.length} frames together, none of the halves alone: ${failure}`
  }

  it.each(Array.from({ length: BATCHES }, (_, i) => i))(`get a verdict on every wire (batch %i of ${BATCH})`, async batch => {
    const frames = fc.sample(anyFrame, { numRuns: BATCH, seed: 1000 + batch })
    const failure = await failureOf(frames)
    expect(failure && (await culprit(frames, failure))).toBeNull()
  })
})
