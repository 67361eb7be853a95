// How many addresses a node asks for: the arithmetic of Azure's pool monitor (azure-container-networking, docs/feature/ipammath). v2 says at
// once what it wants, and the same for the same demand; v1 goes one batch at a time, once a second.

import { AZURE } from './azure-limits.js'

export interface Scaler {
  readonly batch: number
  /** Share of a batch that is to be free. */
  readonly buffer: number
  /** Most addresses for pods on a node. */
  readonly max: number
}

/** Target = batch x ceil(buffer + demand / batch), at most `max`. */
export const targetOf = ({ batch, buffer, max }: Scaler, demand: number): number =>
  Math.min(max, batch * Math.ceil(buffer + demand / batch))

/**
 * Addresses for pods that the node wants to hold next, of which `used` are in use and `held` are held. `primary` is 1 where the node's own
 * address is one of its batches': then a batch less that one is what pods get. A node that holds nothing begins with a batch.
 */
export function nextRequest(monitor: 'v1' | 'v2', scaler: Scaler, isScarce: boolean, used: number, held: number, primary: number): number {
  const { batch, max } = scaler
  const own = batch > primary ? primary : 0
  if (monitor === 'v2' || held === 0)
    return Math.max(used, Math.min(max, targetOf({ ...scaler, max: Number.POSITIVE_INFINITY }, used) - own))
  // Below this share of a batch free the node asks; at one batch more it gives back (at 1 and 2 while addresses are scarce).
  const least = isScarce ? 1 : Math.floor(batch * scaler.buffer)
  const most = isScarce ? 2 : least + batch
  const total = held + own
  if (held - used < least) return Math.min(max, total + batch - (total % batch) - own)
  if (held - used < most) return held
  return Math.max(used, total - (total % batch === 0 ? batch : total % batch) - own)
}

/** Addresses of the pod subnet that a node with so many pods holds in the end, its own included. */
export function heldWith(pods: number, maxPods: number, primaryAddress: 'within' | 'beside'): number {
  const max = Math.min(maxPods, AZURE.podsPerNode)
  const scaler = { batch: Math.min(AZURE.podBatch, max), buffer: AZURE.podBuffer, max }
  return 1 + nextRequest('v2', scaler, false, pods, 0, primaryAddress === 'within' ? 1 : 0)
}

/** Addresses that a node takes of the pod subnet when it joins, its own included: a batch. */
export const initialAddresses = (maxPods: number, primaryAddress: 'within' | 'beside'): number => heldWith(0, maxPods, primaryAddress)
