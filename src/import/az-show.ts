// What `az aks show -o json` and `az aks nodepool list -o json` say about a cluster's network: the profile and the pools, by their own
// names. Subnets are named by the last segment of their ids.

import { scenarioSchema } from '../scenario/schema.js'
import { childOf } from '../scenario/schema-path.js'
import { at, isJson, type Json, lastOf, lifted, listAt, resourcesIn, textAt } from './az-json.js'
import { fitted } from './fit.js'

/** What is given is not what the option wants; the message says why. */
export class ImportError extends Error {
  override name = 'ImportError'
}

export interface AzCluster {
  readonly name: string
  readonly networkProfile: Json
  readonly autoScalerProfile: unknown
  readonly pools: readonly Json[]
  /** Ids of the subnets that pools name, by the name a scenario uses for them. */
  readonly subnetIds: ReadonlyMap<string, string>
  readonly notes: readonly string[]
}

const CLUSTER = childOf(scenarioSchema, 'cluster')
const PROFILE = CLUSTER && childOf(CLUSTER, 'networkProfile')
const POOLS = CLUSTER && childOf(CLUSTER, 'agentPoolProfiles')
const POOL = POOLS && childOf(POOLS, 0)

/** Words that Azure has spelled with other capitals at other times. */
const LOWER_CASE = ['networkPlugin', 'networkPluginMode', 'networkPolicy', 'networkDataplane'] as const

export function readAzCluster(show: unknown, nodepools: unknown): AzCluster {
  const clusters =
    show === undefined ? [] : resourcesIn(show).filter(one => isJson(at(one, 'networkProfile')) || at(one, 'agentPoolProfiles'))
  if (show !== undefined && clusters.length === 0)
    throw new ImportError('there is no networkProfile in it: this is not what `az aks show -o json` prints')
  if (clusters.length > 1) throw new ImportError(`there are ${clusters.length} clusters in it; give one, as \`az aks show\` prints it`)
  const cluster: Json = clusters[0] ?? {}
  const dropped: string[] = []
  const profile = readProfile(at(cluster, 'networkProfile'), dropped)
  const listed = nodepools === undefined ? [] : resourcesIn(nodepools)
  const pools = listed.length > 0 ? listed : listAt(cluster, 'agentPoolProfiles').filter(isJson).map(lifted)
  const subnetIds = new Map<string, string>()
  const notes: string[] = []
  const read = pools.map(pool => readPool(pool, subnetIds, dropped))
  if (dropped.length > 0) notes.push(`ignored, vxlane has no place for it: ${[...new Set(dropped)].sort().join(', ')}`)
  const autoScalerProfile =
    CLUSTER && fitted(at(cluster, 'autoScalerProfile'), childOf(CLUSTER, 'autoScalerProfile'), 'autoScalerProfile', [])
  return { name: textAt(cluster, 'name') ?? 'aks', networkProfile: profile, autoScalerProfile, pools: read, subnetIds, notes }
}

function readProfile(given: unknown, dropped: string[]): Json {
  if (!isJson(given)) return {}
  // Printed by old API versions only; transparent and bridge mean nothing to packets between pods.
  const { networkMode: _, ...profile } = (fitted(withoutNoise(given), PROFILE, 'networkProfile', dropped) ?? {}) as Record<string, unknown>
  for (const key of LOWER_CASE) if (typeof profile[key] === 'string') profile[key] = profile[key].toLowerCase()
  if (profile.networkPolicy === 'none') delete profile.networkPolicy
  // With a plugin, no mode means flat: that must be said, for a scenario without both is an overlay.
  if (profile.networkPlugin === 'azure' && profile.networkPluginMode === undefined) profile.networkPluginMode = null
  for (const key of ['podCidr', 'serviceCidr'] as const) {
    const ranges = profile[`${key}s`]
    if (Array.isArray(ranges) && ranges.length === 1 && ranges[0] === profile[key]) delete profile[`${key}s`]
  }
  return profile
}

/** Docker's bridge has no meaning since containerd; what watches packets changes none. */
const NOISE = /^(dockerBridgeCidr|monitoring|advancedNetworking)$/i
const withoutNoise = (profile: Json): Json => Object.fromEntries(Object.entries(profile).filter(([key]) => !NOISE.test(key)))

/** What a pool says that a scenario may know; nodes come from elsewhere. */
function readPool(given: Json, subnetIds: Map<string, string>, dropped: string[]): Json {
  const own: string[] = []
  const { nodes: _, vnetSubnetId, podSubnetId, ...pool } = (fitted(given, POOL, 'agentPoolProfiles', own) ?? {}) as Record<string, unknown>
  // A pool has some fifty keys about machines and disks; only what sounds like the network is worth a word.
  dropped.push(...own.filter(path => /network|subnet|ip|surge/i.test(path.slice(path.indexOf('.') + 1)) && !/fips|description/i.test(path)))
  const subnet = (id: unknown): string | undefined => {
    if (typeof id !== 'string') return undefined
    const other = [...subnetIds].find(([, known]) => known.toLowerCase() === id.toLowerCase())
    if (other) return other[0]
    const name = subnetIds.has(lastOf(id)) ? `${lastOf(id)}-${subnetIds.size + 1}` : lastOf(id)
    subnetIds.set(name, id)
    return name
  }
  const names = { vnetSubnet: subnet(vnetSubnetId), podSubnet: subnet(podSubnetId) }
  if (pool.enableAutoScaling === false) delete pool.enableAutoScaling
  return { ...pool, ...Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined)) }
}
