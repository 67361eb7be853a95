// What the queue is called in Redis. Everything begins with "vxlane:", so one pattern is enough for a user's rights. Jobs of another
// version of vxlane are in another queue: a worker cannot take what it would compute differently.
import { VERSION } from '../run/version.js'
import type { StudyMode } from '../study/model.js'

export const PREFIX = 'vxlane'
/** BullMQ's keys are vxlane:points-VERSION:…; a name has no colon. */
export const QUEUE = `points-${VERSION}`

/** A point of a study: its id is the same wherever it is computed, and planning it is another thing than running it. */
export const jobId = (mode: StudyMode, id: string): string => `${mode}-${id}`

/** Facts, written once; what went wrong; what points have in common; files that they name. */
export const resultKey = (job: string): string => `${PREFIX}:result:${job}`
export const failureKey = (job: string): string => `${PREFIX}:failure:${job}`
export const baseKey = (digest: string): string => `${PREFIX}:base:${digest}`
export const fileKey = (digest: string): string => `${PREFIX}:file:${digest}`
/** Who is here, by the time at which they last said so. */
export const WORKERS = `${PREFIX}:workers`
export const STUDIES = `${PREFIX}:studies`

/** A point whose thread ends is tried so often in all: perhaps the next worker has more memory. */
export const ATTEMPTS = 2
/** A point whose worker is gone is given to another; not once so many were lost with it. */
export const MOST_LOST = 3

/** BullMQ's reason for giving a job up, in our words. */
export const whyGivenUp = (reason: string): string =>
  /stalled more than/.test(reason)
    ? `${MOST_LOST} workers ended while they computed this point; it may need more memory than they have`
    : reason
