// Bytes of a packet: an inner frame is written, its UDP checksum summed, the VXLAN headers put around it; then everything is read and checked
// again, as at the other end.
import { finish, halves, sum } from '../wire/checksum.js'
import * as ethernet from '../wire/ethernet.js'
import { flowHash, sourcePortOf } from '../wire/flow.js'
import * as ipv4 from '../wire/ipv4.js'
import * as udp from '../wire/udp.js'
import * as vxlan from '../wire/vxlan.js'
import type { Done, Size, Work } from './bench.js'
import { hex, mixed, numbers } from './numbers.js'

const PAYLOAD = 64
const OUTER_IP = ethernet.HEADER_LEN
const OUTER_UDP = OUTER_IP + ipv4.MIN_HEADER_LEN
const VXLAN = OUTER_UDP + udp.HEADER_LEN
const INNER = VXLAN + vxlan.HEADER_LEN
const INNER_IP = INNER + ethernet.HEADER_LEN
const INNER_UDP = INNER_IP + ipv4.MIN_HEADER_LEN
const DATA = INNER_UDP + udp.HEADER_LEN
export const FRAME = DATA + PAYLOAD

const POD = 0x0af40000
const NODE = 0x0ae00000

export function prepare(size: Size): Work {
  const frames = size === 'full' ? 300_000 : 5_000
  return () => pass(frames)
}

function pass(frames: number): Done {
  const frame = new DataView(new ArrayBuffer(FRAME))
  const payload = numbers(PAYLOAD / 4, 29)
  for (let i = 0; i < payload.length; i++) frame.setInt32(DATA + i * 4, payload[i])
  let sumOfAll = 0
  let good = 0
  for (let i = 0; i < frames; i++) {
    writeFrame(frame, i)
    if (isGood(frame)) good++
    sumOfAll = mixed(sumOfAll, fieldsOf(frame))
  }
  return { units: frames, exact: { frames, good, bytes: frames * FRAME, checksum: hex(sumOfAll) } }
}

/** Frame number `i`, from one pod to another on another node. */
export function writeFrame(frame: DataView, i: number): void {
  const from = POD + (i & 0xff)
  const to = POD + 0x10000 + ((i >>> 8) & 0xff)
  const length = udp.HEADER_LEN + PAYLOAD
  ethernet.write(frame, INNER, 0x0202, to, 0x0202, from, ethernet.TYPE_IPV4)
  ipv4.write(frame, INNER_IP, 0, ipv4.MIN_HEADER_LEN + length, i & 0xffff, ipv4.DONT_FRAGMENT, 64, ipv4.PROTOCOL_UDP, from, to)
  udp.write(frame, INNER_UDP, 40_000 + (i & 1023), 7000, length, 0)
  udp.setCheck(frame, INNER_UDP, finish(sum(frame, INNER_UDP, length, halves(from) + halves(to) + ipv4.PROTOCOL_UDP + length)) || 0xffff)
  const outer = udp.HEADER_LEN + vxlan.HEADER_LEN + (FRAME - INNER)
  const port = sourcePortOf(flowHash(frame, INNER_IP), 32768, 60999)
  vxlan.write(frame, VXLAN, 1)
  udp.write(frame, OUTER_UDP, port, vxlan.PORT, outer, 0)
  ipv4.write(frame, OUTER_IP, 0, ipv4.MIN_HEADER_LEN + outer, i & 0xffff, 0, 64, ipv4.PROTOCOL_UDP, NODE + 4, NODE + 5 + (i & 63))
  ethernet.write(frame, 0, 0x0200, NODE + 5 + (i & 63), 0x0200, NODE + 4, ethernet.TYPE_IPV4)
}

/** What decapsulation and delivery look at. */
function isGood(frame: DataView): boolean {
  const length = udp.length(frame, INNER_UDP)
  const pseudo = halves(ipv4.source(frame, INNER_IP)) + halves(ipv4.target(frame, INNER_IP)) + ipv4.PROTOCOL_UDP + length
  return (
    ethernet.etherType(frame, 0) === ethernet.TYPE_IPV4 &&
    ipv4.isCheckRight(frame, OUTER_IP) &&
    udp.targetPort(frame, OUTER_UDP) === vxlan.PORT &&
    vxlan.hasVni(frame, VXLAN) &&
    !vxlan.hasUnknownBits(frame, VXLAN) &&
    ipv4.isCheckRight(frame, INNER_IP) &&
    finish(sum(frame, INNER_UDP, length, pseudo)) === 0
  )
}

const fieldsOf = (frame: DataView): number =>
  udp.sourcePort(frame, OUTER_UDP) ^ (udp.check(frame, INNER_UDP) << 16) ^ ipv4.check(frame, OUTER_IP) ^ ipv4.target(frame, INNER_IP)
