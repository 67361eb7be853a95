// Two TCP ends that keep to RFC 9293, over a way on which segments get lost, seen from the router between them.
import type { RandomStream } from './random-stream.js'
import type { TcpTalk } from './tcp-talk.js'

/** One end of a connection that keeps to the rules. */
export interface End {
  sent: number
  acknowledged: number
  received: number
  readonly window: number
  readonly scale: number
}

/** A conversation of two ends over a lossy way behind the router, segment by segment; what the router says to each. */
export function* conversation(talk: TcpTalk, random: RandomStream, steps: number): Generator<string, readonly [End, End]> {
  const scales = [random.below(15), random.below(15)]
  const [client, server] = scales.map(
    (scale): End => ({ sent: 1, acknowledged: 1, received: 1, scale, window: 2000 + random.below(60_000) }),
  )
  yield talk.client('S', 0, 0, { scale: client.scale, window: client.window })
  yield talk.server('SA', 0, 1, { scale: server.scale, window: server.window })
  yield talk.client('A', 1, 1, { window: client.window })
  for (let i = 0; i < steps; i++) {
    const from = random.below(2)
    const [own, peer] = from === 0 ? [client, server] : [server, client]
    // Anew from what was acknowledged, or on from what was sent; never more than the window of the peer allows.
    const again = random.below(4) === 0
    const seq = again ? own.acknowledged : own.sent
    const allowed = own.acknowledged + (peer.window << peer.scale) - seq
    const length = Math.max(0, Math.min(random.below(1400), allowed))
    const more = { length, window: own.window }
    yield from === 0 ? talk.client('PA', seq, own.received, more) : talk.server('PA', seq, own.received, more)
    own.sent = Math.max(own.sent, seq + length)
    if (random.below(10) === 0) continue
    if (seq <= peer.received) peer.received = Math.max(peer.received, seq + length)
    peer.acknowledged = Math.max(peer.acknowledged, own.received)
  }
  return [client, server]
}

/** What the router says to all of it from the end of the handshake on. */
export const converse = (talk: TcpTalk, random: RandomStream, steps: number): string[] => [...conversation(talk, random, steps)].slice(2)
