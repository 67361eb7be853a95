// What changed between two texts, line by line: the longest common lines stay, the rest is taken out or put in (Myers, "An O(ND) difference
// algorithm and its variations", 1986). Beyond a number of changes the rest counts as replaced, so that no pair of texts takes long.

export interface DiffLine {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
}

const MOST_CHANGES = 1500

export function lineDiff(a: readonly string[], b: readonly string[]): DiffLine[] {
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const same = (lines: readonly string[]): DiffLine[] => lines.map(text => ({ sign: ' ', text }))
  const middle = between(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  return [...same(a.slice(0, head)), ...middle, ...same(a.slice(a.length - tail))]
}

/** The furthest line of `a` reached on each diagonal after 0, 1, 2 … changes, until both ends meet; then the way back. */
function between(a: readonly string[], b: readonly string[]): DiffLine[] {
  const middle = a.length + b.length + 1
  const reached = new Int32Array(2 * middle + 1)
  const trace: Int32Array[] = []
  for (let changes = 0; changes <= Math.min(a.length + b.length, MOST_CHANGES); changes++) {
    trace.push(reached.slice(middle - changes - 1, middle + changes + 2))
    for (let k = -changes; k <= changes; k += 2) {
      const down = k === -changes || (k !== changes && reached[middle + k - 1] < reached[middle + k + 1])
      let x = down ? reached[middle + k + 1] : reached[middle + k - 1] + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      reached[middle + k] = x
      if (x >= a.length && x - k >= b.length) return wayBack(a, b, trace)
    }
  }
  return [...a.map(text => ({ sign: '-', text }) as const), ...b.map(text => ({ sign: '+', text }) as const)]
}

function wayBack(a: readonly string[], b: readonly string[], trace: readonly Int32Array[]): DiffLine[] {
  const out: DiffLine[] = []
  let x = a.length
  let y = b.length
  for (let changes = trace.length - 1; changes >= 0; changes--) {
    // `before[i]` is the diagonal i - changes - 1.
    const before = trace[changes]
    const at = (k: number): number => before[k + changes + 1]
    const k = x - y
    const down = k === -changes || (k !== changes && at(k - 1) < at(k + 1))
    const fromX = changes === 0 ? 0 : down ? at(k + 1) : at(k - 1)
    const fromY = changes === 0 ? 0 : fromX - (down ? k + 1 : k - 1)
    const [turnX, turnY] = changes === 0 ? [0, 0] : down ? [fromX, fromY + 1] : [fromX + 1, fromY]
    while (x > turnX && y > turnY) {
      x--
      y--
      out.push({ sign: ' ', text: a[x] })
    }
    if (changes > 0) out.push(down ? { sign: '+', text: b[fromY] } : { sign: '-', text: a[fromX] })
    x = fromX
    y = fromY
  }
  return out.reverse()
}

/** Changed lines with so many lines around them, in pieces; the number is the first line's in the first text, from 1. */
export function hunks(lines: readonly DiffLine[], around = 3): { readonly line: number; readonly lines: readonly DiffLine[] }[] {
  const shown = lines.map(() => false)
  lines.forEach(({ sign }, i) => {
    if (sign !== ' ') shown.fill(true, Math.max(0, i - around), Math.min(lines.length, i + around + 1))
  })
  const found: { line: number; lines: DiffLine[] }[] = []
  let line = 1
  lines.forEach((entry, i) => {
    if (shown[i] && !shown[i - 1]) found.push({ line, lines: [] })
    if (shown[i]) found[found.length - 1].lines.push(entry)
    if (entry.sign !== '+') line++
  })
  return found
}
