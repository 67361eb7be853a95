// Checked text as numbers. A value that does not parse here was not checked before: a fault of ours.
import type { Ipv4, SimTime } from '../base/brand.js'
import { invariant } from '../base/invariant.js'
import { type Dimension, parseQuantity } from '../base/quantity.js'
import { type Cidr, parseCidr, parseIpv4 } from '../wire/address.js'
import { parsePortRange } from './fields.js'
import type { PortRange } from './model.js'

export function certain<T>(value: T | null | undefined): T {
  invariant(value !== null && value !== undefined, 'a checked value did not parse')
  return value
}
export const ip = (text: string): Ipv4 => certain(parseIpv4(text))
export const range = (text: string): Cidr => certain(parseCidr(text))
export const ports = (text: string): PortRange => certain(parsePortRange(text))
export const amount = (text: string, dimension: Dimension): number => certain(parseQuantity(text, dimension))
export const ns = (text: string): SimTime => amount(String(text), 'time') as SimTime

/** The rest of an object, without keys that have no value; undefined if nothing is left. */
export function factsOf(rest: Readonly<Record<string, unknown>>): { facts?: Readonly<Record<string, unknown>> } {
  const kept = Object.entries(rest).filter(([, value]) => value !== undefined)
  return kept.length === 0 ? {} : { facts: Object.fromEntries(kept) }
}
