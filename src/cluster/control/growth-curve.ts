// How many replicas a growth curve asks for at a moment, and when it next asks for another number. Between two such moments nothing needs
// to be looked at: a year of growth costs as many events as pods, not as many as seconds.
import type { Growth } from '../../scenario/model-timeline.js'

/** Curves of the transcendental kind change at whole milliseconds, so that the last bit of a logarithm or cosine never shows. */
const STEP_NS = 1e6
/** A diurnal curve is read this many times a period: every five minutes of a day. */
const READINGS = 288

/** Replicas at a moment; `base` are the workload's own. */
export function replicasAt(growth: Growth, base: number, atNs: number): number {
  switch (growth.kind) {
    case 'linear': {
      const since = Math.max(0, atNs - growth.startNs)
      return within(base, base + Math.floor((since * growth.add) / growth.perNs), growth.most)
    }
    case 'exponential': {
      const since = Math.max(0, atNs - growth.startNs)
      // A hair above, for the moment at which the n-th pod is due, was rounded up to it.
      return within(base, Math.floor(base * 2 ** (since / growth.doublingNs) + 1e-9), growth.most)
    }
    case 'diurnal': {
      const reading = Math.floor(atNs / readingOf(growth.periodNs))
      const phase = (reading * readingOf(growth.periodNs) - growth.peakAtNs) / growth.periodNs
      return Math.round(growth.mean + growth.amplitude * Math.cos(2 * Math.PI * phase))
    }
    case 'trace': {
      let replicas = base
      for (const point of growth.points) {
        if (point.atNs > atNs) break
        replicas = point.replicas
      }
      return replicas
    }
  }
}

const within = (base: number, value: number, most: number): number => Math.max(base, Math.min(value, most))

const readingOf = (periodNs: number): number => Math.max(STEP_NS, Math.round(periodNs / READINGS))

/** The next moment after `atNs` at which the curve may ask for another number; Infinity when it never will. */
export function nextChangeAfter(growth: Growth, base: number, atNs: number): number {
  switch (growth.kind) {
    case 'linear': {
      const next = replicasAt(growth, base, atNs) + 1
      if (next > growth.most) return Number.POSITIVE_INFINITY
      return growth.startNs + Math.ceil(((next - base) * growth.perNs) / growth.add)
    }
    case 'exponential': {
      const next = replicasAt(growth, base, atNs) + 1
      if (next > growth.most || base === 0) return Number.POSITIVE_INFINITY
      const since = growth.doublingNs * Math.log2(next / base)
      return Math.max(growth.startNs + Math.ceil(since / STEP_NS) * STEP_NS, Math.floor(atNs / STEP_NS + 1) * STEP_NS)
    }
    case 'diurnal': {
      const reading = readingOf(growth.periodNs)
      return (Math.floor(atNs / reading) + 1) * reading
    }
    case 'trace':
      return growth.points.find(point => point.atNs > atNs)?.atNs ?? Number.POSITIVE_INFINITY
  }
}
