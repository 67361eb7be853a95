// Events of a timeline that Azure would refuse whatever the moment: a pod CIDR that does not contain the one before it, in a mode that has
// none. What depends on the moment (room for nodes) is refused when it comes, by the control plane itself.
import { type Issue, issue } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { contains, formatCidr } from '../wire/address.js'

export function admitTimeline({ timeline, cluster }: Scenario): Issue[] {
  const { addressing, podCidr } = cluster.networkProfile
  let present = podCidr
  // Entries of one moment happen in the order of the file.
  const order = [...timeline.keys()].sort((a, b) => timeline[a].atNs - timeline[b].atNs || a - b)
  return order.flatMap(i => {
    const event = timeline[i]
    if (event.kind !== 'expand') return []
    const path = ['timeline', i, 'expand', 'podCidr']
    if (addressing !== 'overlay' || present === null) {
      const message = `a pod CIDR can be expanded in overlay only; this cluster is ${addressing}`
      return [issue(path, 'PodCidrExpansionNotSupported', message, 'take it out, or write networkPluginMode: overlay')]
    }
    const old = present
    if (event.podCidr.prefix <= old.prefix && contains(event.podCidr, old.base)) {
      present = event.podCidr
      return []
    }
    const message = `${formatCidr(event.podCidr)} does not contain ${formatCidr(old)}; a pod CIDR can only grow`
    return [
      issue(path, 'InvalidPodCidrExpansion', message, 'write a shorter prefix that contains it, as 10.244.0.0/14 contains 10.244.0.0/16'),
    ]
  })
}
