// ns3-star.cc, from TypeScript: found out whether ns-3 is here, compiled, run over a file of flows, and what it printed read.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('../../../bench/peers/ns3-star.cc', import.meta.url))
const HEADER = '/usr/include/ns3/core-module.h'
const LIBRARIES = ['point-to-point', 'internet', 'network', 'core'].map(name => `-lns3-${name}`)

/** What ns-3 can be told to keep its pending events in. */
export type Ns3Scheduler = 'Map' | 'Heap' | 'Calendar' | 'PriorityQueue'

export interface Ns3Run {
  readonly sent: number
  readonly delivered: number
  readonly events: number
  readonly packetsPerSecond: number
  /** Of processor time. */
  readonly packetsPerCpuSecond: number
}

/** One packet that arrived: its flow's number, when it was sent, and how long it took, ns. */
export interface Ns3Delay {
  readonly flow: number
  readonly sentNs: number
  readonly delayNs: number
}

/** Why ns-3 cannot be run here, or null: Debian's packages libns3-dev and g++ are what it takes. */
export function whyNoNs3(): string | null {
  if (spawnSync('g++', ['--version'], { stdio: 'ignore' }).status !== 0) return 'there is no g++ here'
  return existsSync(HEADER) ? null : 'ns-3 is not installed here (apt-get install libns3-dev)'
}

/** Compiles the program into `folder`; its path. Throws what the compiler said. */
export function compileNs3(folder: string): string {
  const program = join(folder, 'ns3-star')
  const { status, stderr } = spawnSync('g++', ['-std=c++17', '-O2', '-o', program, SOURCE, ...LIBRARIES], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`g++ does not take ns3-star.cc: ${stderr.slice(0, 2000)}`)
  return program
}

export interface Ns3Options {
  /** Bytes that vxlane's wire has beside an IP packet. */
  readonly around: number
  readonly scheduler?: Ns3Scheduler
  /** A file to be written, see {@link readDelays}. */
  readonly delays?: string
  /** Routes as ns-3's own helpers make them. */
  readonly lists?: boolean
}

/** Runs it over a file of flows. Throws what it says when it fails. */
export function runNs3(program: string, flowsFile: string, options: Ns3Options): Ns3Run {
  const { around, scheduler = 'Map', delays, lists = false } = options
  const flags = [
    `--bytes=${around}`,
    `--scheduler=ns3::${scheduler}Scheduler`,
    ...(delays === undefined ? [] : [`--delays=${delays}`]),
    ...(lists ? ['--lists'] : []),
  ]
  const { status, stdout, stderr } = spawnSync(program, [flowsFile, ...flags], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr.trim() || `ns3-star ended with ${status}`)
  const fields = new Map(stdout.split(/\s+/).map(field => field.split('=') as [string, string]))
  const number = (name: string): number => Number(fields.get(name))
  return {
    sent: number('sent'),
    delivered: number('delivered'),
    events: number('events'),
    packetsPerSecond: number('packetsPerSecond'),
    packetsPerCpuSecond: number('delivered') / number('cpuSeconds'),
  }
}

export const readDelays = (path: string): Ns3Delay[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => {
      const [flow, sentNs, delayNs] = line.split(' ').map(Number)
      return { flow, sentNs, delayNs }
    })
