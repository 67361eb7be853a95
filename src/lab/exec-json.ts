// JSON as iproute2 writes it (lib/json_writer.c): on one line, or with -p four spaces a level and plain lists on one line.

export type Json = string | number | boolean | readonly Json[] | { readonly [name: string]: Json | undefined }

export function iproute2Json(value: Json, pretty: boolean): string {
  let out = ''
  let depth = 0
  const newline = (): void => {
    if (pretty) out += `\n${' '.repeat(4 * depth)}`
  }
  const write = (item: Json): void => {
    if (Array.isArray(item)) {
      out += pretty ? '[ ' : '['
      depth++
      item.forEach((one, i) => {
        if (i > 0) out += ','
        write(one)
      })
      depth--
      out += pretty && item.length > 0 ? ' ]' : ']'
    } else if (typeof item === 'object') {
      out += '{'
      depth++
      const fields = Object.entries(item).filter((field): field is [string, Json] => field[1] !== undefined)
      fields.forEach(([name, field], i) => {
        if (i > 0) out += ','
        newline()
        out += `${JSON.stringify(name)}:${pretty ? ' ' : ''}`
        write(field)
      })
      depth--
      if (fields.length > 0) newline()
      out += '}'
    } else out += JSON.stringify(item)
  }
  write(value)
  return `${out}\n`
}
