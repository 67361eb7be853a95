// Horizontal bars with their names and numbers: parts of a whole, longest first as they are given.
import { text } from './html.js'

export interface Bar {
  readonly name: string
  readonly value: number
  readonly words: string
}

export function bars(rows: readonly Bar[], description: string): string {
  const most = Math.max(...rows.map(({ value }) => value), 1)
  const items = rows.map(
    ({ name, value, words }) =>
      `<div class="bar"><span class="bar-name">${text(name)}</span><span class="bar-track"><i style="width:${((value / most) * 100).toFixed(2)}%"></i></span>` +
      `<span class="bar-words">${text(words)}</span></div>`,
  )
  return `<div class="bars" role="img" aria-label="${text(description)}">${items.join('')}</div>`
}
