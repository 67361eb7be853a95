// Waiting and loss in a NIC's queue against theory: the rows of analytic.json, and exact figures where packets are not quite what the rows
// assume. A mean must lie within three batch standard errors plus a stated bias; what is deterministic must be right to the nanosecond.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { batchesOf, estimate, type Link, servicesOf } from './support/queue-lab.js'
import { lossOf, meanOf, meanWait } from './support/queue-theory.js'

const LONG = process.env.VXLANE_LONG !== undefined
const BATCHES = LONG ? 20 : 12
const PACKETS = LONG ? 200_000 : 20_000
const WITHOUT_LIMIT = 1_000_000
/** A histogram's bucket is at most this wide, relative to its value; times are rounded to whole ns besides. */
const RESOLUTION = 1 / 1024
const ROUNDING_NS = 1

interface Row {
  readonly rho: number
  readonly meanWait: number
  readonly sojournQuantile: { readonly '0.99': number }
}
interface Analytic {
  readonly queues: {
    readonly md1: { readonly rows: readonly Row[] }
    readonly mm1: { readonly rows: readonly Row[] }
    readonly mm1k: { readonly rows: readonly { readonly rho: number; readonly K: number; readonly loss: number }[] }
  }
}

const { queues } = JSON.parse(readFileSync(new URL('./golden/analytic.json', import.meta.url), 'utf8')) as Analytic
const rowsUpTo = <Any extends { readonly rho: number }>(rows: readonly Any[]): readonly Any[] =>
  rows.filter(({ rho }) => rho <= (LONG ? 0.95 : 0.8))

/** Packets until the queue has forgotten that it began empty: several relaxation times 1 / (1 - sqrt(rho))^2. */
const warmUpOf = (rho: number): number => Math.ceil((10 * rho) / (1 - Math.sqrt(rho)) ** 2)

const CONSTANT = { encapsulation: 'vxlan', size: 1000, gbps: 1 } as const
/** 38 bytes a packet come on top of the exponential length, and a packet ends at 65,535: 0.6 % from exponential. */
const EXPONENTIAL = { encapsulation: 'none', size: { kind: 'exponential', mean: 6000 }, gbps: 10 } as const

function expectNear(values: readonly number[], wanted: number, bias: number): void {
  const { mean, error } = estimate(values)
  expect(Math.abs(mean - wanted), `${mean} for ${wanted}, standard error ${error}, bias ${bias}`).toBeLessThanOrEqual(3 * error + bias)
  // A test that any value passes would be none.
  expect(error).toBeLessThan(wanted * 0.06)
}

describe('a NIC with a long queue', () => {
  it.each(rowsUpTo(queues.md1.rows))('waits as M/D/1 at load $rho', row => {
    const link: Link = { ...CONSTANT, queue: WITHOUT_LIMIT, rho: row.rho }
    const service = meanOf(servicesOf(link))
    expect(service).toBe((1000 + 14 + 50 + 24) * 8)
    const batches = batchesOf(link, BATCHES, PACKETS, warmUpOf(row.rho), service)
    expectNear(
      batches.map(({ meanNs }) => meanNs - service),
      row.meanWait * service,
      ROUNDING_NS,
    )
    const p99 = row.sojournQuantile['0.99'] * service
    expectNear(
      batches.map(({ p99Ns }) => p99Ns),
      p99,
      p99 * RESOLUTION + ROUNDING_NS,
    )
  })

  it.each(rowsUpTo(queues.mm1.rows))('waits as M/M/1 at load $rho', row => {
    const link: Link = { ...EXPONENTIAL, queue: WITHOUT_LIMIT, rho: row.rho }
    const services = servicesOf(link)
    const service = meanOf(services)
    const batches = batchesOf(link, BATCHES, PACKETS, warmUpOf(row.rho), service)
    const waits = batches.map(({ meanNs }) => meanNs - service)
    // Pollaczek-Khinchine knows the packets as they are; the row takes them for exponential, which shifts it by this much.
    const exact = meanWait(services, row.rho)
    const shift = Math.abs(exact / (row.meanWait * service) - 1)
    expect(shift).toBeLessThan(0.01)
    expectNear(waits, exact, ROUNDING_NS)
    expectNear(waits, row.meanWait * service, row.meanWait * service * shift + ROUNDING_NS)
    const p99 = row.sojournQuantile['0.99'] * service
    expectNear(
      batches.map(({ p99Ns }) => p99Ns),
      p99,
      p99 * (2 * shift + RESOLUTION) + ROUNDING_NS,
    )
  })
})

describe('a NIC with a short queue', () => {
  const rows = queues.mm1k.rows.filter(
    ({ rho, K, loss }) => K <= 50 && loss > 0.02 && (LONG || (K >= 5 && K <= 10 && rho !== 0.95 && rho >= 0.8 && loss > 0.05)),
  )

  it.each(rows)('loses as M/M/1/K at load $rho with K = $K', ({ rho, K, loss }) => {
    const link: Link = { ...EXPONENTIAL, queue: K, rho }
    const services = servicesOf(link)
    const exact = lossOf(services, rho, K)
    const batches = batchesOf(link, BATCHES, PACKETS / 2, 100 * K, meanOf(services)).map(({ lost }) => lost)
    expectNear(batches, exact, 0)
    expectNear(batches, loss, Math.abs(exact - loss))
    expect(Math.abs(exact - loss)).toBeLessThan(loss * 0.03)
  })

  it.each([
    { rho: 0.8, K: 2 },
    { rho: 1, K: 5 },
    { rho: 1.2, K: 20 },
  ])('loses as M/D/1/K at load $rho with K = $K', ({ rho, K }) => {
    const link: Link = { ...CONSTANT, queue: K, rho }
    const services = servicesOf(link)
    const batches = batchesOf(link, BATCHES, PACKETS / 2, 100 * K, meanOf(services)).map(({ lost }) => lost)
    expectNear(batches, lossOf(services, rho, K), 0)
  })
})
