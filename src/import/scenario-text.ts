// Writes a scenario as YAML for people: block style, short lists on one line, comments where the reader should look twice.
import { stringify } from 'yaml'

/** Written in one line, as in { name: web, replicas: 3 }; what may follow it is a comment. */
export class Inline {
  constructor(
    readonly value: Entry,
    readonly comment: string | null = null,
  ) {}
}

export type Entry = string | number | boolean | null | undefined | readonly Entry[] | Inline | Entries
/** Keys and values in the order they are written; undefined ones are left out. The keys "#", "#1", "#2" … are comments on what follows them. */
export interface Entries {
  readonly [key: string]: Entry
}

const COMMENT = /^#\d*$/
/** Longer lines are hard to read, and a formatter would cut them. */
const LINE_WIDTH = 140

/** What needs no quotes wherever it stands: a word that YAML takes for nothing else, or an address. */
const PLAIN = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[a-z][a-z0-9_./-]*$|^\d+\.\d+\.\d+\.\d+(\/\d+)?$/i

/** Plain where YAML allows it; quoted with line ends, and inside of lists also with the characters that end an item. */
function scalar(value: string | number | boolean | null, inList = false): string {
  if (typeof value === 'string') {
    if (PLAIN.test(value)) return value
    if (/[\r\n]/.test(value) || (inList && /[[\]{},]/.test(value))) return JSON.stringify(value)
  }
  return stringify(value, { lineWidth: 0 }).trimEnd()
}

/** In one line. */
function flow(value: Entry): string {
  if (value instanceof Inline) return flow(value.value)
  if (Array.isArray(value)) return `[${(value as readonly Entry[]).map(flow).join(', ')}]`
  if (typeof value !== 'object' || value === null) return scalar(value ?? null, true)
  const entries = Object.entries(value).filter(([key, item]) => item !== undefined && !COMMENT.test(key))
  return entries.length === 0 ? '{}' : `{ ${entries.map(([key, item]) => `${scalar(key, true)}: ${flow(item)}`).join(', ')} }`
}

const isBlock = (value: Entry): value is Entries =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Inline) && Object.keys(value).length > 0

const commentOf = (value: Entry): string => (value instanceof Inline && value.comment !== null ? ` # ${value.comment}` : '')

/** What is meant for one line and too long for it goes over several, part by part. */
function unfolded(value: Inline): Entry {
  const parts = value.value
  if (Array.isArray(parts)) return (parts as readonly Entry[]).map(part => new Inline(part))
  const entries = Object.entries(parts as Entries).map(([key, part]) => [
    key,
    isBlock(part) || Array.isArray(part) ? new Inline(part) : part,
  ])
  return { '#': value.comment, ...Object.fromEntries(entries) }
}

const isFoldable = ({ value }: Inline): boolean => isBlock(value) || (Array.isArray(value) && value.length > 0)

/** Lines of a mapping, indented by so many spaces. */
export function yamlBlock(entries: Entries, indent: number): string[] {
  const pad = ' '.repeat(indent)
  return Object.entries(entries).flatMap(([key, value]) => {
    if (value === undefined || (COMMENT.test(key) && value === null)) return []
    if (COMMENT.test(key)) return [`${pad}# ${value}`]
    return entryLines(`${pad}${scalar(key)}:`, value, indent)
  })
}

function entryLines(name: string, value: Entry, indent: number): string[] {
  if (isBlock(value)) return [name, ...yamlBlock(value, indent + 2)]
  const isLong = Array.isArray(value) && value.length > 0 && value.every(item => isBlock(item) || item instanceof Inline)
  if (isLong) return [name, ...(value as readonly (Inline | Entries)[]).flatMap(item => listItem(item, indent + 2))]
  const line = `${name} ${typeof value === 'object' ? flow(value) : scalar(value ?? null)}${commentOf(value)}`
  const isTooLong = line.length > LINE_WIDTH && value instanceof Inline && isFoldable(value)
  return isTooLong ? entryLines(name, unfolded(value), indent) : [line]
}

function listItem(item: Inline | Entries, indent: number): string[] {
  const pad = ' '.repeat(indent)
  if (item instanceof Inline) {
    const line = `${pad}- ${flow(item)}${commentOf(item)}`
    return line.length > LINE_WIDTH && isBlock(item.value) ? listItem(unfolded(item) as Entries, indent) : [line]
  }
  const lines = yamlBlock(item, indent + 2)
  const first = lines.findIndex(line => !line.trimStart().startsWith('#'))
  const comments = lines.slice(0, first).map(line => pad + line.trimStart())
  return [...comments, `${pad}- ${lines[first].trimStart()}`, ...lines.slice(first + 1)]
}

/** The same as plain data: without comments, and whatever is to be written in one line. */
export function plainOf(value: Entry): unknown {
  if (value instanceof Inline) return plainOf(value.value)
  if (Array.isArray(value)) return (value as readonly Entry[]).map(plainOf)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key, item]) => item !== undefined && !COMMENT.test(key))
  return Object.fromEntries(entries.map(([key, item]) => [key, plainOf(item)]))
}

/** What no tool of Azure prints, and where vxlane differs from it. */
export const tunnelNote = (isOverlay: boolean): readonly string[] =>
  isOverlay
    ? [
        '# Latency, queues and encapsulation are not part of it: vxlane takes its defaults (fabric.encapsulation: vxlan). Azure itself routes',
        '# pod addresses without a tunnel; write fabric.encapsulation: none for that. Look for: which addresses run out first.',
      ]
    : ['# Latency and queues are not part of it: vxlane takes its defaults. Look for: which addresses run out first.']

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
