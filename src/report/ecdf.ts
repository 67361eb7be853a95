// Two distributions over each other: which share of the values is at most so large. Every value is in it, outliers too.
import { numbersBehind, text } from './html.js'
import { plot } from './plot.js'
import { linear, logarithmic, type Scale } from './scale.js'

/** Pairs of value and the share of values that are at most as large, both rising. */
export type Distribution = readonly (readonly [number, number])[]

export interface Overlay {
  readonly title: string
  readonly note: string
  /** What the values are. */
  readonly label: string
  readonly format: (value: number) => string
  readonly a: Distribution
  readonly b: Distribution
  /** Rows behind the drawing, with their head. */
  readonly rows: readonly (readonly string[])[]
}

/** Of samples: each is a step. */
export function distributionOf(samples: readonly number[]): Distribution {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted.map((value, i) => [value, (i + 1) / sorted.length])
}

/** Beyond this ratio of the greatest to the least the axis goes by powers of ten. */
const WIDE = 30

/** A figure whose two lines carry A's and B's colours. */
export function overlayFigure({ title, note, label, format, a, b, rows }: Overlay): string {
  const values = [...a, ...b].map(([value]) => value)
  const least = Math.min(...values)
  const most = Math.max(...values)
  const scale: Scale = least > 0 && most / least > WIDE ? logarithmic(least, most) : linear(least, most)
  const line = (name: string, points: Distribution) => ({
    name,
    points: points.length === 0 ? [] : [...start(points), ...points],
    step: true,
  })
  const drawing = plot({
    description: `${title}: share of values that are at most so large, of A ${told(a, format)} and of B ${told(b, format)}`,
    x: { scale, label, format },
    y: { scale: linear(0, 1), label: '', format: share => `${Math.round(share * 100)} %` },
    lines: [line('A', a), line('B', b)],
  })
  return `<figcaption><bdi>${text(title)}</bdi> <span>${text(note)}</span></figcaption>${drawing}${numbersBehind(rows)}`
}

/** The first step begins at zero. */
const start = (points: Distribution): Distribution => [[points[0][0], 0]]

function told(points: Distribution, format: (value: number) => string): string {
  if (points.length === 0) return 'none'
  const middle = points.find(([, share]) => share >= 0.5) ?? points[points.length - 1]
  return `from ${format(points[0][0])} over ${format(middle[0])} in the middle to ${format(points[points.length - 1][0])}`
}

/** Figures of which one is seen at a time, the first to begin with; on paper and without scripts all of them. */
export function picked(id: string, label: string, figures: readonly { readonly name: string; readonly html: string }[]): string {
  if (figures.length === 0) return ''
  const options = figures.map(({ name }) => `<option>${text(name)}</option>`).join('')
  const picker =
    figures.length > 1 ? `<p class="picker" data-picks="${id}" hidden><label>${text(label)} <select>${options}</select></label></p>` : ''
  return `${picker}${figures.map(({ html }) => `<figure data-pick-of="${id}">${html}</figure>`).join('')}`
}
