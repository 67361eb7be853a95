// Requests and responses by UDP, as a resolver's: the request again once if no answer comes in time, then the exchange has failed. A server
// keeps nothing: it answers the last datagram of a request with as many bytes as that asks for. An exchange is held until its time is
// up, which only means that its port is not used for another.
import type { LpId, PacketId } from '../base/brand.js'
import { PacketFlag } from '../shm/packet-pool.js'
import { Socket } from '../table/sockets.js'
import * as ipv4 from '../wire/ipv4.js'
import * as udp from '../wire/udp.js'
import { Draw, lawOf } from './connection-draws.js'
import { datagramMost, sendDatagram } from './segment.js'
import { arm, podOf, type Talk, trafficOf } from './talk.js'

/** Sends the request of an exchange, also again, and waits for the response. */
export function sendRequest(talk: Talk, lp: LpId, row: number): void {
  const { clients, clock, image, sockets, when } = talk
  const { words } = sockets
  const w = row * Socket.WORDS
  const client = words[w + Socket.OWNER]
  const traffic = trafficOf(talk, row)
  const response = lawOf(image, clients, client, words[w + Socket.NUMBER], traffic, Draw.response)
  words[w + Socket.AWAITED] = response
  const length = lawOf(image, clients, client, words[w + Socket.NUMBER], traffic, Draw.request)
  send(
    talk,
    lp,
    podOf(talk, row),
    words[w + Socket.LOCAL],
    words[w + Socket.REMOTE],
    words[w + Socket.PORTS],
    length,
    response,
    traffic << 16,
  )
  when[0] = clock[0] + image.talkTimeoutNs[traffic]
  arm(talk, lp, row)
}

/** Answers the end of a request, from where it arrived. */
export function answerRequest(talk: Talk, lp: LpId, pod: number, id: PacketId, ip: number, response: number): void {
  const frame = talk.pool.view
  const l4 = ip + ipv4.headerLength(frame, ip)
  const ports = (udp.targetPort(frame, l4) << 16) | udp.sourcePort(frame, l4)
  const mark = PacketFlag.IS_ANSWER | (talk.pool.traffic(id) << 16)
  send(talk, lp, pod, ipv4.target(frame, ip), ipv4.source(frame, ip), ports, response, -1, mark)
}

/** As many datagrams as the MTU asks for; the last one carries the content. */
function send(
  talk: Talk,
  lp: LpId,
  pod: number,
  local: number,
  remote: number,
  ports: number,
  bytes: number,
  content: number,
  mark: number,
): void {
  const most = datagramMost(talk, pod)
  for (let left = bytes; left > 0; left -= most) {
    sendDatagram(talk, lp, pod, local, remote, ports, Math.min(left, most), left <= most ? content : -1, mark)
  }
}
