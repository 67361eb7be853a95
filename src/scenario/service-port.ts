// The port that traffic to a Service means when it names none: the Service's only one of that protocol. To a headless Service it is the
// pods' own port, since nothing stands between.
import { qualified } from './names.js'
import type { ScenarioDocument } from './schema.js'
import type { Partially } from './shape.js'

type Sound = Partially<ScenarioDocument>
type Entry = NonNullable<NonNullable<Sound['traffic']>[number]>

const DNS = {
  namespace: 'kube-system',
  name: 'kube-dns',
  clusterIp: undefined,
  ports: [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ],
} as const

/** The port, or null where it has to be named. */
export function servicePort(document: Sound, { to, protocol = 'udp' }: Entry): number | null {
  if (to?.service === undefined) return null
  const named = qualified(to.service)
  const service = [...(document.services ?? []), DNS].find(item => item && `${item.namespace ?? 'default'}/${item.name}` === named)
  const ports = (service?.ports ?? []).filter(item => item && (item.protocol ?? 'TCP') === protocol.toUpperCase())
  if (!service || ports.length !== 1) return null
  const { port, targetPort }: { port?: number | undefined; targetPort?: string | number | undefined } = ports[0] ?? {}
  return (service.clusterIp === 'None' && typeof targetPort === 'number' ? targetPort : port) ?? null
}
