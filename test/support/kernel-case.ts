// The recordings of the Linux kernel in test/golden/kernel: one folder a case, one case.json in it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Recorded {
  /** Where: `node1/eth0`, `pod11/eth0`, `vm/eth0`, `inet/eth0`, `gw/in`, `gw/out`. */
  readonly at: string
  readonly text: string
  readonly frame: string
}

export interface Seen extends Recorded {
  readonly dir: 'in' | 'out'
}

export interface KernelStep {
  readonly note?: string
  /** Absent where a kernel socket sent: such steps cannot be replayed. */
  readonly send?: Recorded
  readonly seen: readonly Seen[]
  /** Kernel drop reason and function, `UDP_CSUM at __udp4_lib_rcv`. */
  readonly drops?: readonly string[]
  /** Changes of counters by namespace. */
  readonly counters?: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export interface KernelCase {
  readonly name: string
  readonly describe: string
  /** The command line that made the recorded cluster. */
  readonly cluster: string
  /** Fields that may differ, in words. */
  readonly free: readonly string[]
  readonly steps: readonly KernelStep[]
}

const FOLDER = fileURLToPath(new URL('../golden/kernel/', import.meta.url))

/** All recorded cases, by name. */
export const kernelCases: readonly KernelCase[] = readdirSync(FOLDER)
  .filter(name => existsSync(`${FOLDER}${name}/case.json`))
  .sort()
  .map(name => JSON.parse(readFileSync(`${FOLDER}${name}/case.json`, 'utf8')) as KernelCase)

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Every recorded frame, sent or seen, with a label that finds it again. */
export const recordedFrames = (): (Recorded & { label: string })[] =>
  kernelCases.flatMap(({ name, steps }) =>
    steps.flatMap((step, i) =>
      [...(step.send ? [step.send] : []), ...step.seen].map((r, j) => ({ ...r, label: `${name} step ${i} frame ${j}` })),
    ),
  )
