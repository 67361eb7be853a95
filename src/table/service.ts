// Which Service listens at (address, protocol, port): open addressing over two key columns and one of rows, built once, then read-only. So
// the first packet of a connection finds its Service in one step, whether there are five or five thousand.
import { mix32 } from '../base/random.js'

const EMPTY = -1

/** What of an IP protocol and a port identifies a listener beside its address. */
export const listenerOf = (protocol: number, port: number): number => (protocol << 16) | port

const hash = (address: number, listener: number): number => mix32(address ^ Math.imul(listener, 0x9e3779b1))

/** Fills the columns (a power of two long, at most half full). A later listener of the same place is ignored. */
export function fillServiceIndex(
  addresses: Int32Array,
  listeners: Int32Array,
  rows: Int32Array,
  entries: readonly { readonly address: number; readonly listener: number; readonly row: number }[],
): void {
  rows.fill(EMPTY)
  const mask = rows.length - 1
  for (const { address, listener, row } of entries) {
    let slot = hash(address, listener) & mask
    while (rows[slot] !== EMPTY && (addresses[slot] !== address || listeners[slot] !== listener)) slot = (slot + 1) & mask
    if (rows[slot] !== EMPTY) continue
    addresses[slot] = address
    listeners[slot] = listener
    rows[slot] = row
  }
}

/** The row of the listener at this place, or -1. */
export function serviceAt(addresses: Int32Array, listeners: Int32Array, rows: Int32Array, address: number, listener: number): number {
  const mask = rows.length - 1
  let slot = hash(address, listener) & mask
  while (rows[slot] !== EMPTY) {
    if (addresses[slot] === address && listeners[slot] === listener) return rows[slot]
    slot = (slot + 1) & mask
  }
  return -1
}
