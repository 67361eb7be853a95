// What comes and goes during a run, as columns of the image: the moments of nodes and pods, rounded up to whole windows, and the list of
// changes that every shard works off (`datapath/changes.ts`). The tables themselves are filled for the beginning.
import type { ImageColumns } from '../image/image.js'
import { Change, RouteKind } from '../image/kinds.js'
import { NOBODY, setOwner } from '../table/address-index.js'
import { patchFib } from '../table/fib.js'
import { networkOf } from '../wire/address.js'
import type { Plan } from './plan.js'

/** A moment of the control plane as one of the data plane: the beginning of the next window. */
const atWindow = (momentNs: number, lookaheadNs: number): number =>
  momentNs === 0 || momentNs === Number.POSITIVE_INFINITY ? momentNs : Math.ceil(momentNs / lookaheadNs) * lookaheadNs

/** The plan with all of its moments at the beginnings of windows. */
export function inWindows(plan: Plan, lookaheadNs: number): Plan {
  if (!plan.changes) return plan
  const round = (momentNs: number): number => atWindow(momentNs, lookaheadNs)
  const nodes = plan.nodes.map(node => ({
    ...node,
    joinNs: round(node.joinNs),
    readyNs: round(node.readyNs),
    leaveNs: round(node.leaveNs),
  }))
  const pods = { ...plan.pods, startNs: plan.pods.startNs.map(round), stopNs: plan.pods.stopNs.map(round) }
  return { ...plan, nodes, pods }
}

/** How many changes there are after the beginning and before the end. */
export function changeCount(plan: Plan, durationNs: number): number {
  let count = 0
  eachChange(plan, durationNs, () => count++)
  return count
}

type Visit = (atNs: number, kind: number, of: number) => void

function eachChange({ nodes, pods, changes }: Plan, durationNs: number, visit: Visit): void {
  if (!changes) return
  const happens = (atNs: number): boolean => atNs > 0 && atNs < durationNs
  nodes.forEach(({ joinNs, readyNs, leaveNs, block }, lp) => {
    if (joinNs === leaveNs) return
    if (happens(joinNs)) visit(joinNs, Change.nodeJoins, lp)
    if (block !== null && happens(readyNs) && readyNs !== leaveNs) visit(readyNs, Change.nodeReady, lp)
    if (happens(leaveNs)) visit(leaveNs, Change.nodeLeaves, lp)
  })
  for (let pod = 0; pod < pods.count; pod++) {
    const startNs = pods.startNs[pod]
    const stopNs = pods.stopNs[pod]
    if (startNs === stopNs) continue
    if (happens(startNs)) visit(startNs, Change.podStarts, pod)
    if (happens(stopNs)) visit(stopNs, Change.podStops, pod)
  }
}

/** Fills the list of changes and the moments of nodes, and takes out of the tables who is not there at the beginning; after pods and routes. */
export function fillChanges(columns: ImageColumns, plan: Plan, durationNs: number): void {
  if (!plan.changes) return
  const rows: [number, number, number][] = []
  eachChange(plan, durationNs, (atNs, kind, of) => rows.push([atNs, kind, of]))
  rows.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])
  rows.forEach(([atNs, kind, of], i) => {
    columns.changeNs[i] = atNs
    columns.changeKind[i] = kind
    columns.changeOf[i] = of
  })
  columns.lpLeaveNs.fill(Number.POSITIVE_INFINITY)
  plan.nodes.forEach(({ joinNs, readyNs, leaveNs }, lp) => {
    columns.lpJoinNs[lp] = joinNs
    columns.lpReadyNs[lp] = readyNs
    columns.lpLeaveNs[lp] = leaveNs
  })
  // First everybody who comes later is taken out, then those who are there put in: an address or block may have several owners in turn.
  const isThere = ({ joinNs, leaveNs }: Plan['nodes'][number]): boolean => joinNs === 0 && leaveNs > 0
  for (const present of [false, true]) {
    plan.nodes.forEach((node, lp) => {
      if (isThere(node) !== present) return
      setOwner(columns.addressKey, columns.addressLp, node.address, present ? lp : NOBODY)
      if (node.block === null) return
      const value = present && node.readyNs === 0 ? ((RouteKind.podBlock << 28) | lp) >>> 0 : (RouteKind.gateway << 28) >>> 0
      patchFib(columns.fib, { base: networkOf(node.block).base, prefix: node.block.prefix, value })
    })
  }
}
