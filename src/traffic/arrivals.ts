// When a flow sends next: constant spacing, Poisson (exponential gaps), or Poisson while "on" with exponential on and off phases. Exact
// times are kept as fractions of a nanosecond and rounded only for the event, so no rate drifts.

import { exponentialOf } from '../base/exponential.js'
import type { ImageColumns } from '../image/image.js'
import { Arrivals } from '../image/kinds.js'
import { drawUniform, drawWord, Flow, type Flows } from './flows.js'

/** Moves the flow's exact time from its start to its first packet. */
export function firstArrival(flows: Flows, image: ImageColumns, flow: number): void {
  const traffic = flows.words[flow * Flow.WORDS + Flow.TRAFFIC]
  const kind = image.trafficArrivals[traffic]
  // A constant flow's start is its first packet: compile drew the phase.
  if (kind === Arrivals.constant) return
  if (kind === Arrivals.onOff) {
    const on = image.trafficOnNs[traffic]
    const share = on / (on + image.trafficOffNs[traffic])
    const isOn = drawUniform(flows, flow) < share
    const start = flows.doubles[flow * Flow.DOUBLES + Flow.NEXT]
    // Exponential phases have no memory: what is left of the first one is distributed like a whole one.
    flows.phaseEnd[flow] = start + exponentialOf(drawWord(flows, flow)) * (isOn ? on : image.trafficOffNs[traffic])
    if (!isOn) beginOn(flows, image, flow, traffic)
  }
  nextArrival(flows, image, flow)
}

/** Moves the flow's exact time to its next packet. */
export function nextArrival(flows: Flows, image: ImageColumns, flow: number): void {
  const d = flow * Flow.DOUBLES + Flow.NEXT
  const traffic = flows.words[flow * Flow.WORDS + Flow.TRAFFIC]
  const kind = image.trafficArrivals[traffic]
  const interval = image.trafficIntervalNs[traffic]
  if (kind === Arrivals.constant) flows.doubles[d] += interval
  else if (kind === Arrivals.poisson) flows.doubles[d] += exponentialOf(drawWord(flows, flow)) * interval
  else nextOnOff(flows, image, flow, traffic, interval)
}

function nextOnOff(flows: Flows, image: ImageColumns, flow: number, traffic: number, interval: number): void {
  const d = flow * Flow.DOUBLES + Flow.NEXT
  for (;;) {
    const at = flows.doubles[d] + exponentialOf(drawWord(flows, flow)) * interval
    if (at < flows.phaseEnd[flow]) {
      flows.doubles[d] = at
      return
    }
    // The on phase ended first: an off phase follows, then a new on phase in which the gap is drawn anew.
    flows.phaseEnd[flow] += exponentialOf(drawWord(flows, flow)) * image.trafficOffNs[traffic]
    beginOn(flows, image, flow, traffic)
  }
}

/** An off phase ends at `phaseEnd`; the on phase that follows begins there. */
function beginOn(flows: Flows, image: ImageColumns, flow: number, traffic: number): void {
  flows.doubles[flow * Flow.DOUBLES + Flow.NEXT] = flows.phaseEnd[flow]
  flows.phaseEnd[flow] += exponentialOf(drawWord(flows, flow)) * image.trafficOnNs[traffic]
}
