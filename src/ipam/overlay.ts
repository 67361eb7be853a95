// Azure CNI Overlay and kubenet: every node owns a /24 of the pod CIDR, whatever its maxPods, and hands the block's addresses to its pods.
// Imported clusters bring fixed blocks, which need not be /24s; a /24 that one of them touches is not given to another node.
import type { Ipv4 } from '../base/brand.js'
import { addressAt, type Cidr, networkOf, sizeOf } from '../wire/address.js'
import { AZURE } from './azure-limits.js'
import { AddressRange } from './pool.js'

const { blockPrefix, blockSize } = AZURE

/** Node blocks in a pod CIDR: 2^(24 - prefix); none in one smaller than a /24. */
export const blocksOf = (podCidr: Cidr): number => (podCidr.prefix > blockPrefix ? 0 : 2 ** (blockPrefix - podCidr.prefix))

/** The /24 blocks of a pod CIDR, lowest first. An allocation is named by its first address. */
export class BlockPool extends AddressRange {
  /** How often fixed blocks touch a /24, where it is more than once. */
  private readonly shared = new Map<number, number>()

  constructor(readonly podCidr: Cidr) {
    super({ unit: blockSize, base: networkOf(podCidr).base, size: blocksOf(podCidr) })
  }

  /** Takes every /24 that a fixed block of any size touches. Whether fixed blocks overlap each other is asked in `cluster/admission.ts`. */
  takeBlock(block: Cidr): void {
    for (const base of touched(block)) {
      if (this.take(base) === 'taken') this.shared.set(base, (this.shared.get(base) ?? 1) + 1)
    }
  }

  releaseBlock(block: Cidr): void {
    for (const base of touched(block)) {
      const others = (this.shared.get(base) ?? 1) - 1
      if (others === 0) this.release(base)
      if (others > 1) this.shared.set(base, others)
      else this.shared.delete(base)
    }
  }
}

/** First addresses of the /24s that a block touches. */
function touched(block: Cidr): Ipv4[] {
  const first = networkOf({ base: block.base, prefix: Math.min(block.prefix, blockPrefix) }).base
  const count = Math.max(1, sizeOf(block) / blockSize)
  return Array.from({ length: count }, (_, i) => addressAt({ base: first, prefix: 32 }, i * blockSize))
}

/** What stands in a block beside pods: a VTEP at .0, a gateway at .1 as well, or kubenet's bridge at .1 with host-local's two ends left out. */
export type BlockLayout = 'vtep' | 'gateway' | 'bridge'

/** Where pods start in a block; see {@link PodAddressPool}. */
const FIRST: Readonly<Record<BlockLayout, number>> = { vtep: 4, gateway: 4, bridge: 2 }

/**
 * The pod addresses of one node's block. Azure uses all of .0 to .255 in no stated order; here they go up from .4 and then wrap to the
 * low ones. Starting at .4 keeps an address the same whichever options are set: under VXLAN .0 is the VTEP's address (hence never a
 * pod's), and with `podInterface: gateway` .1 is the pods' default gateway. Up to 250 pods need none of the low four. Kubenet's bridge
 * plugin (host-local) begins at .2 and ends before the broadcast address.
 */
export class PodAddressPool extends AddressRange {
  constructor(
    readonly block: Cidr,
    layout: BlockLayout,
  ) {
    const size = sizeOf(block)
    const reserved = layout === 'vtep' ? [0] : layout === 'gateway' ? [0, 1] : [0, 1, size - 1]
    super({ unit: 1, base: networkOf(block).base, size, first: FIRST[layout] % size, reserved })
  }
}
