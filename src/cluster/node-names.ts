// What nodes are called: `pool/index`, the name their scale set gives them, or the imported one; with `node:` in front if one likes.
import type { Scenario } from '../scenario/model.js'
import type { PlannedNode } from './planned.js'

/** As a virtual machine scale set names its instances: base 36, six digits. */
export const vmssName = (pool: string, index: number): string => `aks-${pool}-00000000-vmss${index.toString(36).padStart(6, '0')}`

/** The eight digits are a hash of Azure's, which nobody can know in advance: any will do. */
const AZURE_NODE = /^aks-([a-z0-9]+)-\d{8}-vmss([0-9a-z]{6})$/

/** Index of a node by any of its names, or -1. An imported name goes before a computed one. */
export function nodeFinder(scenario: Scenario, nodes: readonly Pick<PlannedNode, 'name' | 'pool' | 'index'>[]): (name: string) => number {
  const byPlace = new Map<string, number>()
  const byName = new Map<string, number>()
  nodes.forEach(({ name, pool, index }, i) => {
    byPlace.set(`${scenario.cluster.agentPoolProfiles[pool].name}/${index}`, i)
    byName.set(name, i)
  })
  return text => {
    const name = text.startsWith('node:') ? text.slice(5) : text
    const azure = AZURE_NODE.exec(name)
    const place = azure ? `${azure[1]}/${Number.parseInt(azure[2], 36)}` : name
    return byName.get(name) ?? byPlace.get(place) ?? -1
  }
}
