// A saved benchmark: what `vxlane bench --save` writes and `vxlane bench --against` and `vxlane compare` read. Exact counters say whether
// two builds did the same work, samples how long it took; what a reader of either needs to judge them lies beside.
import { z } from 'zod'
import { ScenarioError } from '../scenario/error.js'
import { type Issue, issue } from '../scenario/issue.js'
import { inOrder, placeIn } from '../scenario/load.js'
import { issuesOf } from '../scenario/shape.js'
import { sourceOfFile } from '../scenario/source.js'

/**
 * One timing of one workload: `ns` for all its work; `calibrationNs` is what the calibration kernel took right beside it. Both are processor
 * time of all threads (`clock.ts`).
 */
export interface BenchSample {
  readonly round: number
  readonly ns: number
  readonly calibrationNs: number
  /** Time on the wall for the same work. */
  readonly wallNs?: number | undefined
  /** The how manieth sample of the whole measurement it was, both builds and the warm-up counted. */
  readonly turn?: number | undefined
}

export interface BenchWorkload {
  readonly name: string
  readonly kind: 'workload' | 'kernel'
  /** What `units` counts: packets, lookups, points. */
  readonly unit: string
  readonly units: number
  /** Exact counters: equal work gives equal values, on every machine. */
  readonly exact: Readonly<Record<string, number | string>>
  readonly samples: readonly BenchSample[]
}

export interface SavedBench {
  readonly schemaVersion: 1
  readonly kind: 'bench'
  /** Which work the names stand for: version and size of the suite. Only equal ones can be compared. */
  readonly suite: string
  readonly engine: { readonly version: string; readonly node: string; readonly build: string }
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryBytes: number; readonly os: string }
  readonly workloads: readonly BenchWorkload[]
  /** How the samples were taken: 'alone', or 'ABBA' when two builds took turns; `pairedWith` names the other build. */
  readonly order: 'alone' | 'ABBA'
  readonly pairedWith?: string | undefined
}

const nanoseconds = () => z.number().positive()

const sample = z.object({
  round: z.int().min(0).describe('Samples of one round were taken one after the other; the warm-up before the first is not listed.'),
  ns: nanoseconds().describe('Processor time of all threads, for all units.'),
  calibrationNs: nanoseconds().describe('What the calibration kernel took right before and after, the mean.'),
  wallNs: nanoseconds().optional().describe('Time on the wall for the same work.'),
  turn: z.int().min(0).optional().describe('The how manieth sample of the whole measurement, both builds and the warm-up counted.'),
})

const workload = z.object({
  name: z.string().min(1),
  kind: z.enum(['workload', 'kernel']),
  unit: z.string().min(1).describe('What units counts.'),
  units: z.number().positive(),
  exact: z
    .record(z.string(), z.union([z.number(), z.string()]))
    .describe('Counters and digests: a function of suite and build, the same on every machine.'),
  samples: z.array(sample),
})

const savedSchema = z.object({
  schemaVersion: z.literal(1),
  kind: z.literal('bench'),
  suite: z.string().min(1).describe('Version and size of the suite. Only equal ones can be compared.'),
  engine: z.object({ version: z.string(), node: z.string(), build: z.string().describe('Hash of the compiled program.') }),
  machine: z.object({ cpu: z.string(), cores: z.int().positive(), memoryBytes: z.number().positive(), os: z.string() }),
  workloads: z.array(workload),
  order: z.enum(['alone', 'ABBA']).describe('ABBA: two builds took turns.'),
  pairedWith: z.string().optional().describe('The other build.'),
})

/**
 * Reads a saved benchmark; `-` is standard input. Throws a ScenarioError with every mistake located. `suite`: the only one that will do.
 */
export function readSavedBench(file: string, suite?: string): SavedBench {
  const source = sourceOfFile(file)
  if (source.issues.length > 0) throw new ScenarioError(source.issues)
  const checked = savedSchema.safeParse(source.value)
  const all = checked.success ? meaningless(checked.data, suite) : issuesOf(checked.error, { schema: savedSchema, value: source.value })
  // Of something else that says what it is, what it lacks of a benchmark is no news.
  const other = all.find(({ path }) => path.length === 1 && path[0] === 'kind')
  const issues = other ? [other] : all
  if (checked.success && issues.length === 0) return checked.data
  throw new ScenarioError(
    inOrder(
      issues.map(found => placeIn(source, found)),
      source.file,
    ),
  )
}

/** What the schema cannot say: a name stands for one workload, a sample is there to be read. */
function meaningless({ workloads, suite }: SavedBench, wanted = suite): Issue[] {
  const other = `${suite} is another suite than ${wanted}: the same names stand for other work`
  const suites = suite === wanted ? [] : [issue(['suite'], 'OtherSuite', other, 'measure again with one suite')]
  const faults = workloads.flatMap(({ name, samples }, i) => [
    ...(workloads.findIndex(other => other.name === name) < i
      ? [issue(['workloads', i, 'name'], 'DuplicateName', `there are two workloads called ${name}`, 'keep one of them')]
      : []),
    ...(samples.length === 0
      ? [issue(['workloads', i, 'samples'], 'NoSamples', `${name} has no samples`, 'measure it again, or leave the workload out')]
      : []),
  ])
  return [...suites, ...faults]
}

/** JSON Schema of a saved benchmark. Later versions add fields; readers must not mind. */
export function benchJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(savedSchema, { io: 'input', target: 'draft-7' }), title: 'vxlane bench' }
}
