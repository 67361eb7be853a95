// A node at a moment, in words, where it is not simply ready: not there yet, NotReady, or gone.
import { duration } from '../base/units.js'
import { NOT_READY } from '../cluster/control/node-range.js'
import type { Plan } from '../cluster/plan.js'
import { LabError } from './lab-error.js'

/** Why the node takes no pods at that moment, with its condition as `kubectl describe node` shows it; null if it does. */
export function notReadyNote({ nodes }: Plan, lp: number, atNs: number): string | null {
  const node = nodes[lp]
  if (node === undefined || node.readyNs <= atNs || atNs < node.joinNs || node.leaveNs <= atNs) return null
  const later = node.readyNs < node.leaveNs ? `; it is ready at ${duration(node.readyNs)}` : ''
  return `${node.name} is NotReady at ${duration(atNs)}: it has an address but no range for pods, and takes none (${NOT_READY})${later}`
}

/** A command runs on a machine that is there. Throws a LabError where it is not. */
export function checkPresent({ nodes }: Plan, lp: number, atNs: number): void {
  const { name, joinNs, leaveNs } = nodes[lp]
  const hint = 'name another moment with at'
  if (atNs < joinNs) throw new LabError('NodeAbsent', `${name} is not there at ${duration(atNs)}: it joins at ${duration(joinNs)}`, hint)
  if (leaveNs <= atNs) throw new LabError('NodeAbsent', `${name} is not there at ${duration(atNs)}: it went at ${duration(leaveNs)}`, hint)
}
