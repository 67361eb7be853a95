// Where the queue is: redis://[user[:password]@]host[:port][/database], rediss:// for TLS. What is shown to people never has the
// user's part in it, whichever way the address is wrong.
import { QueueError } from './queue-error.js'

export interface RedisTarget {
  readonly host: string
  readonly port: number
  readonly database: number
  readonly username: string | undefined
  readonly password: string | undefined
  readonly tls: boolean
  /** Without user and password, for messages. */
  readonly shown: string
}

const SCHEMES: Readonly<Record<string, boolean>> = { 'redis:': false, 'valkey:': false, 'rediss:': true, 'valkeys:': true }
const DEFAULT_PORT = 6379
const FORM = 'write redis://HOST:PORT, or rediss://USER:PASSWORD@HOST:PORT for TLS; in a password %23 stands for #, %2F for /, %3F for ?'

/** Reads an address. Throws a QueueError that does not repeat it. */
export function parseRedisUrl(text: string): RedisTarget {
  const url = urlOf(text)
  const tls = SCHEMES[url.protocol]
  if (tls === undefined) throw new QueueError(`the address of Redis begins with ${schemeOf(text)}; ${FORM}`)
  if (url.hostname === '') throw new QueueError(`the address of Redis names no host; ${FORM}`)
  if (url.search !== '' || url.hash !== '') throw new QueueError(`the address of Redis has a ? or # behind the host; ${FORM}`)
  const database = /^\/?(\d{0,4})$/.exec(url.pathname)?.[1]
  if (database === undefined) throw new QueueError(`what stands behind the host is no number of a database; ${FORM}`)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port)
  return {
    host,
    port,
    database: Number(database),
    username: decoded(url.username),
    password: decoded(url.password),
    tls,
    shown: `${tls ? 'rediss' : 'redis'}://${url.hostname}:${port}${database === '' ? '' : `/${database}`}`,
  }
}

function urlOf(text: string): URL {
  try {
    return new URL(text)
  } catch {
    throw new QueueError(`the address of Redis cannot be read; ${FORM}`)
  }
}

/** The scheme alone, if it looks like one: a password may stand anywhere else. */
const schemeOf = (text: string): string => /^[a-z][a-z0-9+.-]{0,15}:\/\//i.exec(text)?.[0] ?? 'no scheme'

function decoded(part: string): string | undefined {
  try {
    return part === '' ? undefined : decodeURIComponent(part)
  } catch {
    throw new QueueError(`a % in the user or the password of the address of Redis is not followed by two digits; ${FORM}`)
  }
}

/** A text of somebody else, without the password. */
export function redacted(text: string, { password }: RedisTarget): string {
  if (password === undefined) return text
  return [password, encodeURIComponent(password)].reduce((safe, secret) => safe.replaceAll(secret, '***'), text)
}
