// The bench of the control plane cannot rot: it runs here in a small size, and in its real size in the long run.
import { expect, it } from 'vitest'
import { benchControlPlane } from '../../bench/control-plane.js'

const LONG = process.env.VXLANE_LONG !== undefined

it('plans pods that come and go', () => {
  const wanted = LONG ? 1_000_000 : 50_000
  const { podEvents, seconds } = benchControlPlane(wanted, () => performance.now())
  console.log(`${podEvents} pod events in ${seconds.toFixed(2)} s`)
  expect(podEvents).toBeGreaterThan(wanted * 0.95)
  if (LONG) expect(seconds).toBeLessThan(5)
})
