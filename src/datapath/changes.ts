// Tables of a cluster that changes. Nodes and pods come and go at the beginning of a window, never within one, so every look-up stays what
// it is at rest: before a window runs, each shard brings its own copies of the tables up to date, and all shards do the same. (The control
// plane counts in seconds; its moments are rounded up to whole windows, some microseconds.)
import type { Image, ImageColumns } from '../image/image.js'
import { Change, RouteKind } from '../image/kinds.js'
import { NOBODY, setOwner } from '../table/address-index.js'
import { lookup, patchFib } from '../table/fib.js'

/** Copies of the tables that change; the others stay shared. */
const ownTables = (image: ImageColumns): ImageColumns => ({
  ...image,
  podAt: image.podAt.slice(),
  addressLp: image.addressLp.slice(),
  fib: image.fib.slice(),
  // The end of a node's tunnel is an address of its block.
  lpVtep: image.lpVtep.map((address, lp) => (image.lpReadyNs[lp] > 0 ? 0 : address)),
})

/** A block that no node has is routed as everything else that the cluster does not know. */
const NO_OWNER = (RouteKind.gateway << 28) >>> 0

/** The tables of a shard, and what changes them; null where nobody comes or goes. */
export function tablesOf({ params }: Image, columns: ImageColumns): { image: ImageColumns; changes: Changes | null } {
  if (!params.changes) return { image: columns, changes: null }
  const image = ownTables(columns)
  return { image, changes: new Changes(image, columns.lpVtep) }
}

class Changes {
  private done = 0

  /** `image` is one of {@link ownTables}, `vteps` has the tunnel's end of every node that will ever be ready. */
  constructor(
    private readonly image: ImageColumns,
    private readonly vteps: ImageColumns['lpVtep'],
  ) {}

  /** Everything that has happened by a window's beginning. */
  advance(startNs: number): void {
    const { changeNs, changeKind, changeOf } = this.image
    for (; this.done < changeNs.length && changeNs[this.done] <= startNs; this.done++) {
      const of = changeOf[this.done]
      const kind = changeKind[this.done]
      if (kind === Change.podStarts) this.setPod(of, of)
      else if (kind === Change.podStops) this.setPod(of, -1)
      else if (kind === Change.nodeReady) this.setBlock(of, true)
      else this.setNode(of, kind === Change.nodeJoins)
    }
  }

  private setPod(pod: number, value: number): void {
    const { image } = this
    const lp = image.podLp[pod]
    const address = image.podAddress[pod]
    // A pod of the host network has its node's address, which is not a pod's.
    if (address === image.lpAddress[lp]) return
    const isFlat = image.lpBlockSize[lp] === 0
    const row = isFlat ? lookup(image.fib, address) & 0x0fffffff : image.lpPodRow[lp] + ((address - image.lpBlockBase[lp]) >>> 0)
    image.podAt[row] = value
  }

  private setNode(lp: number, joins: boolean): void {
    const { image } = this
    setOwner(image.addressKey, image.addressLp, image.lpAddress[lp], joins ? lp : NOBODY)
    if (!joins) this.setBlock(lp, false)
  }

  /** A node has its block, and its tunnel, from the moment on at which it is ready. */
  private setBlock(lp: number, isReady: boolean): void {
    const { image } = this
    const size = image.lpBlockSize[lp]
    if (size === 0) return
    const value = isReady ? ((RouteKind.podBlock << 28) | lp) >>> 0 : NO_OWNER
    patchFib(image.fib, { base: image.lpBlockBase[lp], prefix: 32 - Math.log2(size), value })
    if (isReady) image.lpVtep[lp] = this.vteps[lp]
  }
}

/** For how long what was learnt about a flow holds: until the pod that had its target address, on that node, stops. */
export interface Stops {
  /** The pod that has the address now on node `lp` is the one; false if none has it. */
  note(flow: number, lp: number, target: number): boolean
  /** Whether it is still there, and the node is that one. */
  holds(flow: number, lp: number): boolean
}

export function createStops(image: ImageColumns, clock: Float64Array, flows: number): Stops {
  const { podAt, lpPodRow, lpBlockBase, podStopNs } = image
  const stopNs = new Float64Array(flows)
  const nodes = new Int32Array(flows)
  return {
    note(flow, lp, target) {
      const pod = podAt[lpPodRow[lp] + ((target - lpBlockBase[lp]) | 0)]
      if (pod < 0) return false
      stopNs[flow] = podStopNs[pod]
      nodes[flow] = lp
      return true
    },
    holds: (flow, lp) => clock[0] < stopNs[flow] && nodes[flow] === lp,
  }
}
