// Text into HTML. Whatever a scenario calls its pods stays text: everything that is not written here goes through `text`.

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Any text, fit for element content and quoted attributes. */
export const text = (value: string | number): string => String(value).replace(/[&<>"']/g, sign => ENTITIES[sign])

/** Data for a script element: JSON that cannot end the element or begin a comment in it. */
export const embedded = (data: unknown): string =>
  JSON.stringify(data).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')

export interface TableOptions {
  readonly caption?: string
  /** Columns of words, by number from 0: to the left and broken where they must be. The first column always is. */
  readonly words?: readonly number[]
}

/** A table of texts; the first row is its head, the first cell of each row names it. Columns after the first are numbers unless said. */
export function table(rows: readonly (readonly (string | number)[])[], { caption = '', words = [] }: TableOptions = {}): string {
  const [head, ...body] = rows
  const kind = (column: number): string => (words.includes(column) ? ' class="words"' : '')
  const headCells = head.map((cell, i) => `<th scope="col"${kind(i)}>${text(cell)}</th>`).join('')
  const bodyRows = body.map(([name, ...cells]) => {
    const rest = cells.map((cell, i) => `<td${kind(i + 1)}>${text(cell)}</td>`).join('')
    return `<tr><th scope="row">${text(name)}</th>${rest}</tr>`
  })
  const title = caption === '' ? '' : `<caption>${text(caption)}</caption>`
  return `<table>${title}<thead><tr>${headCells}</tr></thead><tbody>${bodyRows.join('')}</tbody></table>`
}

/** A table that opens on request: the numbers behind a chart. */
export const numbersBehind = (rows: readonly (readonly (string | number)[])[]): string =>
  `<details class="numbers"><summary>the numbers behind it</summary><div class="scroll">${table(rows)}</div></details>`

/** Names and what is to say of each. */
export const facts = (rows: readonly (readonly [name: string, words: string])[]): string =>
  `<div class="scroll"><table class="facts"><tbody>${rows.map(([name, words]) => `<tr><th scope="row">${text(name)}</th><td class="words">${text(words)}</td></tr>`).join('')}</tbody></table></div>`
