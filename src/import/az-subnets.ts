// What `az network vnet subnet list -o json` says: the ranges behind the names, and how many addresses others have taken in them.
import { at, isJson, type Json, lifted, listAt, resourcesIn, textAt } from './az-json.js'
import { ImportError } from './az-show.js'

export interface AzSubnet {
  readonly name: string
  readonly id: string
  readonly cidr: string
  /** Addresses that are not those of the cluster's own nodes: VMs, private endpoints, internal load balancers. */
  readonly others: number
}

/** `pools`: the machines of these are the cluster's own. */
export function readAzSubnets(given: unknown, pools: readonly string[], notes: string[]): AzSubnet[] {
  const found = resourcesIn(given).filter(one => textAt(one, 'addressPrefix') !== null || listAt(one, 'addressPrefixes').length > 0)
  if (found.length === 0)
    throw new ImportError('there is no addressPrefix in it: this is not what `az network vnet subnet list -o json` prints')
  return found.map(subnet => {
    const name = textAt(subnet, 'name') ?? 'subnet'
    const prefixes = [textAt(subnet, 'addressPrefix'), ...listAt(subnet, 'addressPrefixes')].filter(one => typeof one === 'string')
    const ipv4 = [...new Set(prefixes.filter(prefix => !prefix.includes(':')))]
    if (ipv4.length !== 1) notes.push(`subnet ${name}: the first of its ranges is taken: ${prefixes.join(', ')}`)
    if (isJson(at(subnet, 'networkSecurityGroup'))) {
      notes.push(
        `subnet ${name} has a network security group, whose rules are not in this list; write them as vnet.subnets.${name}.networkSecurityGroup`,
      )
    }
    const others = listAt(subnet, 'ipConfigurations').filter(one => isJson(one) && !isOwn(lifted(one), pools)).length
    return { name, id: textAt(subnet, 'id') ?? name, cidr: ipv4[0] ?? prefixes[0], others }
  })
}

/** AKS names the scale set of a pool aks-NAME-digits-vmss (its single machines aks-NAME-digits-number). */
function isOwn(configuration: Json, pools: readonly string[]): boolean {
  const id = (textAt(configuration, 'id') ?? '').toLowerCase()
  return pools.some(pool => id.includes(`/aks-${pool.toLowerCase()}-`))
}
