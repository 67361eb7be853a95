// Settings of the fabric that cannot work, or that work by losing packets: those are warnings, because studying them is the point.
import { type Issue, issue, warning } from '../scenario/issue.js'
import type { DatagramTraffic, Scenario } from '../scenario/model.js'
import { VXLAN_OVERHEAD } from './params.js'

/** Every IPv4 host takes a packet of this size (RFC 791); Azure's NICs know nothing smaller either. */
const LEAST_MTU = 576
const MOST_MTU = 65_535
const VNI_LIMIT = 2 ** 24

export const admitFabric = (scenario: Scenario): Issue[] => [...admitMtu(scenario), ...admitPorts(scenario)]

function admitMtu({ fabric }: Scenario): Issue[] {
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

/** Each flow of a source needs a source port of its own. Entries with the same source share its ports. */
function admitPorts({ traffic, fabric }: Scenario): Issue[] {
  const { first, last } = fabric.ephemeralPorts
  const ports = last - first + 1
  const used = new Map<string, number>()
  return traffic.flatMap((entry, i) => {
    if (entry.kind !== 'udp') return []
    const flows = countFlows(used, entry)
    if (flows <= ports) return []
    const message = `each source would need ${flows} ports for its flows; ${first}-${last} has ${ports}`
    return [
      issue(['traffic', i, 'flows'], 'EphemeralPortsExhausted', message, 'use fewer flows, more sources or a wider fabric.ephemeralPorts'),
    ]
  })
}

function countFlows(used: Map<string, number>, entry: DatagramTraffic): number {
  const key = JSON.stringify(entry.from)
  const flows = (used.get(key) ?? 0) + entry.flows
  used.set(key, flows)
  return flows
}
