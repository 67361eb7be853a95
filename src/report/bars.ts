// Horizontal bars with their names and numbers: parts of a whole, longest first as they are given.
import { count } from '../base/units.js'
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

/** Pairs of bars: A's over B's, both to one scale. */
export function barPairs(rows: readonly { readonly name: string; readonly a: number; readonly b: number }[], description: string): string {
  const most = Math.max(...rows.flatMap(({ a, b }) => [a, b]), 1)
  const bar = (value: number, side: 'a' | 'b'): string =>
    `<div class="pair-line"><span class="bar-track"><i class="${side}" style="width:${((value / most) * 100).toFixed(2)}%"></i></span><span class="bar-words">${side.toUpperCase()} ${text(count(value))}</span></div>`
  const items = rows.map(
    ({ name, a, b }) => `<div class="pair"><span class="bar-name">${text(name)}</span><div>${bar(a, 'a')}${bar(b, 'b')}</div></div>`,
  )
  return `<div class="bars" role="img" aria-label="${text(description)}">${items.join('')}</div>`
}
