// The emulator against the Linux kernel: every recorded case is built as a scenario, run, and compared byte for byte at every observed
// place (test/support/free-fields.ts says which bytes may differ). No case is special: all follow from case.json.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadScenario, run } from '../src/index.js'
import { kernelCases } from './support/kernel-case.js'
import { dropDifferences } from './support/kernel-drops.js'
import { type Runner, replay } from './support/kernel-replay.js'
import { stretchesOf } from './support/kernel-scenario.js'

const runSolo: Runner = async (scenario, out) => {
  const result = await run(await loadScenario(scenario), { workers: 0, out, force: true })
  expect(result.totals.sent).toBe(result.totals.delivered + result.totals.dropped + result.totals.inFlight)
  return result.drops.byReason as Record<string, number>
}

describe('recorded from the Linux kernel', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vxlane-kernel-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each(kernelCases)('$name', async recorded => {
    expect(recorded.steps.filter(step => !step.send)).toEqual([])
    const stretches = stretchesOf(recorded)
    for (const stretch of stretches) {
      const { differences, drops } = await replay(recorded, stretch, runSolo, join(folder, recorded.name, stretch.podCidrRoute))
      expect(differences.join('\n  ')).toBe('')
      if (stretches.length === 1) expect(dropDifferences(recorded, stretch, drops).join('\n  ')).toBe('')
    }
  })
})
