// What connection tracking costs a packet as the table grows, and what a connection takes of memory. Packets come in random order, each of
// another connection, so nothing is in cache but by chance. A line says how long the fastest of many short rounds took for each packet, and
// how many times that of the first size it is. `find` looks up one connection after the other; `tcp` follows an ACK of an established connection;
// `open` ends a connection and begins it anew.
//   node dist/bench/conntrack.js [sizes=10000,100000,1000000] [packets=2000000] [round=20000]
import { Conntrack } from '../src/table/conntrack.js'
import { acknowledge, begin, clock, find, HOSTS, TCP, UDP } from './conntrack-table.js'

const options = new Map(process.argv.slice(2).map(argument => argument.split('=') as [string, string]))
const list = (name: string, otherwise: string): number[] => (options.get(name) ?? otherwise).split(',').map(Number)
const sizes = list('sizes', '10000,100000,1000000')
const [packets] = list('packets', '2000000')
const [round] = list('round', '20000')

interface Kernel {
  readonly protocol: number
  run(table: Conntrack, order: Int32Array): void
}

/** Keeps what was found, or the compiler would drop the look-ups. */
const sink = new Int32Array(1)

const kernels: Readonly<Record<string, Kernel>> = {
  find: {
    protocol: UDP,
    run: (table, order) => {
      for (let k = 0; k < order.length; k++) sink[0] ^= find(table, UDP, order[k])
    },
  },
  tcp: {
    protocol: TCP,
    run: (table, order) => {
      for (let k = 0; k < order.length; k++) acknowledge(table, find(table, TCP, order[k]), order[k])
    },
  },
  open: {
    protocol: TCP,
    run: (table, order) => {
      for (let k = 0; k < order.length; k++) {
        table.remove(find(table, TCP, order[k]) >> 2)
        table.advance(clock)
        begin(table, TCP, order[k])
      }
    },
  },
}

/** Numbers below `count` in an order that no cache expects. */
function shuffled(count: number, length: number): Int32Array {
  let state = 12345
  return Int32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return Math.floor(((state >>> 8) / 2 ** 24) * count)
  })
}

function filled(protocol: number, count: number): Conntrack {
  const table = new Conntrack(HOSTS, 0)
  for (let i = 0; i < count; i++) begin(table, protocol, i)
  return table
}

/** The least time for a packet, in ns. */
function least({ run }: Kernel, table: Conntrack, order: Int32Array): number {
  let ns = Number.POSITIVE_INFINITY
  for (let from = 0; from + round <= packets; from += round) {
    const part = order.subarray(from, from + round)
    const start = process.hrtime.bigint()
    run(table, part)
    ns = Math.min(ns, Number(process.hrtime.bigint() - start) / round)
  }
  return ns
}

for (const [name, kernel] of Object.entries(kernels)) {
  let first = 0
  for (const size of sizes) {
    const table = filled(kernel.protocol, size)
    const ns = least(kernel, table, shuffled(size, packets))
    first ||= ns
    const room = (table.recordBytes / table.room).toFixed(2)
    console.log(
      `conntrack ${name.padEnd(5)} entries=${size} ns=${ns.toFixed(1)} ratio=${(ns / first).toFixed(2)} bytes=${room} index=${table.index.slots.byteLength} load=${table.index.load.toFixed(2)}`,
    )
  }
}
