// Nodes and pods that come and go while packets fly: everything that a control plane does in hours, in milliseconds.
import fc from 'fast-check'
import { type AddressingMode, hasPodSubnet } from '../../src/base/addressing-mode.js'

/** `endUs`: how long the run lasts before it is made `slower`. */
export function changesOf(endUs: number, slower: number) {
  const us = (count: number): string => `${count * slower}us`
  const moment = fc.integer({ min: 0, max: endUs }).map(us)
  const event = fc.oneof(
    fc.record({
      at: moment,
      scale: fc.record({ workload: fc.constantFrom('a/front', 'a/back'), replicas: fc.integer({ min: 0, max: 30 }) }),
    }),
    fc.record({ at: moment, scale: fc.record({ pool: fc.constant('one'), count: fc.integer({ min: 0, max: 10 }) }) }),
    fc.record({ at: moment, upgrade: fc.record({ pool: fc.constant('one'), maxSurge: fc.constantFrom(1, '50%') }) }),
    fc.record({ at: moment, fail: fc.record({ pool: fc.constant('one'), count: fc.integer({ min: 0, max: 2 }) }) }),
  )
  // What happens to ranges is another thing in each mode.
  const ofRange = fc.record({ at: moment, isMore: fc.boolean(), count: fc.integer({ min: 1, max: 60 }) })
  return fc.record({
    timeline: fc.array(event, { minLength: 1, maxLength: 5 }),
    ranges: fc.array(ofRange, { maxLength: 2 }),
    lifetime: fc.option(fc.constantFrom(1000, 2000).map(us), { nil: undefined }),
    controlPlane: fc.record({
      nodeProvisioning: fc.constant(us(400)),
      drain: fc.constant(us(150)),
      reimage: fc.constant(us(200)),
      eviction: fc.constant(us(300)),
      sandboxRetry: fc.constant(us(1000)),
      networkRetry: fc.constant(us(1000)),
      preCheck: fc.constantFrom(false, false, true),
      scaleUp: fc.constantFrom('allOrNothing', 'partial'),
    }),
  })
}

type Ranges = readonly { readonly at: string; readonly isMore: boolean; readonly count: number }[]

/** Ranges that become larger or are freed, and addresses that others take. */
export function rangeEvents(ranges: Ranges, mode: AddressingMode): object[] {
  if (mode === 'overlay') return ranges.filter(({ isMore }) => isMore).map(({ at }) => ({ at, expand: { podCidr: '10.244.0.0/16' } }))
  if (!hasPodSubnet(mode)) return []
  return ranges.map(({ at, isMore, count }) =>
    isMore ? { at, vacate: { subnet: 'pods', count } } : { at, occupy: { subnet: 'pods', count } },
  )
}
