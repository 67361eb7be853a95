// "Did you mean": the known name nearest to what was typed, by edit distance with neighbouring letters swapped counted as one
// edit (optimal string alignment). Nothing is suggested when half of the name would have to change.

function distance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) row[j] = Math.min(row[j], before[j - 2] + 1)
    }
    before = above
    above = row
  }
  return above[b.length]
}

/** Of a long list only so many are compared: a suggestion is a courtesy and must not take long. */
const MOST_COMPARED = 2000

/** The nearest of `known`, or null when nothing is near. Letter case does not count. */
export function nearest(typed: string, known: readonly string[]): string | null {
  let best: string | null = null
  let least = Number.POSITIVE_INFINITY
  const wanted = typed.toLowerCase().slice(0, 64)
  for (const name of known.slice(0, MOST_COMPARED)) {
    // No name whose length differs by more can be nearer.
    if (Math.abs(name.length - typed.length) >= least) continue
    const d = distance(wanted, name.toLowerCase().slice(0, 64))
    if (d < least) {
      least = d
      best = name
    }
  }
  return best !== null && least <= Math.max(1, Math.floor(Math.max(wanted.length, best.length) * 0.4)) ? best : null
}

/** A hint: "did you mean X?", else the list of what is known, cut when long. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const near = nearest(typed, known)
  if (near !== null) return `did you mean ${near}?`
  if (known.length === 0) return 'this scenario has none'
  const shown = known.slice(0, 12).join(', ')
  return `known here: ${shown}${known.length > 12 ? `, … (${known.length} in all)` : ''}`
}
