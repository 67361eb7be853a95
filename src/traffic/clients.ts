// Clients: the sources of an entry with `connections`, one row each. A row is laid out like a flow's (`flows.ts`), so that arrivals and
// random words are drawn by the same code; the words that a flow needs and a client does not, hold the client's pool and counters.
import type { ImageColumns } from '../image/image.js'
import { FLOW_DOUBLES, FLOW_WORDS, type Flows, NEXT, TRAFFIC } from './flows.js'

/** Ends of the client's pod or host that were given back so far; counted in the row of its first client. */
export const RELEASED = 0
/** Address towards which no port was free, and {@link RELEASED} at that time: until another is given back there is none. */
export const FULL_REMOTE = 1
export const FULL_AT = 7
/** Where the client's ephemeral ports have come to: what connects have moved them on by. */
export const PORT_OFFSET = 2
/** Requests that wait for a connection of the pool. */
export const WAITING = 4
/** Connections of the pool. */
export const POOLED = 6
/** Connections (of a pool: requests) made so far; each one's draws are keyed by its number. */
export const MADE = 12
/** Last used of the idle connections of the pool + 1; the others hang behind it. */
export const IDLE = 13

/** Rows for all clients of the image; a shard fills and uses its own. */
export function createClients(image: ImageColumns, isMine: (lp: number) => boolean): Flows {
  const count = image.clientTraffic.length
  const words = new Int32Array(count * FLOW_WORDS)
  const hasOnOff = image.trafficArrivals.some(kind => kind === 2)
  const clients = {
    words,
    doubles: new Float64Array(words.buffer),
    key0: image.clientKey0,
    key1: image.clientKey1,
    phaseEnd: new Float64Array(hasOnOff ? count : 0),
  }
  for (let i = 0; i < count; i++) {
    if (!isMine(image.clientLp[i])) continue
    words[i * FLOW_WORDS + TRAFFIC] = image.clientTraffic[i]
    clients.doubles[i * FLOW_DOUBLES + NEXT] = image.clientStartNs[i]
  }
  return clients
}
