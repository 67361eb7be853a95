// From values to places on a drawing, and the values worth a mark on an axis.

export interface Scale {
  readonly low: number
  readonly high: number
  /** 0 at `low`, 1 at `high`. */
  at(value: number): number
  readonly ticks: readonly number[]
}

/** A linear scale whose ends are round numbers; `from` zero unless the values are told to speak for themselves. */
export function linear(low: number, high: number, marks = 5): Scale {
  const span = high > low ? high - low : 1
  const step = roundStep(span / marks)
  const first = Math.floor(low / step + 1e-9) * step
  const last = Math.max(first + step, Math.ceil((low + span) / step - 1e-9) * step)
  const ticks = Array.from({ length: Math.round((last - first) / step) + 1 }, (_, i) => first + i * step)
  return { low: first, high: last, at: value => (value - first) / (last - first), ticks }
}

/** Seconds between marks on an axis of time: parts of a second by tens, then as clocks and calendars have them. */
export const TIME_STEPS: readonly number[] = [
  ...[-9, -8, -7, -6, -5, -4, -3, -2, -1].flatMap(power => [1, 2, 5].map(factor => Number(`${factor}e${power}`))),
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map(minutes => minutes * 60),
  ...[1, 2, 3, 6, 12].map(hours => hours * 3600),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map(days => days * 86_400),
]

/** Seconds of virtual time from 0 on. */
export function timeScale(endSeconds: number): Scale {
  return exact(
    0,
    endSeconds,
    TIME_STEPS.find(step => step * 7 >= endSeconds),
  )
}

/** Exactly from `low` to `high`, with round marks in between: for what does not go on past its end. */
export function exact(low: number, high: number, step = roundStep((high > low ? high - low : 1) / 6)): Scale {
  const span = high > low ? high - low : 1
  const first = Math.ceil(low / step - 1e-9)
  const ticks = Array.from({ length: Math.floor((low + span) / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step)
  return { low, high: low + span, at: value => (value - low) / span, ticks }
}

/** Powers of ten; both ends above zero. */
export function logarithmic(low: number, high: number): Scale {
  const first = Math.floor(Math.log10(low) + 1e-9)
  const last = Math.max(first + 1, Math.ceil(Math.log10(high) - 1e-9))
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i))
  return { low: 10 ** first, high: 10 ** last, at: value => (Math.log10(Math.max(value, 10 ** first)) - first) / (last - first), ticks }
}

/** 1, 2 or 5 times a power of ten, the least that is not below `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const factor = [1, 2, 5, 10].find(candidate => candidate * power >= step * (1 - 1e-9)) ?? 10
  return factor * power
}
