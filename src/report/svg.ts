// The smallest parts of a drawing, and words that fit into it.
import { text } from './html.js'

/** A coordinate, exact enough for any screen. */
export const place = (value: number): string => value.toFixed(1)

/** Words at a place; `whole` is told when they were shortened. */
export const label = (x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', whole: string = words): string =>
  `<text x="${place(x)}" y="${place(y)}" text-anchor="${anchor}">${whole !== words ? `<title>${text(whole)}</title>` : ''}${text(words)}</text>`

/** The end of a longer name: what tells nodes, paths and numbers apart stands there. Counts characters, so none is cut in two. */
export function shortened(words: string, most: number): string {
  const characters = [...words]
  return characters.length > most ? `…${characters.slice(1 - most).join('')}` : words
}
