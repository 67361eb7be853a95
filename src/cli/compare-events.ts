// `vxlane compare --events`: both runs are repeated up to the interval in which they part, and the first packet that ended otherwise is shown.
// Each side may be repeated by the build that made it, because what this build does with a scenario says nothing about what another did.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { EventSide, FirstEvent } from '../compare/first-event.js'
import { firstDifferingEnd } from '../compare/first-event.js'
import { loadAdmitted } from '../run/admitted.js'
import { SCENARIO } from '../run/output.js'
import type { RunResult } from '../run/result.js'
import { endsOf, marksWithin, type Span } from '../run/witness.js'
import type { LoadedScenario } from '../scenario/load.js'
import { UnreadableResult } from './read-result.js'

/** Ends that are shown of what came before. */
const CONTEXT = 3

/** A run that can be repeated. */
export interface RepeatedSide {
  readonly name: 'a' | 'b'
  readonly result: RunResult
  /** Its result.json. */
  readonly file: string
  /** The scenario's file; null: the one in the result's folder. */
  readonly scenario: string | null
  /** Folder of the build that made it; null: this one. */
  readonly build: string | null
}

/** What a build must have: the functions that repeat a run, and the one that reads a scenario. */
interface Build {
  readonly loadAdmitted: typeof loadAdmitted
  readonly marksWithin: typeof marksWithin
  readonly endsOf: typeof endsOf
}

/** Null: within the span every packet ended alike. Throws an {@link UnreadableResult} that says what is missing. */
export async function firstEvent(sides: readonly [RepeatedSide, RepeatedSide], span: Span): Promise<FirstEvent | null> {
  const builds = [await buildOf(sides[0]), await buildOf(sides[1])]
  const scenarios = sides.map((side, i) => scenarioOf(side, builds[i]))
  const marks = sides.map((side, i) => {
    const found = builds[i].marksWithin(scenarios[i], span)
    requireSame(side, found.checkpoints, span)
    return found
  })
  const place = firstDifferingEnd(marks[0], marks[1])
  if (place === null) return null
  const { node, order } = place
  const wanted = { node, first: Math.max(0, order - CONTEXT), last: order }
  const [a, b] = builds.map((build, i) => sideOf(build.endsOf(scenarios[i], span, wanted), order))
  return { node, order, a, b }
}

/** A repeat that comes to other digests than the result holds is another run, and says nothing about this one. */
function requireSame({ name, result }: RepeatedSide, checkpoints: readonly string[], { toNs }: Span): void {
  const last = Math.floor(toNs / result.throughput.intervalNs) - 1
  if (last < 0 || checkpoints[last] === result.checkpoints[last]) return
  const { version, node } = result.engine
  throw new UnreadableResult(
    `${name} was made by another build (engine ${version}, Node.js ${node}): repeated by this one, its digests are others; name the folder of that build with --build-${name}`,
  )
}

const sideOf = (ends: ReturnType<typeof endsOf>, order: number): EventSide => ({
  before: ends.filter(end => end.order < order),
  event: ends.find(end => end.order === order) ?? null,
})

async function buildOf({ name, build }: RepeatedSide): Promise<Build> {
  if (build === null) return { loadAdmitted, marksWithin, endsOf }
  const folder = [join(build, 'dist', 'src', 'run'), join(build, 'src', 'run'), join(build, 'run')].find(path =>
    existsSync(join(path, 'witness.js')),
  )
  if (folder === undefined) {
    throw new UnreadableResult(
      `--build-${name} ${build}: there is no build of vxlane that can show events (dist/src/run/witness.js); name the folder of the package`,
    )
  }
  const load = (file: string) => import(pathToFileURL(resolve(folder, file)).href)
  return { ...(await load('witness.js')), ...(await load('admitted.js')) } as Build
}

function scenarioOf({ name, result, file, scenario }: RepeatedSide, build: Build): LoadedScenario {
  const path = scenario ?? join(dirname(file), SCENARIO)
  if (scenario === null && !existsSync(path)) {
    throw new UnreadableResult(`${path} is not there: the folder does not say what ran; name both scenarios with --scenarios A B`)
  }
  const loaded = build.loadAdmitted(path, { seed: result.seed })
  if (loaded.hash === result.scenario.hash) return loaded
  throw new UnreadableResult(
    `${path} is not the scenario that ${name} ran: its hash is ${loaded.hash.slice(0, 12)}…, that of the result ${result.scenario.hash.slice(0, 12)}…`,
  )
}
