// Shape of `connections:`, traffic that opens connections (or exchanges of datagrams) instead of sending a stream of packets. How each key
// shows on the wire is `traffic/connection.ts` and the files beside it.
import { z } from 'zod'
import { bytes, quantity, time } from './fields.js'

/** A gigabyte: a message is one segment after another, and its end is a 32-bit sequence number. */
const MOST_BYTES = 2 ** 30
const message = (min: number) => bytes({ min, max: MOST_BYTES })
/** A tenth of a megasecond, more than any run lasts. */
const span = () => time({ max: 1e14 })
const positive = z.number().positive()

const value = <Value extends z.ZodType>(item: () => Value, least: string | number, most: string | number) =>
  z.union([
    item(),
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('constant'), value: item() }),
      z.strictObject({ kind: z.literal('uniform'), least: item(), most: item() }),
      z.strictObject({
        kind: z.literal('exponential'),
        mean: item(),
        least: item().default(least as never),
        most: item().default(most as never),
      }),
      z.strictObject({ kind: z.literal('lognormal'), median: item(), sigma: positive.max(20), most: item().default(most as never) }),
      z.strictObject({ kind: z.literal('pareto'), scale: item(), shape: positive, most: item().default(most as never) }),
      z.strictObject({
        kind: z.literal('empirical'),
        values: z.array(z.strictObject({ value: item(), weight: positive.default(1) })).min(1),
      }),
    ]),
  ])

const keepAlive = z.strictObject({
  pool: z
    .int()
    .min(1)
    .max(65_535)
    .describe('Connections that each source pod keeps, at most; opened when a request finds none free, also in place of one that broke.'),
  requests: z
    .int()
    .min(1)
    .max(1e9)
    .optional()
    .describe('Requests after which a connection is closed (nginx: keepalive_requests); no limit by default.'),
})

export const connections = z.strictObject({
  rate: quantity('frequency', { min: 1e-9, max: 1e9 }).describe(
    'Connections opened per second by each source pod; with keepAlive, requests per second over its pool.',
  ),
  hold: value(span, '0s', '100000s')
    .optional()
    .describe(
      'How long a connection is kept, from its first SYN: a time or a distribution (constant, uniform, exponential, lognormal, pareto, ' +
        'empirical); one that waits for its response is kept until that is whole. 0s by default.',
    ),
  request: value(() => message(1), 1, MOST_BYTES)
    .default('128B')
    .describe('Bytes the client sends: a number or a distribution.'),
  response: value(() => message(0), 0, MOST_BYTES)
    .default('1KiB')
    .describe('Bytes the server answers with; 0: nothing, and a UDP message is over once it is sent.'),
  close: z
    .enum(['fin', 'rst', 'idle'])
    .optional()
    .describe(
      'How the client ends it: FIN, with TIME_WAIT for 60s (default); RST at once; idle: never, it lies open until somebody resets it.',
    ),
  keepAlive: keepAlive.optional().describe('Requests over a pool of persistent connections instead of a new connection for each.'),
  server: z
    .enum(['accept', 'refuse', 'ignore'])
    .default('accept')
    .describe('What the port does: accept; refuse: nobody listens, a RST (UDP: port unreachable) answers; ignore: no answer at all.'),
  synRetries: z.int().min(0).max(127).default(6).describe('net.ipv4.tcp_syn_retries: SYNs that are repeated with doubled waits.'),
  synLinearTimeouts: z
    .int()
    .min(0)
    .max(127)
    .default(4)
    .describe('net.ipv4.tcp_syn_linear_timeouts: repeats one second apart before the waits double (Linux 6.5 and later; 0 before).'),
  dataRetries: z
    .int()
    .min(1)
    .max(15)
    .default(15)
    .describe('net.ipv4.tcp_retries2: repeats of unacknowledged data before the client gives up.'),
  timeout: time({ min: 1, max: 1e12 })
    .optional()
    .describe('UDP: how long an answer is waited for; asked twice, as resolvers do (resolv.conf timeout, attempts). 5s by default.'),
})
