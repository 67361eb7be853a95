// The cases of Kubernetes' node CIDR allocator (cidr_set_test.go) against the ranges that all modes hand out from. They are read in place and
// never copied; a clone without them skips these tests and says so. IPv6 rows are left out: the emulator speaks IPv4.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Ipv4 } from '../../src/base/brand.js'
import { BlockPool } from '../../src/ipam/overlay.js'
import { AddressRange } from '../../src/ipam/pool.js'
import { type Cidr, formatCidr, networkOf, parseCidr, sizeOf } from '../../src/wire/address.js'

const FILE = fileURLToPath(new URL('../../../shared/data/net-vectors.json', import.meta.url))
const present = existsSync(FILE)
if (!present) console.log('net-vectors.json is not here: the cases of the node CIDR allocator are skipped')
const ipam = present ? JSON.parse(readFileSync(FILE, 'utf8')).ipam : {}

const cidr = (text: string): Cidr => parseCidr(text)!
interface Row {
  readonly clusterCIDR: string
  readonly nodeMask: number
}
const ofV4 = <Item extends Row>(rows: readonly Item[]): Item[] => rows.filter(({ clusterCIDR }) => !clusterCIDR.includes(':'))

/** A range cut into blocks of a prefix. */
function blocksOf({ clusterCIDR, nodeMask }: Row): AddressRange {
  const range = networkOf(cidr(clusterCIDR))
  return new AddressRange({ unit: 2 ** (32 - nodeMask), base: range.base, size: 2 ** (nodeMask - range.prefix) })
}

/** First addresses of the blocks that a range touches. */
const within = (range: Cidr, nodeMask: number): Ipv4[] =>
  Array.from(
    { length: Math.max(1, sizeOf(range) / 2 ** (32 - nodeMask)) },
    (_, i) => ((networkOf(range).base + i * 2 ** (32 - nodeMask)) | 0) as Ipv4,
  )

describe.skipIf(!present)('the node CIDR allocator of Kubernetes', () => {
  it('block by index, and index by block', () => {
    let seen = 0
    for (const { index, block, ...row } of [
      ...ofV4<Row & { index: number | null; block: string }>(ipam.indexToBlock),
      ...ofV4<Row & { index: number | null; block: string }>(ipam.blockToIndex),
    ]) {
      const blocks = blocksOf(row)
      seen++
      if (index === null) {
        expect(blocks.take(cidr(block).base)).toBe('outside')
        continue
      }
      let last: Ipv4 | null = null
      for (let i = 0; i <= index; i++) last = blocks.allocate()
      expect(formatCidr({ base: last!, prefix: row.nodeMask })).toBe(block)
      expect(blocks.take(cidr(block).base)).toBe('taken')
    }
    expect(seen).toBe(9)
  })

  it('one block, and then none', () => {
    for (const { first, ...row } of ofV4<Row & { first: string }>(ipam.fullyAllocated)) {
      const blocks = blocksOf(row)
      expect(formatCidr({ base: blocks.allocate()!, prefix: row.nodeMask })).toBe(first)
      expect(blocks.allocate()).toBeNull()
    }
  })

  it('occupied and released ranges, of any size', () => {
    const { clusterCIDR, nodeMask, ops, allocatableAfter } = ipam.occupyRelease
    const blocks = new BlockPool(cidr(clusterCIDR))
    for (const { op, cidr: text, occupied } of ops) {
      for (const base of within(cidr(text), nodeMask)) op === 'occupy' ? blocks.take(base) : blocks.release(base)
      expect(blocks.used).toBe(occupied)
    }
    let allocated = 0
    while (blocks.allocate() !== null) allocated++
    expect(allocated).toBe(allocatableAfter)
  })

  it('the same blocks again after all were given back', () => {
    const blocks = new BlockPool(cidr('10.42.0.0/16'))
    const all = () => Array.from({ length: 256 }, () => blocks.allocate())
    const once = all()
    expect(blocks.allocate()).toBeNull()
    for (const base of once) blocks.release(base!)
    expect(all()).toEqual(once)
  })
})
