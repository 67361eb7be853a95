// What Redis, the network or TLS refuse, as one sentence that says what to do.
import { QueueError } from './queue-error.js'
import { type RedisTarget, redacted } from './redis-url.js'

const OWN_AUTHORITY = 'NODE_EXTRA_CA_CERTS names the file of an authority of your own'

/** The first that matches speaks; of the error's code and its message. */
const SENTENCES: readonly (readonly [RegExp, (at: string, message: string) => string])[] = [
  [/ECONNREFUSED/, at => `nothing listens at ${at}; start Redis or Valkey there, or name another address with --redis`],
  [/ENOTFOUND|EAI_AGAIN/, at => `there is no such host: ${at}`],
  [/WRONGPASS|invalid password/i, at => `Redis at ${at} refuses this user or password`],
  [
    /NOAUTH|Authentication required/i,
    at => `Redis at ${at} asks for a password; put it into VXLANE_REDIS_URL, as in redis://:PASSWORD@HOST`,
  ],
  [/NOPERM/, (at, message) => `this user of Redis at ${at} may not do what a queue needs (all commands on keys vxlane:*): ${message}`],
  [
    /\bOOM\b/,
    at =>
      `the memory of Redis at ${at} is full: give it more (maxmemory), or free some; what was finished is kept, and the study goes on from there`,
  ],
  [/Protocol error/, at => `what answers at ${at} is no Redis`],
  [/DB index is out of range/, at => `Redis at ${at} has no database of this number`],
  [/READONLY/, at => `Redis at ${at} is a replica that takes no writes; name the primary`],
  [/MISCONF|NOREPLICAS/, (at, message) => `Redis at ${at} takes no writes: ${message}`],
  [
    /wrong version number|EPROTO|packet length too long/,
    at => `${at} speaks no TLS: write redis:// instead of rediss://, or name the TLS port`,
  ],
  [/CERT|certificate|SELF_SIGNED|UNABLE_TO/i, (at, message) => `the certificate of ${at} is not trusted (${message}); ${OWN_AUTHORITY}`],
  [
    /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timed out/,
    at => `${at} does not answer; is the address right, and does every firewall on the way allow it?`,
  ],
  [/ECONNRESET|Connection is closed|EPIPE|socket hang up/, at => `${at} closes the connection at once; does it want TLS (rediss://)?`],
]

export function queueErrorOf(error: unknown, target: RedisTarget): QueueError {
  if (error instanceof QueueError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  const text = redacted(message ?? String(error), target)
  const sentence = SENTENCES.find(([pattern]) => pattern.test(`${code} ${text}`))?.[1]
  return new QueueError(sentence?.(target.shown, text) ?? `Redis at ${target.shown}: ${text}`)
}

/** Waiting does not help against these. */
export const isFinal = (error: unknown): boolean =>
  /WRONGPASS|NOAUTH|NOPERM|invalid password|\bOOM\b|READONLY/.test((error as Error).message ?? '')

/** Whether an error is of Redis or of the way to it, rather than a fault of ours. */
export const isOfRedis = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const { name, message, code = '' } = error as NodeJS.ErrnoException
  return name === 'ReplyError' || SENTENCES.some(([pattern]) => pattern.test(`${code} ${message}`))
}
