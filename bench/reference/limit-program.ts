// The C program beside this file, from TypeScript: compiled into a folder of the caller's, given the nodes and flows of a vxlane scenario,
// run, and its last line read.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openImage } from '../../src/image/image.js'
import type { LoadedScenario } from '../../src/index.js'
import { imageFor, prepare } from '../../src/run/prepare.js'
import type { Turn } from '../turn.js'

const SOURCE = fileURLToPath(new URL('../../../bench/reference/limit.c', import.meta.url))
const COMPILERS = ['cc', 'gcc', 'clang']
const MAGIC = 0x4c465856

export type LimitMode = 'bucket' | 'prefetch' | 'heap'

/** What the program prints. */
export interface LimitRun extends Turn {
  readonly checksum: string
  /** The first frames in order of their arrival: time in ns and hex bytes. */
  readonly frames: readonly string[]
}

/** The C compiler of this machine, or null. */
export const findCompiler = (): string | null =>
  COMPILERS.find(name => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0) ?? null

/** Compiles it into `folder`; the path of the program. Throws what the compiler said. */
export function compileLimit(compiler: string, folder: string): string {
  const program = join(folder, 'limit')
  const { status, stderr } = spawnSync(compiler, ['-O2', '-o', program, SOURCE], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${compiler} does not take limit.c: ${stderr}`)
  return program
}

/** Writes nodes and flows of a scenario for `file=`: the struct Setting of limit.c, then 16 bytes a node and 24 a flow. */
export function writeFlows(path: string, loaded: LoadedScenario): void {
  const { params, ...image } = withParams(loaded)
  const nodes = image.lpAddress.length
  const flows = image.flowTraffic.length
  const bytes = Buffer.alloc(16 + 40 + nodes * 16 + flows * 24)
  ;[MAGIC, nodes, flows, image.trafficSizeA[0]].forEach((word, i) => {
    bytes.writeUInt32LE(word, i * 4)
  })
  const stopNs = Math.min(image.trafficStopNs[0], params.durationNs - 1)
  ;[image.trafficIntervalNs[0], params.latencyNs, image.lpNsPerByte[0], params.durationNs, stopNs].forEach((double, i) => {
    bytes.writeDoubleLE(double, 16 + i * 8)
  })
  let at = 56
  for (let lp = 0; lp < nodes; lp++, at += 16) {
    bytes.writeInt32LE(image.lpAddress[lp], at)
    bytes.writeInt32LE(image.lpVtep[lp], at + 4)
    bytes.writeInt32LE(image.lpBlockBase[lp], at + 8)
  }
  for (let flow = 0; flow < flows; flow++, at += 24) {
    bytes.writeInt32LE(image.flowSourceAddress[flow], at)
    bytes.writeInt32LE(image.flowTargetAddress[flow], at + 4)
    bytes.writeUInt32LE(image.flowPorts[flow], at + 8)
    bytes.writeInt32LE(image.flowLp[flow], at + 12)
    bytes.writeDoubleLE(image.flowStartNs[flow], at + 16)
  }
  writeFileSync(path, bytes)
}

function withParams(loaded: LoadedScenario) {
  const image = imageFor(prepare(loaded), 1)
  return { ...openImage(image), params: image.params }
}

/** Runs it over a file of flows. Throws what it says when it fails. */
export function runLimit(program: string, mode: LimitMode, flowsFile: string, frames = 0): LimitRun {
  const options = { encoding: 'utf8', maxBuffer: 2 ** 28 } as const
  const { status, stdout, stderr } = spawnSync(program, [`mode=${mode}`, `file=${flowsFile}`, `frames=${frames}`], options)
  if (status !== 0) throw new Error(stderr.trim() || `limit ended with ${status}`)
  const lines = stdout.trimEnd().split('\n')
  const fields = new Map((lines.pop() ?? '').split(' ').map(field => field.split('=') as [string, string]))
  const number = (name: string): number => Number(fields.get(name))
  return {
    sent: number('sent'),
    delivered: number('delivered'),
    latencySum: number('latencySum'),
    packetsPerSecond: number('packetsPerSecond'),
    packetsPerCpuSecond: number('delivered') / number('cpuSeconds'),
    checksum: fields.get('checksum') ?? '',
    frames: lines,
  }
}
