// The kinds of values that a scenario is made of, as zod schemas: quantities, addresses, ranges, and what is not built yet. They
// check and describe, they do not convert: the checked document keeps its text, so `show.ts` can print it and `resolve.ts` turns it
// into numbers. Each refusal carries its stable code and what to do about it.
import { z } from 'zod'
import { type Dimension, EXAMPLES, parseQuantity } from '../base/quantity.js'
import { LAST_MOMENT, parseSimTime } from '../base/sim-time.js'
import { formatCidr, networkOf, parseCidr, parseIpv4 } from '../wire/address.js'
import { parseNodeShare } from './node-share.js'

type Context = { addIssue(issue: { code: 'custom'; message: string; params: { code: string; hint: string } }): void }

/** Adds one of our own issues to zod's list; `shape.ts` reads `params` back. */
export const refuse = (ctx: Context, code: string, message: string, hint: string): void =>
  ctx.addIssue({ code: 'custom', message, params: { code, hint } })

/** What a value may be, both ends included, in the base unit of its dimension. */
interface Bounds {
  readonly min?: number
  readonly max?: number
}

function checkBounds(ctx: Context, shown: unknown, value: number, bounds: Bounds, unit: string): void {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = bounds
  if (value < min) refuse(ctx, 'OutOfRange', `${shown} is too small`, `the least is ${min}${unit}`)
  else if (value > max) refuse(ctx, 'OutOfRange', `${shown} is too large`, `the most is ${max}${unit}`)
}

/**
 * A quantity whose unit must be written. Any value reaches the check, so that a bare number is told which unit it lacks; a moment of
 * virtual time must also be a whole number of nanoseconds.
 */
export const quantity = (dimension: Dimension, bounds: Bounds = {}) =>
  z
    .custom<string>()
    .superRefine((given: unknown, ctx) => {
      const text = given === 0 ? '0' : given
      if (text === undefined) return refuse(ctx, 'MissingKey', 'a quantity is missing', `add it, as in ${EXAMPLES[dimension]}`)
      const value = typeof text === 'string' ? parseQuantity(text, dimension) : null
      if (value === null) {
        const hint = `write it with its unit, as in ${EXAMPLES[dimension]}`
        return refuse(ctx, 'BadQuantity', `${JSON.stringify(text)} is not a ${WORDS[dimension]}`, hint)
      }
      if (dimension === 'time' && parseSimTime(String(text)) === null)
        return refuse(
          ctx,
          'BadQuantity',
          `"${text}" is not a whole number of nanoseconds of at most 3650 days`,
          'write a coarser or shorter time',
        )
      if (dimension === 'time') checkBounds(ctx, text, value, { max: LAST_MOMENT, ...bounds }, 'ns')
      else checkBounds(ctx, text, value, bounds, '')
    })
    .meta({ type: 'string' })

const WORDS: Readonly<Record<Dimension, string>> = {
  time: 'time',
  bitRate: 'bit rate',
  size: 'length',
  frequency: 'frequency',
  share: 'share',
}

/** A time such as 50us or 10s, a whole number of nanoseconds. */
export const time = (bounds: Bounds = {}) => quantity('time', bounds)

/** A length in bytes: a plain number, or with its unit (1500B, 4KiB). */
export const bytes = (bounds: Bounds = {}) =>
  z.union([z.number(), z.string()]).superRefine((given, ctx) => {
    const value = typeof given === 'number' ? given : parseQuantity(given, 'size')
    if (value === null) refuse(ctx, 'BadQuantity', `"${given}" is not a number of bytes`, `write ${EXAMPLES.size}`)
    else if (!Number.isInteger(value)) refuse(ctx, 'BadQuantity', `${given} is not a whole number of bytes`, 'leave the fraction out')
    else checkBounds(ctx, given, value, bounds, 'B')
  })

const ADDRESS_HINT = 'write four numbers from 0 to 255 without leading zeros, as in 10.224.0.4'

/** A dotted IPv4 address. */
export const address = () =>
  z.string().superRefine((text, ctx) => {
    if (parseIpv4(text) === null) refuse(ctx, 'BadAddress', `"${text}" is not an IPv4 address`, ADDRESS_HINT)
  })

/** A prefix without host bits; with them, the prefix that was probably meant is named. */
export const cidr = () =>
  z.string().superRefine((text, ctx) => {
    const parsed = parseCidr(text)
    if (parsed === null) {
      const hint = parseIpv4(text) === null ? 'write address/length, as in 10.244.0.0/16' : `add the length of the prefix, as in ${text}/24`
      return refuse(ctx, 'BadCidr', `"${text}" is not an address range`, hint)
    }
    const network = networkOf(parsed)
    if (network.base !== parsed.base) refuse(ctx, 'CidrHostBits', `${text} has bits set after the prefix`, `write ${formatCidr(network)}`)
  })

/** Ports from first to last, both included: "1024-65535". */
export function parsePortRange(text: string): { first: number; last: number } | null {
  const match = /^(\d{1,5})\s*-\s*(\d{1,5})$/.exec(text)
  if (!match) return null
  const range = { first: Number(match[1]), last: Number(match[2]) }
  return range.first <= range.last && range.last <= 65535 ? range : null
}

export const portRange = () =>
  z.string().superRefine((text, ctx) => {
    if (parsePortRange(text) === null)
      refuse(ctx, 'BadPortRange', `"${text}" is not a range of ports`, 'write first-last, as in 32768-60999')
  })

/** A number of a pool's nodes, or a percentage of them: 1, "1", "33%". */
export const nodeShare = () =>
  z.union([z.string(), z.number()]).superRefine((given, ctx) => {
    if (parseNodeShare(given) === null)
      refuse(
        ctx,
        'BadNodeShare',
        `${JSON.stringify(given)} is no number of nodes`,
        'write a whole number or a percentage up to 100%, as in 1 or 33%',
      )
  })

export const port = () => z.int().min(1).max(65535)

/** Something the scenario format names and this version does not do: refused by name, never ignored. */
export const later = (what: string) =>
  z
    .unknown()
    .superRefine((value, ctx) => {
      if (value !== undefined) refuse(ctx, 'NotSupportedYet', `not supported yet: ${what}`, 'take it out')
    })
    .meta({ description: `Not supported yet: ${what}.`, not: {} })
    .optional()

/** One of several words, some of which are not built yet. */
export const choice = <const Words extends readonly [string, ...string[]]>(
  words: Words,
  supported: readonly Words[number][],
  what: string,
) =>
  z.enum(words).superRefine((word, ctx) => {
    if (!supported.includes(word as Words[number]))
      refuse(ctx, 'NotSupportedYet', `not supported yet: ${what} ${word}`, `use ${supported.join(' or ')}`)
  })

/** A name of one path segment: no slash, no space. */
export const name = () =>
  z.string().superRefine((text, ctx) => {
    if (!/^[^\s/]{1,253}$/.test(text))
      refuse(ctx, 'BadName', `"${text}" is not a name`, 'use letters, digits, "-" and ".", without "/" and spaces')
  })
