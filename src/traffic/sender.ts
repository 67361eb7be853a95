// Writes the next datagram of a flow into a fresh slot: Ethernet (from the pod to the host's end of its veth), IPv4 and UDP, payload of
// zeros, all checksums right. TTL 64, DF as the traffic entry says, an identification that counts per flow.
import type { PacketId } from '../base/brand.js'
import type { ImageColumns } from '../image/image.js'
import { PacketFlag, type PacketPool } from '../shm/packet-pool.js'
import { MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_POD } from '../wire/address.js'
import { finish, halves } from '../wire/checksum.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import * as udp from '../wire/udp.js'
import { Flow, type Flows, nextFlowIpId } from './flows.js'

const L2 = ethernet.HEADER_LEN
const HEAD = L2 + ipv4.MIN_HEADER_LEN + udp.HEADER_LEN
const TTL = 64

/** The next packet of `flow`, `size` bytes of IP; the caller counts it as sent. */
export function writeDatagramOf(flows: Flows, image: ImageColumns, pool: PacketPool, flow: number, size: number): PacketId {
  const w = flow * Flow.WORDS
  const { words } = flows
  const id = pool.allocate(
    HEAD,
    size - ipv4.MIN_HEADER_LEN - udp.HEADER_LEN,
    flow,
    PacketFlag.IP_GOOD | PacketFlag.L4_GOOD | PacketFlag.IS_DATAGRAM | (words[w + Flow.TRAFFIC] << 16),
  )
  const frame = pool.view
  const at = pool.start(id)
  const source = words[w + Flow.SOURCE]
  const target = image.flowTargetAddress[flow]
  const ports = image.flowPorts[flow]
  const length = size - ipv4.MIN_HEADER_LEN
  if (image.flowPod[flow] >= 0) ethernet.write(frame, at, MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_POD, source, ethernet.TYPE_IPV4)
  const df = image.trafficDf[words[w + Flow.TRAFFIC]] === 1 ? ipv4.DONT_FRAGMENT : 0
  ipv4.write(frame, at + L2, 0, size, nextFlowIpId(flows, flow), df, TTL, ipv4.PROTOCOL_UDP, source, target)
  const check = finish(halves(source) + halves(target) + ipv4.PROTOCOL_UDP + length + length + halves(ports))
  udp.write(frame, at + L2 + ipv4.MIN_HEADER_LEN, ports >>> 16, ports & 0xffff, length, check === 0 ? 0xffff : check)
  return id
}
