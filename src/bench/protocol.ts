// What is said between `vxlane bench` and the process that takes one sample. Another build of vxlane may stand at either end, so this is a
// promise: a request is the one argument of `dist/src/bench/child.js`, the answer one line of JSON on stdout, both with this version.
import { z } from 'zod'
import { SIZES } from './bench.js'

export const PROTOCOL = 1

export const requestSchema = z.discriminatedUnion('ask', [
  z.object({ protocol: z.number(), ask: z.literal('about'), size: z.enum(SIZES) }),
  z.object({ protocol: z.literal(PROTOCOL), ask: z.literal('sample'), size: z.enum(SIZES), name: z.string() }),
])
export type Request = z.infer<typeof requestSchema>

/** Which build answers, and what it can measure. Asked first, and understood whatever the protocol. */
export const aboutSchema = z.object({
  protocol: z.number(),
  suite: z.string(),
  engine: z.object({ version: z.string(), node: z.string(), build: z.string() }),
  names: z.array(z.string()),
})
export type About = z.infer<typeof aboutSchema>

/** One sample of one benchmark. */
export const answerSchema = z.object({
  protocol: z.literal(PROTOCOL),
  units: z.number(),
  exact: z.record(z.string(), z.union([z.number(), z.string()])),
  ns: z.number(),
  wallNs: z.number(),
  calibrationNs: z.number(),
})
export type Answer = z.infer<typeof answerSchema>
