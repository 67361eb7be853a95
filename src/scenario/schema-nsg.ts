// Shape of a subnet's network security group, by the names that `az network nsg show` prints. What Azure adds to it (ids, default rules,
// the state of provisioning) is accepted and changes nothing.
import { z } from 'zod'
import { parseCidr, parseIpv4 } from '../wire/address.js'
import { later, parsePortRange, refuse } from './fields.js'

/** IP protocol numbers by Azure's words; null is any. */
const PROTOCOLS: ReadonlyMap<string, number | null> = new Map([
  ['*', null],
  ['icmp', 1],
  ['tcp', 6],
  ['udp', 17],
  ['esp', 50],
  ['ah', 51],
])
export const protocolOf = (word: string): number | null | undefined => PROTOCOLS.get(word.toLowerCase())

const SERVICE_TAGS = ['VirtualNetwork', 'Internet', 'AzureLoadBalancer'] as const
export type ServiceTag = (typeof SERVICE_TAGS)[number]
export const serviceTagOf = (text: string): ServiceTag | null => SERVICE_TAGS.find(tag => tag.toLowerCase() === text.toLowerCase()) ?? null

/** Ports of a rule: "*", "443", "1024-65535". */
export function parseRulePorts(text: string): { first: number; last: number } | null {
  if (text === '*') return { first: 0, last: 65535 }
  return parsePortRange(/^\d+$/.test(text) ? `${text}-${text}` : text)
}

const prefix = () =>
  z.string().superRefine((text, ctx) => {
    if (text === '*' || serviceTagOf(text) || parseCidr(text) || parseIpv4(text)) return
    if (/^[A-Z][A-Za-z.]+$/.test(text))
      refuse(ctx, 'NotSupportedYet', `not supported yet: service tag ${text}`, `use ${SERVICE_TAGS.join(', ')}`)
    else
      refuse(
        ctx,
        'BadAddressPrefix',
        `"${text}" is no address prefix`,
        `write a range such as 10.0.0.0/8, an address, "*", or ${SERVICE_TAGS.join(', ')}`,
      )
  })

const portRange = () =>
  z.string().superRefine((text, ctx) => {
    if (parseRulePorts(text) === null) refuse(ctx, 'BadPortRange', `"${text}" is not a range of ports`, 'write "443", "1024-65535" or "*"')
  })

/** One of several words, in any letter case. */
const word = (words: readonly string[]) =>
  z.string().superRefine((text, ctx) => {
    if (!words.some(item => item.toLowerCase() === text.toLowerCase()))
      refuse(ctx, 'BadValue', `"${text}" is not allowed here`, `write ${words.join(' or ')}`)
  })

const kept = () => z.unknown().optional()

const securityRule = z.strictObject({
  name: z.string().min(1),
  priority: z.int().min(100).max(4096).describe('The least number is looked at first.'),
  direction: word(['Inbound', 'Outbound']),
  access: word(['Allow', 'Deny']),
  protocol: word(['*', 'Tcp', 'Udp', 'Icmp', 'Esp', 'Ah']).default('*'),
  sourceAddressPrefix: prefix().optional().describe('A range, an address, VirtualNetwork, Internet, AzureLoadBalancer or "*".'),
  sourceAddressPrefixes: z.array(prefix()).optional(),
  sourcePortRange: portRange().optional(),
  sourcePortRanges: z.array(portRange()).optional(),
  destinationAddressPrefix: prefix().optional(),
  destinationAddressPrefixes: z.array(prefix()).optional(),
  destinationPortRange: portRange().optional(),
  destinationPortRanges: z.array(portRange()).optional(),
  sourceApplicationSecurityGroups: later('application security groups'),
  destinationApplicationSecurityGroups: later('application security groups'),
  ...{ description: kept(), id: kept(), etag: kept(), type: kept(), resourceGroup: kept(), provisioningState: kept() },
})

export const networkSecurityGroup = z
  .strictObject({
    name: z.string().min(1).optional(),
    securityRules: z.array(securityRule).max(1000).default([]).describe("Rules beside Azure's own, which stand beneath them."),
    ...{
      defaultSecurityRules: kept(),
      id: kept(),
      etag: kept(),
      type: kept(),
      location: kept(),
      resourceGroup: kept(),
      resourceGuid: kept(),
    },
    ...{ provisioningState: kept(), networkInterfaces: kept(), subnets: kept(), tags: kept(), flowLogs: kept(), flushConnection: kept() },
  })
  .superRefine(({ securityRules }, ctx) => {
    const seen = new Map<string, string>()
    for (const { name, direction, priority } of securityRules) {
      const key = `${direction.toLowerCase()} ${priority}`
      const other = seen.get(key)
      if (other !== undefined)
        refuse(
          ctx,
          'SecurityRuleConflict',
          `rules ${other} and ${name} have priority ${priority} in the same direction`,
          'give one of them another',
        )
      seen.set(key, name)
    }
  })
