// What the Kubernetes API server asks of the words in a NetworkPolicy: label keys and values, port names, address blocks. After
// k8s.io/apimachinery/pkg/util/validation and pkg/apis/networking/validation/validation.go (ValidateIPBlock, ValidateNetworkPolicyPort).
import type { Ipv4 } from '../base/brand.js'
import { type Cidr, contains, networkOf } from '../wire/address.js'

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const PORT_NAME = /^(?=.{1,15}$)(?!.*--)(?=.*[a-z])[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** RFC 1123 subdomain: the name of a NetworkPolicy. */
export const isSubdomain = (text: string): boolean => text.length <= 253 && SUBDOMAIN.test(text)
/** RFC 1123 label: the name of a namespace. */
export const isDnsLabel = (text: string): boolean => text.length <= 63 && LABEL.test(text)

/** A label's key: an optional DNS prefix and a name. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/')
  const prefix = slash < 0 ? null : key.slice(0, slash)
  const name = key.slice(slash + 1)
  return name.length <= 63 && NAME.test(name) && (prefix === null || isSubdomain(prefix))
}

export const isLabelValue = (value: string): boolean => value === '' || (value.length <= 63 && NAME.test(value))

/** IANA_SVC_NAME: at most 15 characters, a letter among them, no two hyphens together. */
export const isPortName = (text: string): boolean => PORT_NAME.test(text)

/** An address block of either family. Addresses of IPv6 are eight numbers of 16 bits; this emulator's packets are never among them. */
export type Block =
  | { readonly family: 4; readonly cidr: Cidr }
  | { readonly family: 6; readonly groups: readonly number[]; readonly prefix: number }

/** Reads a block as the API server does for this field: host bits and leading zeros (decimal) are let through. Null if it is none. */
export function parseBlock(text: string): Block | null {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text)
  if (!match) return null
  const prefix = Number(match[2])
  if (match[2].length > 1 && match[2].startsWith('0')) return null
  const octets = octetsOf(match[1])
  if (octets) return prefix > 32 ? null : { family: 4, cidr: networkOf({ base: fromOctets(octets), prefix }) }
  const groups = groupsOf(match[1])
  return groups === null || prefix > 128 ? null : { family: 6, groups, prefix }
}

const fromOctets = ([a, b, c, d]: readonly number[]): Ipv4 => ((a << 24) | (b << 16) | (c << 8) | d) as Ipv4

function octetsOf(text: string): number[] | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d{1,}$/.test(part) && part.length <= 9 && Number(part) <= 255)) return null
  return parts.map(Number)
}

function groupsOf(text: string): number[] | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [head, tail] = halves.map(half => (half === '' ? [] : half.split(':').flatMap(wordsOf)))
  if (head.includes(-1) || tail?.includes(-1)) return null
  if (tail === undefined) return head.length === 8 ? head : null
  const gap = 8 - head.length - tail.length
  return gap < 1 ? null : [...head, ...Array<number>(gap).fill(0), ...tail]
}

/** One group of an IPv6 address, or the two that a dotted end stands for; -1 for what is neither. */
function wordsOf(part: string): number[] {
  if (/^[0-9a-fA-F]{1,4}$/.test(part)) return [Number.parseInt(part, 16)]
  const octets = part.includes('.') ? octetsOf(part) : null
  return octets ? [(octets[0] << 8) | octets[1], (octets[2] << 8) | octets[3]] : [-1]
}

/** Whether `part` lies in `whole` and is smaller. */
export function isStrictlyWithin(part: Block, whole: Block): boolean {
  if (part.family === 4) return whole.family === 4 && part.cidr.prefix > whole.cidr.prefix && contains(whole.cidr, part.cidr.base)
  if (whole.family === 4 || part.prefix <= whole.prefix) return false
  return part.groups.every((group, i) => {
    const kept = Math.max(0, Math.min(16, whole.prefix - i * 16))
    return ((group ^ whole.groups[i]) & ((0xffff << (16 - kept)) & 0xffff)) === 0
  })
}
