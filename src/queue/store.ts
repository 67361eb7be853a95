// What the queue keeps beside its jobs: results, failures, bases and files, and who is here. Jobs vanish when they are done; a result
// stays for a week under the id of its point, so that it does not matter who asked for it, or whether anybody still listens.
import type { Redis } from 'ioredis'
import type { PointOutcome } from '../study/executor.js'
import type { PointFacts } from '../study/facts.js'
import type { StudyMode } from '../study/model.js'
import { baseKey, failureKey, fileKey, jobId, resultKey, type STUDIES, type WORKERS } from './names.js'
import { DIGEST_BYTES, digestOf, pack, sha256, unpack } from './stored.js'

/** Kept for so long, s: results and what they came from; failures, which are computed anew the next time. */
const WEEK = 7 * 86_400
const HOUR = 3600
/** Who has not said for so long that they are here is gone, s. */
const GONE_AFTER = 35

/** Writes a result unless there is one. `differs`: there was one, and it is not the same. */
export async function putResult(redis: Redis, job: string, facts: PointFacts): Promise<'written' | 'same' | 'differs'> {
  const packed = pack(facts)
  const key = resultKey(job)
  // Twice, because what is there may end its week in between.
  for (let attempt = 0; attempt < 2; attempt++) {
    if ((await redis.set(key, packed, 'EX', WEEK, 'NX')) !== null) return 'written'
    const there = await redis.getrangeBuffer(key, 0, DIGEST_BYTES - 1)
    if (there.length > 0) return there.equals(packed.subarray(0, DIGEST_BYTES)) ? 'same' : 'differs'
  }
  return 'written'
}

export const hasResult = async (redis: Redis, job: string): Promise<boolean> => (await redis.exists(resultKey(job))) === 1

export async function putFailure(redis: Redis, job: string, reason: string): Promise<void> {
  await redis.set(failureKey(job), reason, 'EX', HOUR)
}

/** Failures belong to the study that met them: whoever asks again wants them computed again. */
export async function forgetFailures(redis: Redis, mode: StudyMode, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await redis.del(...ids.map(id => failureKey(jobId(mode, id))))
}

/** What is known of these points: a result before a failure. A result that is not whole is taken away, so that it can be written anew. */
export async function readOutcomes(redis: Redis, mode: StudyMode, ids: readonly string[]): Promise<PointOutcome[]> {
  if (ids.length === 0) return []
  const jobs = ids.map(id => jobId(mode, id))
  const found = await redis.mgetBuffer(...jobs.map(resultKey), ...jobs.map(failureKey))
  const torn: string[] = []
  const outcomes = ids.flatMap((id, i): PointOutcome[] => {
    const bytes = found[i]
    const facts = bytes && (unpack(bytes) as PointFacts | undefined)
    if (facts && Array.isArray(facts.resources)) return [{ id, kind: 'done', facts }]
    if (bytes) torn.push(resultKey(jobs[i]))
    const reason = found[ids.length + i]
    return reason === null ? [] : [{ id, kind: 'failed', reason: reason.toString('utf8') }]
  })
  if (torn.length > 0) await redis.del(...torn)
  return outcomes
}

/** Stores what points have in common; returns the digest that jobs name it by. */
export async function putBase(redis: Redis, base: unknown): Promise<string> {
  const packed = pack(base)
  await redis.set(baseKey(digestOf(packed)), packed, 'EX', WEEK)
  return digestOf(packed)
}

export async function getBase(redis: Redis, digest: string): Promise<unknown> {
  const bytes = await redis.getBuffer(baseKey(digest))
  return bytes !== null && digestOf(bytes) === digest ? unpack(bytes) : undefined
}

export async function putFile(redis: Redis, bytes: Buffer): Promise<void> {
  await redis.set(fileKey(sha256(bytes).toString('hex')), bytes, 'EX', WEEK)
}

export async function getFile(redis: Redis, digest: string): Promise<Buffer | undefined> {
  const bytes = await redis.getBuffer(fileKey(digest))
  return bytes !== null && sha256(bytes).toString('hex') === digest ? bytes : undefined
}

/** Somebody who is here: a worker, or a study that waits for points. */
export interface Presence {
  /** Of vxlane. */
  readonly version: string
  readonly id: string
  /** Points that a worker computes at a time; 0 for a study. */
  readonly threads: number
}

type List = typeof WORKERS | typeof STUDIES

const memberOf = ({ version, id, threads }: Presence): string => JSON.stringify({ version, id, threads })

/** Says that one is here, by the clock of Redis: those of the machines need not agree. */
export async function sayHere(redis: Redis, list: List, who: Presence): Promise<void> {
  const [seconds] = await redis.time()
  await redis.zadd(list, Number(seconds), memberOf(who))
  await redis.zremrangebyscore(list, '-inf', Number(seconds) - GONE_AFTER)
}

export async function sayGone(redis: Redis, list: List, who: Presence): Promise<void> {
  await redis.zrem(list, memberOf(who))
}

/** Those who have said so lately. */
export async function whoIsHere(redis: Redis, list: List): Promise<Presence[]> {
  const [seconds] = await redis.time()
  const members = await redis.zrangebyscore(list, Number(seconds) - GONE_AFTER, '+inf')
  return members.map(member => JSON.parse(member) as Presence)
}
