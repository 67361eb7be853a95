// TCP connections from SYN to TIME_WAIT between pods.
import type { Size, Work } from './bench.js'
import { type ConnectionsWork, connectionsScenario } from './connections-scenario.js'
import { runWork } from './whole-run.js'

export const CONNECTIONS: Readonly<Record<Size, ConnectionsWork>> = {
  full: { clients: 1_000, perSecond: 100, milliseconds: 500 },
  smoke: { clients: 20, perSecond: 100, milliseconds: 200 },
}

export const prepare = (size: Size): Work => runWork(connectionsScenario(CONNECTIONS[size]), ({ connections }) => connections.attempts)
