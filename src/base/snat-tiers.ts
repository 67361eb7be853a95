// Azure's default allocation of SNAT ports: what each node of a load balancer's backend pool gets of one frontend, by the size of the pool
// ("Use SNAT for outbound connections"). Both planes need it: the plan reckons with it, the device follows it as the pool changes.

/** Size of the backend pool, and the ports each node gets for one frontend. */
const DEFAULT_PORTS = [
  [50, 1_024],
  [100, 512],
  [200, 256],
  [400, 128],
  [800, 64],
  [1_000, 32],
] as const

/** Ports per node of one frontend; null beyond 1,000 nodes, of which no page says anything. */
export const documentedPorts = (nodes: number): number | null => DEFAULT_PORTS.find(([most]) => nodes <= most)?.[1] ?? null

/** The same for any pool: beyond 1,000 nodes as many eights as the frontend's 64,000 ports are enough for, 32 at most. */
export const defaultPortsPerFrontend = (nodes: number): number => documentedPorts(nodes) ?? Math.min(32, Math.floor(64_000 / nodes / 8) * 8)
