// A small cluster with Services, and the wire around one stack of it, on which a test opens one connection after the other.

import { namesOf } from '../../src/cluster/names.js'
import type { Plan } from '../../src/cluster/plan.js'
import { leaveLater } from '../../src/datapath/passage.js'
import type { LpId } from '../../src/datapath/stack.js'
import { VERDICTS } from '../../src/datapath/verdict.js'
import { openImage } from '../../src/image/image.js'
import { loadScenario } from '../../src/index.js'
import { headersOf, type PacketHeaders } from '../../src/lab/headers.js'
import { makeProbe, type Protocol } from '../../src/lab/probe.js'
import { ProbeWire } from '../../src/lab/probe-wire.js'
import { imageFor, prepare } from '../../src/run/prepare.js'
import { parseIpv4 } from '../../src/wire/address.js'

export interface ServiceLab {
  readonly plan: Plan
  /** Opens a connection at a time (ns); who got its first packet (a pod's name), or the verdict, and the packet as it arrived. */
  connect(
    from: string,
    to: string,
    port: number,
    options?: { protocol?: Protocol; sourcePort?: number; atNs?: number },
  ): { readonly reached: string; readonly headers: PacketHeaders | null }
}

export const NODES = [1, 2, 3].map(i => ({ name: `node${i}`, address: `10.224.0.${i + 3}`, podCidr: `10.244.${i}.0/24` }))

export const serviceScenario = (workloads: readonly object[], services: readonly object[], rest: object = {}): object => ({
  apiVersion: 'vxlane/v1',
  name: 'services',
  duration: '1s',
  cluster: {
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', podCidr: '10.244.0.0/16', serviceCidr: '10.0.0.0/16' },
    agentPoolProfiles: [{ name: 'nodepool1', nodes: NODES }],
  },
  workloads,
  services,
  endpoints: [{ name: 'client', address: '203.0.113.10', location: 'internet' }],
  ...rest,
})

export function serviceLab(scenario: object): ServiceLab {
  const prepared = prepare(loadScenario(scenario))
  const { plan } = prepared
  const compiled = imageFor(prepared, 1)
  const image = openImage(compiled)
  const names = namesOf(prepared.loaded.scenario, plan)
  let last = ''
  const wire = new ProbeWire(compiled.params, image, 0, (_, id, verdict) => {
    const key = `${wire.stack.pool.origin(id)}:${wire.stack.pool.serial(id)}`
    if (key === last) ended = verdict
  })
  let ended = 0
  return {
    plan,
    connect(from, to, port, { protocol = 'TCP', sourcePort = 40_000, atNs = 0 } = {}) {
      const { stack, sightings } = wire
      stack.clock[0] = atNs
      stack.conntrack.advance(stack.clock)
      const pod = names.pod(from)
      const lp = (pod >= 0 ? image.podLp[pod] : Math.max(names.node(from), names.endpoint(from))) as LpId
      const source = pod >= 0 ? image.podAddress[pod] : image.lpAddress[lp]
      const id = makeProbe(stack, lp, protocol, source, parseIpv4(to)!, sourcePort, port)
      last = `${stack.pool.origin(id)}:${stack.pool.serial(id)}`
      const before = sightings.length
      leaveLater(stack, lp, pod, id)
      wire.settle()
      const seen = sightings.slice(before).filter(({ origin, serial }) => `${origin}:${serial}` === last)
      const reach = seen.find(({ kind }) => kind === 'reach')
      sightings.length = 0
      if (reach) return { reached: names.podName(reach.pod), headers: headersOf(reach.bytes) }
      const end = seen.find(({ kind }) => kind === 'end')
      return { reached: VERDICTS[ended].name, headers: end ? headersOf(end.bytes) : null }
    },
  }
}
