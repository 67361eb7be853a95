// The use of one finite thing over virtual time, in bounded memory: every change while there are few of them, and when there are many, per
// slice of time the highest level and the last one. The peak and its moment are never lost.

/** Slices that the time of a run is cut into once a timeline has many changes. */
const SLICES = 200
/** Changes up to this many are kept one by one. */
const EXACT = 400

export class TimelineRecorder {
  private exact: [number, number][] | null = []
  /** Per slice: moment and level of the highest, moment and level of the last. */
  private readonly slices: (Float64Array | undefined)[] = []
  private readonly sliceNs: number
  private level = -1
  /** The first level of all. */
  private firstNs = -1
  private firstLevel = 0
  peak = 0
  peakNs = 0

  constructor(durationNs: number) {
    this.sliceNs = Math.max(1, durationNs / SLICES)
  }

  get used(): number {
    return Math.max(0, this.level)
  }

  record(atNs: number, level: number): void {
    if (level === this.level) return
    this.level = level
    if (this.firstNs < 0 || this.firstNs === atNs) {
      this.firstNs = atNs
      this.firstLevel = level
    }
    if (level > this.peak) {
      this.peak = level
      this.peakNs = atNs
    }
    if (this.exact === null) this.slice(atNs, level)
    else if (keep(this.exact, atNs, level) > EXACT) {
      for (const [momentNs, value] of this.exact) this.slice(momentNs, value)
      this.exact = null
    }
  }

  private slice(atNs: number, level: number): void {
    const at = Math.min(SLICES, Math.floor(atNs / this.sliceNs))
    const slice = this.slices[at]
    if (slice === undefined) {
      this.slices[at] = Float64Array.of(atNs, level, atNs, level)
      return
    }
    if (level > slice[1]) {
      slice[0] = atNs
      slice[1] = level
    }
    slice[2] = atNs
    slice[3] = level
  }

  /** Pairs of moment and level, in order of time, where the level changed. */
  points(): [number, number][] {
    const first: [number, number][] = this.firstNs < 0 ? [] : [[this.firstNs, this.firstLevel]]
    const points = this.exact ?? [...first, ...this.slices.flatMap(pointsOf)]
    return points.filter(([, level], i) => i === 0 || level !== points[i - 1][1]).map(([atNs, level]) => [atNs, level])
  }
}

function pointsOf(slice: Float64Array | undefined): [number, number][] {
  if (slice === undefined) return []
  const [highNs, high, lastNs, last] = slice
  return lastNs > highNs
    ? [
        [highNs, high],
        [lastNs, last],
      ]
    : [[highNs, high]]
}

/** Adds a level; of one moment the last is kept, and the highest if it is above what was before. Returns how many points there are. */
function keep(points: [number, number][], atNs: number, level: number): number {
  const last = points[points.length - 1]
  if (last?.[0] !== atNs) return points.push([atNs, level])
  const before = points[points.length - 2]
  if (before?.[0] === atNs) {
    before[1] = Math.max(before[1], level)
    last[1] = level
  } else if (level < last[1] && last[1] > (before?.[1] ?? 0)) points.push([atNs, level])
  else last[1] = level
  return points.length
}
