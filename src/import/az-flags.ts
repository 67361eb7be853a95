// The flags of `az aks create` that concern networking, and how a command line is read into them. Everything else is listed, so that
// it can be reported as ignored.
import { nearest } from '../scenario/nearest.js'

/** What stands behind a flag. */
type Kind = 'text' | 'count' | 'list' | 'switch'

/** Flags that an import uses, by their long names. */
const FLAGS = {
  '--name': 'text',
  '--resource-group': 'text',
  '--location': 'text',
  '--network-plugin': 'text',
  '--network-plugin-mode': 'text',
  '--network-dataplane': 'text',
  '--network-policy': 'text',
  '--pod-cidr': 'text',
  '--pod-cidrs': 'list',
  '--service-cidr': 'text',
  '--service-cidrs': 'list',
  '--dns-service-ip': 'text',
  '--ip-families': 'list',
  '--vnet-subnet-id': 'text',
  '--pod-subnet-id': 'text',
  '--pod-ip-allocation-mode': 'text',
  '--max-pods': 'count',
  '--node-count': 'count',
  '--min-count': 'count',
  '--max-count': 'count',
  '--enable-cluster-autoscaler': 'switch',
  '--max-surge': 'text',
  '--max-unavailable': 'text',
  '--nodepool-name': 'text',
  '--node-vm-size': 'text',
  '--zones': 'list',
  '--outbound-type': 'text',
  '--load-balancer-sku': 'text',
  '--load-balancer-managed-outbound-ip-count': 'count',
  '--load-balancer-outbound-ips': 'list',
  '--load-balancer-outbound-ip-prefixes': 'list',
  '--load-balancer-outbound-ports': 'count',
  '--load-balancer-idle-timeout': 'count',
  '--load-balancer-backend-pool-type': 'text',
  '--nat-gateway-managed-outbound-ip-count': 'count',
  '--nat-gateway-idle-timeout': 'count',
} as const satisfies Readonly<Record<string, Kind>>

export type Flag = keyof typeof FLAGS

const SHORT: Readonly<Record<string, Flag>> = {
  '-n': '--name',
  '-g': '--resource-group',
  '-l': '--location',
  '-m': '--max-pods',
  '-c': '--node-count',
  '-s': '--node-vm-size',
  '-z': '--zones',
}

/** The command line is none that can be imported; the message says why. */
export class AzCreateError extends Error {
  override name = 'AzCreateError'
}

export interface AzFlags {
  text(flag: Flag): string | undefined
  count(flag: Flag): number | undefined
  list(flag: Flag): readonly string[] | undefined
  has(flag: Flag): boolean
  /** Other flags of the command line, each with the known flag it may be a misspelling of. */
  readonly ignored: readonly { readonly flag: string; readonly near: string | null }[]
}

/** Reads the words behind `az aks create`. A flag given twice counts as given last, as in az. */
export function readFlags(words: readonly string[]): AzFlags {
  const given = new Map<string, readonly string[]>()
  for (let i = 0; i < words.length; ) {
    const { flag, values, next } = flagAt(words, i)
    given.set(flag, values)
    i = next
  }
  const known = new Map([...given].filter(([flag]) => Object.hasOwn(FLAGS, flag)))
  for (const [flag, values] of known) checkValues(flag as Flag, values)
  const others = [...given.keys()].filter(flag => !known.has(flag))
  return {
    text: flag => known.get(flag)?.[0],
    count: flag => (known.has(flag) ? Number(known.get(flag)?.[0]) : undefined),
    list: flag =>
      known
        .get(flag)
        ?.flatMap(value => value.split(','))
        .filter(value => value !== ''),
    has: flag => known.has(flag),
    ignored: others.map(flag => ({ flag, near: flag.length > 5 ? nearFlag(flag) : null })),
  }
}

/** Flags share long prefixes, so only a very near one is a misspelling. */
function nearFlag(flag: string): string | null {
  const near = nearest(flag, Object.keys(FLAGS))
  return near !== null && Math.abs(near.length - flag.length) <= 2 && nearest(flag.slice(2, 20), [near.slice(2, 20)]) ? near : null
}

/** One flag with the words behind it, up to the next flag; `--flag=value` too. */
function flagAt(words: readonly string[], at: number): { flag: string; values: readonly string[]; next: number } {
  const word = words[at]
  if (!/^--?[A-Za-z]/.test(word)) throw new AzCreateError(`"${word}" is not a flag of az aks create`)
  const equals = word.indexOf('=')
  const typed = equals > 0 ? word.slice(0, equals) : word
  const flag = SHORT[typed] ?? typed
  if (equals > 0) return { flag, values: [word.slice(equals + 1)], next: at + 1 }
  let next = at + 1
  while (next < words.length && !/^--?[A-Za-z]/.test(words[next])) next++
  return { flag, values: words.slice(at + 1, next), next }
}

function checkValues(flag: Flag, values: readonly string[]): void {
  const kind: Kind = FLAGS[flag]
  if (kind === 'switch') return
  if (values.length === 0) throw new AzCreateError(`${flag} has no value`)
  if (kind !== 'list' && values.length > 1) throw new AzCreateError(`${flag} has more than one value: ${values.join(' ')}`)
  if (kind === 'count' && !/^\d{1,9}$/.test(values[0])) throw new AzCreateError(`${flag} wants a number, not "${values[0]}"`)
}
