// Writes a scenario as YAML for people: block style, short lists on one line, comments where the reader should look twice.
import { stringify } from 'yaml'

export type Entry = string | number | boolean | null | undefined | readonly string[] | readonly Entries[] | Entries
/** Keys and values in the order they are written; undefined ones are left out. The key "#" is a comment on what follows it. */
export interface Entries {
  readonly [key: string]: Entry
}

/** Plain where YAML allows it; quoted with line ends, and inside of lists also with the characters that end an item. */
function scalar(value: string | number | boolean | null, inList = false): string {
  if (typeof value === 'string' && (/[\r\n]/.test(value) || (inList && /[[\]{},]/.test(value)))) return JSON.stringify(value)
  return stringify(value, { lineWidth: 0 }).trimEnd()
}

/** Lines of a mapping, indented by so many spaces. */
export function yamlBlock(entries: Entries, indent: number): string[] {
  const pad = ' '.repeat(indent)
  return Object.entries(entries).flatMap(([key, value]) => {
    if (value === undefined || (key === '#' && value === null)) return []
    if (key === '#') return [`${pad}# ${value}`]
    const name = `${pad}${scalar(key)}:`
    if (typeof value !== 'object' || value === null) return [`${name} ${scalar(value)}`]
    if (!Array.isArray(value)) return [name, ...yamlBlock(value as Entries, indent + 2)]
    const items = value as readonly (string | Entries)[]
    if (items.every(item => typeof item === 'string')) return [`${name} [${items.map(item => scalar(item, true)).join(', ')}]`]
    return [name, ...items.flatMap(item => listItem(item as Entries, indent + 2))]
  })
}

function listItem(entries: Entries, indent: number): string[] {
  const lines = yamlBlock(entries, indent + 2)
  return [`${' '.repeat(indent)}- ${lines[0].trimStart()}`, ...lines.slice(1)]
}

/** The command line as comment lines, one flag a line. */
export function commentedCommand(words: readonly string[]): string[] {
  const lines: string[] = []
  for (const word of words) {
    const shown = /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/[\r\n]+/g, ' ').replaceAll("'", "'\\''")}'`
    if (lines.length === 0 || word.startsWith('-')) lines.push(shown)
    else lines[lines.length - 1] += ` ${shown}`
  }
  return lines.map((line, i) => `#   ${i > 0 ? '  ' : ''}${line}${i < lines.length - 1 ? ' \\' : ''}`)
}

/** Marks where the commented example begins; the lines after it become part of the scenario when their "# " is taken away. */
export const EXAMPLE_MARK = '# What runs in the cluster is not in the command line. An example, to be changed and put into force:'

const ACTIVE_EXAMPLE = `duration: 2s

workloads:
  - { namespace: shop, name: web, replicas: 6 }
  - { namespace: shop, name: client, replicas: 12 }

traffic:
  - name: east-west
    from: { workload: shop/client }
    to: { workload: shop/web, port: 8080 }
    size: 1000B
    rate: 100/s
    arrivals: poisson
    answer: { size: 200B, after: 1ms }

assert:
  - drops.total == 0
  - totals.sent > 4000`

/** A small workload with traffic, commented out. */
export const EXAMPLE: readonly string[] = [EXAMPLE_MARK, ...ACTIVE_EXAMPLE.split('\n').map(line => (line === '' ? '#' : `# ${line}`))]
