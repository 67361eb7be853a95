// Settings of the fabric that cannot work, or that work by losing packets: those are warnings, because studying them is the point.
import { type Issue, issue, warning } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { VXLAN_OVERHEAD } from './params.js'

/** Every IPv4 host takes a packet of this size (RFC 791); Azure's NICs know nothing smaller either. */
const LEAST_MTU = 576
const MOST_MTU = 65_535
const VNI_LIMIT = 2 ** 24

export function admitFabric({ fabric }: Scenario): Issue[] {
  const issues: Issue[] = []
  if (fabric.mtu < LEAST_MTU || fabric.mtu > MOST_MTU) {
    issues.push(
      issue(['fabric', 'mtu'], 'InvalidMtu', `the MTU is ${fabric.mtu}; it must be ${LEAST_MTU} to ${MOST_MTU} bytes`, 'use 1500'),
    )
  }
  if (fabric.vni < 0 || fabric.vni >= VNI_LIMIT) {
    issues.push(issue(['fabric', 'vni'], 'InvalidVni', `the VNI is ${fabric.vni}; it has 24 bits`, 'use a value below 16777216'))
  }
  const overhead = fabric.encapsulation === 'vxlan' ? VXLAN_OVERHEAD : 0
  const fits = fabric.mtu - overhead
  if (fabric.podMtu > fits) {
    const cause = overhead > 0 ? `${fabric.mtu} - ${overhead} bytes of VXLAN = ${fits}` : `the nodes' ${fits}`
    const message = `the pods' MTU is ${fabric.podMtu}, but only ${cause} fit on the way: packets between with DF set are dropped, others fragmented`
    issues.push(warning(['fabric', 'podMtu'], 'PodMtuTooLarge', message, `use ${fits} unless this loss is what you study`))
  }
  return issues
}
