// Packets from one shard to another through the ring in shared memory, both ends in one thread: what copying and publishing costs, without
// what waiting costs.
import type { PacketId } from '../base/brand.js'
import { PacketPool } from '../shm/packet-pool.js'
import { createReceiver, createRing, createTransmitter } from '../shm/ring.js'
import type { Done, Size, Work } from './bench.js'
import { hex, mixed } from './numbers.js'

const CELLS = 1024
/** Sent before they are taken out, as in a window. */
const BURST = 200
/** Ethernet, IPv4 and UDP inside of VXLAN. */
const HEAD = 92

class Sink {
  count = 0
  sum = 0
  constructor(private readonly pool: PacketPool) {}

  arrive(id: PacketId, times: Float64Array, origin: number, sequence: number, lp: number): void {
    this.count++
    this.sum = mixed(mixed(this.sum, origin), sequence + lp + times[0] + this.pool.serial(id))
    this.pool.release(id)
  }
}

export function prepare(size: Size): Work {
  const packets = size === 'full' ? 400_000 : 20_000
  return () => pass(packets)
}

function pass(packets: number): Done {
  const memory = createRing(CELLS)
  const [from, to] = [new PacketPool(1024), new PacketPool(1024)]
  const sink = new Sink(to)
  const transmitter = createTransmitter(memory, from)
  const receiver = createReceiver(memory, to, (id, times, origin, sequence, lp) => sink.arrive(id, times, origin, sequence, lp))
  const at = new Float64Array(1)
  for (let sent = 0; sent < packets; ) {
    for (let i = 0; i < BURST && sent < packets; i++, sent++) {
      const id = from.allocate(0, 100, 0, 0)
      from.setWhole(id, HEAD, 0)
      from.setOrigin(id, sent & 1023, sent)
      at[0] = sent * 7
      // A ring of 1,024 cells has room for a burst of 200.
      transmitter.send(id, at, 0, sent & 1023, sent, (sent * 3) & 1023, 2)
      from.release(id)
    }
    transmitter.publish()
    receiver.drain()
  }
  return { units: sink.count, exact: { packets: sink.count, inFlight: from.live + to.live, checksum: hex(sink.sum) } }
}
