// Clients: the sources of an entry with `connections`, one row each. A row is laid out like a flow's (`flows.ts`), so that arrivals and
// random words are drawn by the same code; the words that a flow needs and a client does not, hold the client's pool and counters.
import { aligned, float64Of, int32Of } from '../base/reserve.js'
import type { ImageColumns } from '../image/image.js'
import { Flow, type Flows } from './flows.js'

/** Offsets in a client's row, in words; {@link Client.FULL_AT} in doubles. */
export const enum Client {
  /** Ends of the client's pod or host that were given back so far; counted in the row of its first client. */
  RELEASED = 0,
  /** Address towards which no port was free, and {@link RELEASED} at that time: until another is given back there is none. */
  FULL_REMOTE = 1,
  FULL_AT = 7,
  /** Where the client's ephemeral ports have come to: what connects have moved them on by. */
  PORT_OFFSET = 2,
  /** Requests that wait for a connection of the pool. */
  WAITING = 4,
  /** Connections of the pool. */
  POOLED = 6,
  /** Connections (of a pool: requests) made so far; each one's draws are keyed by its number. */
  MADE = 12,
  /** Last used of the idle connections of the pool + 1; the others hang behind it. */
  IDLE = 13,
}

/** Rows for all clients of the image; a shard fills and uses its own. */
export function createClients(image: ImageColumns, isMine: (lp: number) => boolean): Flows {
  const count = image.clientTraffic.length
  const block = aligned(count * Flow.WORDS * 4)
  const hasOnOff = image.trafficArrivals.some(kind => kind === 2)
  const clients = {
    words: int32Of(block),
    doubles: float64Of(block),
    key0: image.clientKey0,
    key1: image.clientKey1,
    phaseEnd: new Float64Array(hasOnOff ? count : 0),
  }
  for (let i = 0; i < count; i++) {
    if (!isMine(image.clientLp[i])) continue
    clients.words[i * Flow.WORDS + Flow.TRAFFIC] = image.clientTraffic[i]
    clients.doubles[i * Flow.DOUBLES + Flow.NEXT] = image.clientStartNs[i]
  }
  return clients
}
