// What the points of a study have in common, as it travels: the scenario they begin with, how they are computed, and which files it
// names. Jobs carry only a digest of it and what they set.
import { z } from 'zod'
import type { PointTask } from '../study/point.js'

const digest = z.string().regex(/^[0-9a-f]{64}$/)

export const baseRecord = z.strictObject({
  mode: z.enum(['plan', 'run']),
  value: z.record(z.string(), z.unknown()),
  /** Relative to the folder of the scenario, with slashes. */
  files: z.array(z.strictObject({ name: z.string().min(1), digest })),
})
export type BaseRecord = z.infer<typeof baseRecord>

export const jobData = z.strictObject({
  base: digest,
  set: z.array(z.string()),
})
export type JobData = z.infer<typeof jobData>

export const jobOf = (base: string, { set }: PointTask): JobData => ({ base, set: [...set] })
