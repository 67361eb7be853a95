// Traffic that nobody could send: a source must be a host or a pod, and needs a port for each of its flows.
import { type Issue, issue } from '../scenario/issue.js'
import type { DatagramTraffic, Scenario } from '../scenario/model.js'

export const admitTraffic = (scenario: Scenario): Issue[] => [...admitSources(scenario), ...admitPorts(scenario)]

/** A bare address is a place to send to; who lives there, if anybody, is a pod, a node or an endpoint and has a name. */
const admitSources = ({ traffic }: Scenario): Issue[] =>
  traffic.flatMap(({ from }, i) => {
    if (from.kind !== 'address') return []
    return [issue(['traffic', i, 'from'], 'AddressCannotSend', 'traffic from a bare address', 'name the pod, node or endpoint that sends')]
  })

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
