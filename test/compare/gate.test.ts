// The gate that a pipeline relies on, with real builds on a real machine: a build against a copy of itself, and against a copy in which one step
// of the data plane was made so much slower that the whole takes a tenth longer. Twenty comparisons of each; the better part of an hour, so in the long
// run only. What is printed is what happened, comparison by comparison.
import { afterAll, describe, expect, test } from 'vitest'
import { type Build, openBuild, thisBuild } from '../../src/bench/build.js'
import { measure, PAIRED_RUNS } from '../../src/bench/measure.js'
import { select } from '../../src/bench/select.js'
import { type BenchVerdict, compareBenches, type TimeComparison } from '../../src/compare/benches.js'
import { plantedBuild, removeBuild } from '../support/planted-build.js'

const isLong = Boolean(process.env.VXLANE_LONG)
const COMPARISONS = 20
/** Every packet of it is routed, masqueraded and translated back, step by step. */
const WORKLOAD = 'egress-snat'
const STEP = { file: 'datapath/forward.js', name: 'forward' }
/** Turns of the loop that make it several times slower, to learn what one costs: noise is small beside them. */
const GREAT = 1000

const folders: string[] = []
afterAll(() => folders.forEach(removeBuild))

async function planted(turns: number): Promise<Build> {
  const folder = plantedBuild(STEP, turns)
  folders.push(folder)
  return openBuild(folder, 'full')
}

async function compared(a: Build, b: Build): Promise<{ verdict: BenchVerdict; time: TimeComparison }> {
  const { saved } = await measure({ benches: select(WORKLOAD), builds: [a, b], runs: PAIRED_RUNS, size: 'full' })
  const [{ verdict, time, exact }] = compareBenches(saved[0], saved[1]).workloads
  expect(exact).toEqual([])
  return { verdict, time: time! }
}

describe.skipIf(!isLong)('twenty comparisons of each kind', () => {
  test('equal builds give at most one false regression, a tenth is found eighteen times', async () => {
    const here = await thisBuild('full')
    const great = (await compared(here, await planted(GREAT))).time.shift
    const turns = Math.round((GREAT * 0.1) / great)
    console.log(`${GREAT} turns in ${STEP.name}: ${(great * 100).toFixed(1)} % slower; ${turns} turns planted`)
    const [copy, slower] = [await planted(0), await planted(turns)]
    const verdicts: Record<'equal' | 'slower', BenchVerdict[]> = { equal: [], slower: [] }
    for (let i = 0; i < COMPARISONS; i++) {
      for (const [kind, build] of [
        ['equal', copy],
        ['slower', slower],
      ] as const) {
        const { verdict, time } = await compared(here, build)
        verdicts[kind].push(verdict)
        console.log(
          `${i + 1} ${kind}: ${verdict}, ${(time.shift * 100).toFixed(1)} %, p ${time.p.toFixed(4)}, noise ${((time.noise ?? 0) * 100).toFixed(1)} %`,
        )
      }
    }
    const regressed = (kind: 'equal' | 'slower') => verdicts[kind].filter(verdict => verdict === 'regressed').length
    expect(regressed('equal')).toBeLessThanOrEqual(1)
    expect(regressed('slower')).toBeGreaterThanOrEqual(18)
  }, 7_200_000)
})

test('a planted step does the same work', async () => {
  const [here, slower] = [await thisBuild('smoke'), await openBuild(folderOf(50), 'smoke')]
  expect(slower.about.engine.build).not.toBe(here.about.engine.build)
  const { saved } = await measure({ benches: select(WORKLOAD), builds: [here, slower], runs: 2, size: 'smoke' })
  const comparison = compareBenches(saved[0], saved[1])
  expect(comparison).toMatchObject({ method: 'paired', counts: { different: 0, inconclusive: 1 } })
  expect(comparison.notes).toEqual([expect.stringContaining('too few samples')])
}, 300_000)

function folderOf(turns: number): string {
  const folder = plantedBuild(STEP, turns)
  folders.push(folder)
  return folder
}
