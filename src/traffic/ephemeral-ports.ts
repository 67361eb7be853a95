// The local port of a connection that is opened, as Linux's connect() picks it (__inet_hash_connect; RFC 6056 section 3.3.4, double hash): every
// (source, target, target port) begins at an offset of its own in `fabric.ephemeralPorts`, which moves on with each connect of the
// source; from there every second port is tried, the even offsets first, then the odd ones. A port is free towards a target as
// long as no end of this source has the same four-tuple, one in TIME_WAIT included. The kernel's table of offsets is shared by chance
// among targets and moved on by random steps now and then; here each source has one offset, and steps are two.
import { SocketFlag } from '../table/sockets.js'
import { hash } from '../table/tuple-index.js'
import { Client } from './clients.js'
import { Flow } from './flows.js'
import type { Talk } from './talk.js'

/** A free port, or -1. `kind` is IS_UDP or 0. */
export function pickPort(talk: Talk, client: number, kind: number, local: number, remote: number, remotePort: number): number {
  const { image, params, sockets, clients } = talk
  const released = clients.words[image.clientFirst[client] * Flow.WORDS + Client.RELEASED]
  if (
    clients.words[client * Flow.WORDS + Client.FULL_REMOTE] === remote &&
    clients.words[client * Flow.WORDS + Client.FULL_AT] === released
  )
    return -1
  const first = params.ephemeralFirst
  const all = params.ephemeralLast - first + 1
  const even = all > 1 ? all & ~1 : all
  const w = client * Flow.WORDS + Client.PORT_OFFSET
  const own = hash((params.seed ^ kind) | 0, local, remote, remotePort) >>> 0
  const start = ((own + (clients.words[w] >>> 0)) % even) & ~1
  for (let parity = 0; parity <= 1 && parity < even; parity++) {
    let offset = start + parity
    for (let tried = 0; tried < even; tried += 2) {
      if (offset >= even) offset -= even
      const port = first + offset
      if (sockets.find(image.clientLp[client], kind & SocketFlag.IS_UDP, local, remote, (port << 16) | remotePort) < 0) {
        clients.words[w] = (clients.words[w] + tried + 2) | 0
        return port
      }
      offset += 2
    }
  }
  clients.words[client * Flow.WORDS + Client.FULL_REMOTE] = remote
  clients.words[client * Flow.WORDS + Client.FULL_AT] = released
  return -1
}
