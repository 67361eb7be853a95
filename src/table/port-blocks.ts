// Which SNAT ports of a load balancer's frontends belong to which node. Ports go to nodes in blocks of eight, at most 64,000 of a frontend;
// by default each node gets the same number of every frontend, by the size of the pool, up to 1,024 in all ("Use SNAT for outbound
// connections"). When the pool grows into the next tier every node gives blocks back, the last it got first; when it shrinks, each gets
// blocks on top. Azure does not say which ports go: those that a node uses last here, so that the fewest connections break.

export const BLOCK = 8
/** Ports of a frontend. */
export const FRONTEND_PORTS = 64_000
const FRONTEND_BLOCKS = FRONTEND_PORTS / BLOCK
/** Frontends add to a node's default ports up to this many. */
const DEFAULT_MOST = 1024

/** The nodes of the pool changed: who gave back which of its blocks, by their places in the node's own order. */
export type Reclaim = (node: number, blocks: readonly number[]) => void

export class PortBlocks {
  /** The node that a block belongs to, or -1. */
  readonly owner: Int32Array
  /** Blocks of each node, in the order in which it uses them. */
  private readonly blocks: (number[] | undefined)[] = []
  private readonly lowestFree: Int32Array
  private members = 0

  /** `allocated` ports for each node by hand, or 0; `defaultPorts` says what a pool of so many nodes gets of each frontend. */
  constructor(
    readonly frontends: number,
    private readonly allocated: number,
    private readonly defaultPorts: (nodes: number) => number,
  ) {
    this.owner = new Int32Array(frontends * FRONTEND_BLOCKS).fill(-1)
    this.lowestFree = new Int32Array(frontends)
  }

  has(node: number): boolean {
    return this.blocks[node] !== undefined
  }

  /** Ports that a node has now. */
  portsOf(node: number): number {
    return (this.blocks[node]?.length ?? 0) * BLOCK
  }

  /** Place in the inventory of all frontends of a node's port number `n`. */
  placeOf(node: number, n: number): number {
    return this.blocks[node]![n >> 3] * BLOCK + (n & 7)
  }

  /** Nodes leave, then others join, all at one moment; blocks are given back before any is given out. */
  change(joining: readonly number[], leaving: readonly number[], reclaim: Reclaim): void {
    for (const node of leaving) {
      if (!this.has(node)) continue
      reclaim(
        node,
        this.shrink(node, () => 0),
      )
      this.blocks[node] = undefined
      this.members--
    }
    const fresh = joining.filter(node => !this.has(node))
    this.members += fresh.length
    if (this.allocated > 0) for (const node of fresh) this.fill(node)
    else this.level(fresh, reclaim)
  }

  /** The default: all nodes to the tier of the pool's size. */
  private level(fresh: readonly number[], reclaim: Reclaim): void {
    const each = this.defaultPorts(this.members) / BLOCK
    const most = DEFAULT_MOST / BLOCK
    const target = (frontend: number) => Math.max(0, Math.min(each, most - frontend * each))
    this.blocks.forEach((blocks, node) => {
      if (blocks === undefined) return
      const lost = this.shrink(node, target)
      if (lost.length > 0) reclaim(node, lost)
    })
    for (const node of fresh) this.blocks[node] = []
    this.blocks.forEach((blocks, node) => {
      if (blocks !== undefined)
        for (let frontend = 0; frontend < this.frontends; frontend++) this.grow(node, blocks, frontend, target(frontend))
    })
  }

  /** By hand: the lowest free blocks, from one frontend on into the next. A node that finds too few goes without. */
  private fill(node: number): void {
    const blocks: number[] = []
    this.blocks[node] = blocks
    const need = this.allocated / BLOCK
    for (let frontend = 0; frontend < this.frontends && blocks.length < need; frontend++)
      this.take(node, blocks, frontend, need - blocks.length)
    if (blocks.length < need) this.shrink(node, () => 0)
  }

  private grow(node: number, blocks: number[], frontend: number, target: number): void {
    const have = blocks.reduce((sum, block) => sum + (Math.floor(block / FRONTEND_BLOCKS) === frontend ? 1 : 0), 0)
    if (have < target) this.take(node, blocks, frontend, target - have)
  }

  private take(node: number, blocks: number[], frontend: number, count: number): void {
    let block = this.lowestFree[frontend]
    for (let taken = 0; taken < count && block < FRONTEND_BLOCKS; block++) {
      const at = frontend * FRONTEND_BLOCKS + block
      if (this.owner[at] >= 0) continue
      this.owner[at] = node
      blocks.push(at)
      taken++
    }
    this.lowestFree[frontend] = block
  }

  /** Gives back what a node has beyond its share of each frontend; places of those blocks in its former order. */
  private shrink(node: number, target: (frontend: number) => number): number[] {
    const kept = new Int32Array(this.frontends)
    const lost: number[] = []
    const blocks = this.blocks[node]!
    this.blocks[node] = blocks.filter((block, i) => {
      const frontend = Math.floor(block / FRONTEND_BLOCKS)
      if (kept[frontend] < target(frontend)) {
        kept[frontend]++
        return true
      }
      this.owner[block] = -1
      this.lowestFree[frontend] = Math.min(this.lowestFree[frontend], block % FRONTEND_BLOCKS)
      lost.push(i)
      return false
    })
    return lost
  }
}
