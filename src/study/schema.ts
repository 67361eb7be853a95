// The form of a study file: a base scenario, axes along which it is varied, perhaps a limit to be found, and what to measure. The JSON
// Schema that editors use is generated from this description.
import { z } from 'zod'
import { refuse } from '../scenario/fields.js'

const path = () => z.string().min(1).describe('A value of the scenario, as in cluster.agentPoolProfiles[0].count.')

/** A plain number, or one with a unit behind it: 250, 20/s, 50us. */
const bound = () => z.union([z.number(), z.string().min(1)])

const values = () => z.array(z.unknown()).min(1).describe('What the path is set to, one after the other; null takes the key out.')

const range = z
  .strictObject({ from: bound(), to: bound(), step: bound() })
  .describe('Evenly spaced values, both ends included where a step leads to them.')

const linked = z.strictObject({ path: path(), values: values() })

const axis = z
  .strictObject({
    name: z.string().min(1).optional().describe('What the axis is called in tables; the path, or the last word of it, by default.'),
    labels: z.array(z.string().min(1)).min(1).optional().describe('What its values are called, one for each.'),
    path: path().optional(),
    values: values().optional(),
    range: range.optional(),
    linked: z
      .array(linked)
      .min(2)
      .optional()
      .describe('Paths that move together: the first values of all, then the second ones, and so on.'),
  })
  .superRefine((given, ctx) => {
    const said = [given.values, given.range, given.linked].filter(part => part !== undefined).length
    if (said !== 1)
      refuse(ctx, 'BadAxis', 'an axis has either values, or a range, or linked paths', 'write path and values, path and range, or linked')
    else if ((given.linked === undefined) === (given.path === undefined))
      refuse(
        ctx,
        'BadAxis',
        given.linked ? 'linked paths stand in the list' : '"path" is missing',
        'write path and values, path and range, or linked',
      )
    const lengths = new Set(given.linked?.map(({ values: list }) => list.length))
    if (lengths.size > 1)
      refuse(ctx, 'BadAxis', 'linked paths have lists of different lengths', 'give each path as many values as the others')
  })

const find = z
  .strictObject({
    path: path(),
    between: z.tuple([bound(), bound()]).describe('The smallest and the largest value that is tried.'),
    step: bound().default(1),
    largestWhere: z.string().optional().describe('A condition on the outcome, as in resources.exhausted == none.'),
    smallestWhere: z.string().optional(),
  })
  .superRefine((given, ctx) => {
    if ((given.largestWhere === undefined) === (given.smallestWhere === undefined))
      refuse(
        ctx,
        'BadSearch',
        'a search has either largestWhere or smallestWhere',
        'write one of them, as in largestWhere: resources.exhausted == none',
      )
  })

export const studySchema = z.strictObject({
  $schema: z.string().optional(),
  apiVersion: z.literal('vxlane-study/v1').describe('Version of this format.'),
  name: z
    .string()
    .regex(/^[^\s/]+$/)
    .describe('Names the folder of results, too.'),
  description: z.string().default('').describe('What the reader should look for.'),
  base: z
    .union([z.string().min(1), z.record(z.string(), z.unknown())])
    .describe('A scenario: a file, relative to this one, or the scenario itself.'),
  mode: z.enum(['plan', 'run']).default('plan').describe('plan: addresses and growth only, no packets. run: the whole emulator.'),
  set: z.record(z.string(), z.unknown()).default({}).describe('Values that replace those of the base in every point.'),
  vary: z.array(axis).default([]).describe('Axes; every combination of their values is looked at.'),
  find: find.optional().describe('For every combination, the largest or smallest value of a path for which a condition holds.'),
  seeds: z
    .int()
    .min(1)
    .max(10_000)
    .default(1)
    .describe('Repeats with seeds counted up from that of the scenario; the answer then carries a confidence interval.'),
  measure: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Columns of the answer: limit, bindingResource, timeToExhaustion, maxNodes, maxPods, or an expression over the outcome such as resources.nodeSubnet.peak.',
    ),
})

/** A checked study file. */
export type StudyDocument = z.output<typeof studySchema>

/** JSON Schema of study files, for editors. */
export function studyJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(studySchema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }), title: 'vxlane study' }
}
