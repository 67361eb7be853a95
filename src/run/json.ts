// A result as text: JSON that people can read and diff. Every field has its line, but lists of numbers and rows of tables take one
// line each, because a throughput of a thousand intervals is no thousand lines.

/** `result.json`, and what `--json` prints. */
export function toJson(value: unknown): string {
  return `${render(value, '')}\n`
}

function render(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    if (!value.some(item => typeof item === 'object' && item !== null)) return JSON.stringify(value)
    return `[\n${value.map(item => deeper + JSON.stringify(item)).join(',\n')}\n${indent}]`
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  if (fields.length === 0) return '{}'
  return `{\n${fields.map(([name, field]) => `${deeper}${JSON.stringify(name)}: ${render(field, deeper)}`).join(',\n')}\n${indent}}`
}
