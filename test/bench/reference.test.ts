// The C program that vxlane's speed is held against does the same work: the same counts, the same latencies, and frames that are the same
// byte for byte, at smoke size.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scenarioOf } from '../../bench/harness.js'
import { ratioOf, versus } from '../../bench/reference/against-limit.js'
import { compileLimit, findCompiler, runLimit, writeFlows } from '../../bench/reference/limit-program.js'
import { loadScenario, run } from '../../src/index.js'
import { readCapture } from '../../src/wire/pcap.js'

const compiler = findCompiler()
if (compiler === null) console.log('skipped: no C compiler for bench/reference/limit.c')

describe.skipIf(compiler === null)('the C reference', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vxlane-reference-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('counts what vxlane counts, in every mode', async () => {
    const modes = ['bucket', 'prefetch', 'heap'] as const
    const result = await versus(compiler!, { flows: 400, nodes: 16, packets: 20_000, rounds: 2, modes })
    expect(result.sent).toBe(20_000)
    expect(result.delivered).toBeGreaterThan(18_000)
    expect(ratioOf(result.vxlane, result.limit.get('bucket')!)).toBeGreaterThan(0)
  })

  it('makes the same checksum whatever keeps its pending events, and another one for other work', () => {
    const program = compileLimit(compiler!, folder)
    const checksum = (flows: number, mode: 'bucket' | 'prefetch' | 'heap') => {
      const file = join(folder, `flows-${flows}`)
      writeFlows(file, loadScenario(scenarioOf({ flows, nodes: 16, packets: 20_000, workers: 1 })))
      return runLimit(program, mode, file).checksum
    }
    expect(new Set(['bucket', 'prefetch', 'heap'].map(mode => checksum(400, mode as 'bucket'))).size).toBe(1)
    expect(checksum(401, 'bucket')).not.toBe(checksum(400, 'bucket'))
  })

  it('puts the same bytes on the wire at the same nanosecond', async () => {
    const nodes = 6
    const capture = Array.from({ length: nodes }, (_, node) => ({ node: `np0/${node}`, interface: 'eth0', file: `${node}.pcapng` }))
    const scenario = loadScenario({ ...scenarioOf({ flows: 60, nodes, packets: 1_200, workers: 1 }), capture })
    const out = join(folder, 'out')
    await run(scenario, { workers: 0, out })
    const file = join(folder, 'flows')
    writeFlows(file, scenario)
    const { frames } = runLimit(compileLimit(compiler!, folder), 'bucket', file, 10_000)
    const seen = capture.flatMap(({ file }) => {
      const { firstNs, frames } = readCapture(readFileSync(join(out, file)))
      return frames.filter(({ direction }) => direction === 1).map(frame => ({ at: Number(firstNs) + frame.timeNs, bytes: frame.bytes }))
    })
    // The program holds no payload: headers end after 92 bytes, and all that follows are zeros.
    const lines = seen.map(({ at, bytes }) => `${at} ${Buffer.from(bytes.subarray(0, 92)).toString('hex')}`)
    expect(frames.length).toBeGreaterThan(500)
    expect(frames.toSorted()).toEqual(lines.toSorted())
  })
})
