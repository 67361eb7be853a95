// A small cluster behind an outbound device, with connections and datagrams to hosts outside.
interface SnatParts {
  readonly outboundType: string
  readonly profile?: object
  readonly fabric?: object
  readonly traffic?: readonly object[]
  readonly duration?: string
  readonly capture?: readonly object[]
  readonly pods?: number
}

export const CALLS = {
  name: 'calls',
  from: { workload: 'shop/client' },
  to: { endpoint: 'api', port: 443 },
  connections: { rate: '5/s', hold: '100ms', request: 200, response: 600 },
  stop: '1500ms',
}
export const QUESTIONS = {
  name: 'questions',
  from: { workload: 'shop/client' },
  to: { endpoint: 'dns', port: 53 },
  size: 80,
  rate: '10/s',
  answer: { size: 200 },
  stop: '1500ms',
}

/** Four nodes, pods that call, four hosts outside. */
export const snatScenario = ({
  outboundType,
  profile,
  fabric,
  traffic = [CALLS, QUESTIONS],
  duration = '2s',
  capture = [],
  pods = 8,
}: SnatParts) => ({
  apiVersion: 'vxlane/v1',
  name: 'devices',
  duration,
  cluster: {
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', outboundType, ...profile },
    agentPoolProfiles: [{ name: 'nodepool1', count: 4 }],
  },
  ...(fabric && { fabric }),
  workloads: [{ namespace: 'shop', name: 'client', replicas: pods }],
  endpoints: [10, 11, 12, 13].map(i => ({ name: { 10: 'api', 11: 'dns' }[i] ?? `host${i}`, address: `203.0.113.${i}` })),
  traffic,
  capture,
})
