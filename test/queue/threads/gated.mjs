// A thread whose points say that they have begun and end when they are let, on a machine of any speed: as files, in the folder VXLANE_GATE.
// Like any point, one that waits keeps its thread to itself.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { computeBatch } from '../../../dist/src/study/local.js'

const at = name => join(process.env.VXLANE_GATE, name)
const never = new Int32Array(new SharedArrayBuffer(4))

export async function studyPoint(task) {
  const started = performance.now()
  writeFileSync(at('begun'), '')
  while (!existsSync(at('open'))) Atomics.wait(never, 0, 0, 20)
  return { outcomes: await computeBatch(task), elapsedMs: performance.now() - started }
}
