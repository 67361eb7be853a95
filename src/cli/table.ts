// Aligned columns of text.

export type Align = 'left' | 'right'

/** Rows as lines: each column as wide as its widest cell, two spaces between, no blanks at the ends. Cells hold no colour codes. */
export function alignRows(rows: readonly (readonly string[])[], aligns: readonly Align[]): string[] {
  const widths = aligns.map((_, column) => Math.max(0, ...rows.map(row => (row[column] ?? '').length)))
  return rows.map(row =>
    aligns
      .map((align, column) =>
        align === 'left' ? (row[column] ?? '').padEnd(widths[column]) : (row[column] ?? '').padStart(widths[column]),
      )
      .join('  ')
      .trimEnd(),
  )
}
