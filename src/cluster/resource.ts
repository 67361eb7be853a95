// One row of `resources[]` in a result: something finite, how much of it there is, how much is used, and whether a wish failed.

/** Names as users write them in assertions and studies. */
export const RESOURCE_NAMES = [
  'nodeSubnet',
  'podSubnet',
  'podCidr',
  'podIps',
  'maxPods',
  'routeTable',
  'vnetAddresses',
  'nodeSnatPorts',
  'outboundSnatPorts',
  'conntrack',
  'serviceCidr',
] as const

export type ResourceName = (typeof RESOURCE_NAMES)[number]

export interface Resource {
  readonly name: ResourceName
  /** `cluster`, or the node or subnet that the numbers are of: the fullest one. */
  readonly scope: string
  readonly unit: string
  readonly capacity: number
  readonly used: number
  readonly peak: number
  /** Something was asked for and there was none left. A resource that is exactly used up is full, not exhausted. */
  readonly exhausted: boolean
  readonly exhaustedAtNs: number | null
  readonly failures: number
  /** Of what is used: held by nodes, but neither by a pod nor for the node itself. */
  readonly stranded?: number
  /** In a cluster that changes: what Azure's own check counts for the nodes there are at the end, beside what is really used. */
  readonly preChecked?: number
  /** Pairs of virtual time in ns and use. */
  readonly timeline: readonly (readonly [number, number])[]
}

/** A resource whose use does not change during the run: everything that is planned at the start. */
export function atStart(name: ResourceName, scope: string, unit: string, capacity: number, used: number, failures = 0): Resource {
  const exhausted = failures > 0
  return { name, scope, unit, capacity, used, peak: used, exhausted, exhaustedAtNs: exhausted ? 0 : null, failures, timeline: [[0, used]] }
}
