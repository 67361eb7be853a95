// Replays a recorded case and compares: what was seen at each place, in order, in each direction, frame by frame; and nothing else.
//
// An answer of the recording may go to a NAT port that Linux drew at random. Our NAT draws another, so such a case runs again with
// the answer sent to the port that ours drew, until nothing is left to rewrite: runs are deterministic, so the port stays.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writePcapng } from '../../src/observe/pcapng.js'
import { describeFrame } from '../../src/wire/describe.js'
import { readCapture } from '../../src/wire/pcap.js'
import { FreeFields } from './free-fields.js'
import { fromHex, type KernelCase, type KernelStep, toHex } from './kernel-case.js'
import { captureFileOf, GATEWAY, PLACES, type Stretch, scenarioOf, stepAt } from './kernel-scenario.js'

export interface Observed {
  readonly at: string
  readonly dir: 'in' | 'out'
  readonly timeNs: number
  readonly bytes: Uint8Array
  readonly comment: string | null
}

/** Drops by verdict name, as the result of a run has them. */
export type Drops = Readonly<Record<string, number>>

/** Runs a scenario object with its captures written into `out`. */
export type Runner<Outcome = Drops> = (scenario: object, out: string) => Promise<Outcome>

export interface Replay {
  /** Sentences, empty if the recording is reproduced. */
  readonly differences: readonly string[]
  readonly drops: Drops
  readonly passes: number
}

const MOST_PASSES = 6

export async function replay(recorded: KernelCase, stretch: Stretch, run: Runner, folder: string): Promise<Replay> {
  let fields = new FreeFields(recorded, GATEWAY)
  let sent = sendsOf(recorded, fields)
  for (let pass = 1; ; pass++) {
    const out = join(folder, `pass-${pass}`)
    const drops = await run(scenarioOf(recorded, stretch, writeSends(sent, `${out}-sends`)), out)
    const observed = readObserved(out)
    fields = new FreeFields(recorded, GATEWAY)
    const differences = compare(recorded, stretch.steps, observed, sent, fields)
    const next = sendsOf(recorded, fields)
    const settled = next.every((frame, i) => (frame && toHex(frame)) === (sent[i] && toHex(sent[i])))
    if (settled || pass === MOST_PASSES) return { differences, drops, passes: pass }
    sent = next
  }
}

/** What our captures saw in each step of a case that is sent as it is. */
export async function observe(recorded: KernelCase, run: Runner<void>, folder: string): Promise<Observed[][]> {
  const sent = recorded.steps.map(({ send }) => (send ? fromHex(send.frame) : null))
  const out = join(folder, 'out')
  const stretch = { podCidrRoute: 'none', steps: new Set<number>() } as const
  await run(scenarioOf(recorded, stretch, writeSends(sent, join(folder, 'sends'))), out)
  const observed = readObserved(out).sort((a, b) => a.timeNs - b.timeNs)
  return recorded.steps.map((step, i) =>
    withoutSent(
      observed.filter(frame => stepAt(frame.timeNs) === i),
      step,
      sent[i],
    ),
  )
}

const sendsOf = (recorded: KernelCase, fields: FreeFields): (Uint8Array | null)[] =>
  recorded.steps.map(({ send }) => (send ? fields.rewrite(send.frame) : null))

/** One capture file for each send, in `out`. */
function writeSends(sends: readonly (Uint8Array | null)[], out: string): (string | null)[] {
  mkdirSync(out, { recursive: true })
  return sends.map((bytes, i) => {
    if (!bytes) return null
    const file = join(out, `send-${i}.pcapng`)
    const packet = { interface: 0, timeNs: 0, direction: 2, bytes, comment: null } as const
    writeFileSync(file, writePcapng([{ name: 'send' }], [packet], { application: 'vxlane tests', comment: '' }))
    return file
  })
}

/** Everything that our captures saw, by place. */
function readObserved(out: string): Observed[] {
  return Object.keys(PLACES).flatMap(at => {
    const { frames, firstNs } = readCapture(readFileSync(join(out, captureFileOf(at))))
    return frames.map(({ timeNs, direction, bytes, comment }) => ({
      at,
      dir: direction === 1 ? ('in' as const) : ('out' as const),
      timeNs: Number(firstNs) + timeNs,
      bytes,
      comment,
    }))
  })
}

/** Differences in the given steps; earlier steps are gone through too, since ports are learned in them. */
export function compare(
  recorded: KernelCase,
  steps: ReadonlySet<number>,
  observed: readonly Observed[],
  sent: readonly (Uint8Array | null)[],
  fields: FreeFields,
): string[] {
  return recorded.steps.flatMap((step, i) => {
    const ours = withoutSent(
      observed.filter(frame => stepAt(frame.timeNs) === i),
      step,
      sent[i],
    )
    const found = compareStep(step, i, ours, fields)
    return steps.has(i) ? found.map(text => `step ${i} (${step.note ?? step.send?.text}): ${text}`) : []
  })
}

/** The recording does not show the sent frame at the place where it was sent; a capture of ours may. */
function withoutSent(observed: readonly Observed[], { send }: KernelStep, sent: Uint8Array | null): Observed[] {
  const own = observed.findIndex(o => o.at === send?.at && o.dir === 'out' && sent !== null && toHex(o.bytes) === toHex(sent))
  return observed.filter((_, i) => i !== own)
}

function compareStep(step: KernelStep, index: number, ours: readonly Observed[], fields: FreeFields): string[] {
  const differences: string[] = []
  // In the order of the recording, so that a drawn port is learned where it first shows.
  const queues = new Map<string, Observed[]>()
  for (const frame of ours) {
    const place = `${frame.at} ${frame.dir}`
    queues.set(place, [...(queues.get(place) ?? []), frame])
  }
  for (const seen of step.seen) {
    const place = `${seen.at} ${seen.dir}`
    const next = queues.get(place)?.shift()
    if (!next) {
      differences.push(`${place}: missing ${seen.text}`)
      continue
    }
    const difference = fields.difference(seen.frame, next.bytes, index, step)
    if (difference) differences.push(`${place}: ${difference}`)
  }
  for (const [place, rest] of queues)
    for (const { bytes } of rest) differences.push(`${place}: not in the recording: ${describeFrame(bytes)}`)
  return differences
}
