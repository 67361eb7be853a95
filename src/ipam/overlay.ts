// Azure CNI Overlay: every node owns a /24 of the pod CIDR, whatever its maxPods, and hands the block's addresses to its pods.
// Imported clusters bring fixed blocks, which need not be /24s; a /24 that one of them touches is not given to another node.
import type { Ipv4 } from '../base/brand.js'
import { addressAt, type Cidr, contains, networkOf, sizeOf } from '../wire/address.js'
import { AZURE } from './azure-limits.js'
import { type AddressPool, FreeList, type Taken } from './pool.js'

const BLOCK_PREFIX = AZURE.blockPrefix
const BLOCK_SIZE = AZURE.blockSize

/** Node blocks in a pod CIDR: 2^(24 - prefix); none in one smaller than a /24. */
export const blocksOf = (podCidr: Cidr): number => (podCidr.prefix > BLOCK_PREFIX ? 0 : 2 ** (BLOCK_PREFIX - podCidr.prefix))

/** The /24 blocks of a pod CIDR, lowest first. An allocation is named by its first address. */
export class BlockPool implements AddressPool {
  readonly unit = BLOCK_SIZE
  private readonly base: Ipv4
  private readonly free: FreeList

  constructor(readonly podCidr: Cidr) {
    this.base = networkOf(podCidr).base
    this.free = new FreeList(blocksOf(podCidr))
  }

  get capacity(): number {
    return this.free.count
  }

  get used(): number {
    return this.free.used
  }

  allocate(): Ipv4 | null {
    const position = this.free.allocate()
    return position < 0 ? null : (((this.base + position * BLOCK_SIZE) | 0) as Ipv4)
  }

  take(address: Ipv4): Taken {
    if (!this.owns(address)) return 'outside'
    return this.free.take(((address - this.base) >>> 0) >>> 8) ? 'ok' : 'taken'
  }

  release(address: Ipv4): boolean {
    return this.owns(address) && this.free.release(((address - this.base) >>> 0) >>> 8)
  }

  /** Takes every /24 that a fixed block of any size touches. Whether fixed blocks overlap each other is asked in `cluster/admission.ts`. */
  takeBlock(block: Cidr): void {
    const first = networkOf(block).base
    for (let offset = 0; offset < sizeOf(block); offset += BLOCK_SIZE) this.take(addressAt({ base: first, prefix: 32 }, offset))
  }

  private owns(address: Ipv4): boolean {
    return this.free.count > 0 && contains(this.podCidr, address)
  }
}

/** Where pods start in a block; see {@link PodAddressPool}. */
const FIRST_POD = 4

/**
 * The pod addresses of one node's block. Azure uses all of .0 to .255 in no stated order; here they go up from .4 and then wrap to the
 * low ones. Starting at .4 keeps an address the same whichever options are set: under VXLAN .0 is the VTEP's address (hence never a
 * pod's), and with `podInterface: gateway` .1 is the pods' default gateway. Up to 250 pods need none of the low four.
 */
export class PodAddressPool implements AddressPool {
  readonly unit = 1
  readonly capacity: number
  private readonly base: Ipv4
  private readonly size: number
  private readonly free: FreeList

  constructor(
    readonly block: Cidr,
    private readonly hasGateway: boolean,
  ) {
    this.base = networkOf(block).base
    this.size = sizeOf(block)
    this.free = new FreeList(this.size)
    this.capacity = Math.max(0, this.size - (hasGateway ? 2 : 1))
    this.free.take(this.positionOf(0))
    if (hasGateway && this.size > 1) this.free.take(this.positionOf(1))
  }

  get used(): number {
    return this.free.used - (this.size - this.capacity)
  }

  allocate(): Ipv4 | null {
    const position = this.free.allocate()
    return position < 0 ? null : (((this.base + ((position + FIRST_POD) % this.size)) | 0) as Ipv4)
  }

  take(address: Ipv4): Taken {
    if (!this.isPodAddress(address)) return 'outside'
    return this.free.take(this.positionOf(address - this.base)) ? 'ok' : 'taken'
  }

  release(address: Ipv4): boolean {
    return this.isPodAddress(address) && this.free.release(this.positionOf(address - this.base))
  }

  private isPodAddress(address: Ipv4): boolean {
    const offset = (address - this.base) >>> 0
    return contains(this.block, address) && offset !== 0 && !(this.hasGateway && offset === 1)
  }

  private positionOf(offset: number): number {
    return ((offset >>> 0) + this.size * FIRST_POD - FIRST_POD) % this.size
  }
}
