// A scenario of TCP connections: clients open them at a constant rate to pods elsewhere, ask, are answered, and close.

export interface ConnectionsWork {
  readonly clients: number
  /** Of each client. */
  readonly perSecond: number
  readonly milliseconds: number
}

/** 40 pods a node, half of them servers; request and response fit into one segment and ten. */
export const connectionsScenario = ({ clients, perSecond, milliseconds }: ConnectionsWork): object => ({
  apiVersion: 'vxlane/v1',
  name: 'bench-connections',
  duration: `${milliseconds}ms`,
  cluster: {
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', outboundType: 'none' },
    agentPoolProfiles: [{ name: 'np0', count: Math.max(2, Math.ceil(clients / 20)) }],
  },
  fabric: { nicRate: '100Gbps' },
  workloads: [
    { namespace: 'bench', name: 'server', replicas: clients },
    { namespace: 'bench', name: 'client', replicas: clients },
  ],
  traffic: [
    {
      name: 'calls',
      from: { workload: 'bench/client' },
      to: { workload: 'bench/server', port: 8080 },
      protocol: 'tcp',
      arrivals: 'constant',
      connections: { rate: `${perSecond}/s`, request: '512B', response: '4KiB' },
    },
  ],
})
