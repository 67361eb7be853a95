// The resolved form of `connections:`.
import type { SimTime } from '../base/brand.js'
import type { Distribution } from '../base/distribution.js'
import type { DatagramTraffic, PeerRef } from './model.js'

/** Connections, or for UDP exchanges of request and response, opened one after the other by each source. */
export interface ConnectionTraffic {
  readonly kind: 'connections'
  readonly name: string
  readonly protocol: 'tcp' | 'udp'
  readonly from: PeerRef
  readonly to: PeerRef
  readonly port: number
  /** Connections per second of each source; with `keepAlive`, requests. */
  readonly rate: number
  readonly arrivals: DatagramTraffic['arrivals']
  /** Life of a connection from its first segment, ns. */
  readonly hold: Distribution
  /** Bytes of payload. */
  readonly request: Distribution
  readonly response: Distribution
  readonly close: 'fin' | 'rst' | 'idle'
  /** Connections kept by each source, and how many requests each of them carries; null: as many as come. */
  readonly keepAlive: { readonly pool: number; readonly requests: number | null } | null
  readonly server: 'accept' | 'refuse' | 'ignore'
  readonly synRetries: number
  readonly synLinearTimeouts: number
  readonly dataRetries: number
  /** UDP: how long an answer is waited for. */
  readonly timeoutNs: number
  readonly startNs: SimTime
  /** Last moment at which a connection is opened. */
  readonly stopNs: SimTime
}
