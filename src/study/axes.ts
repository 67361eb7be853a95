// The points of a study: every combination of the axes' steps, the last axis moving fastest.
import { parse, stringify } from 'yaml'
import type { Assignment, Axis } from './model.js'

/** What all axes set together, one entry for each path. */
export type Combination = readonly Assignment[]

export const combinationCount = (axes: readonly Axis[]): number => axes.reduce((count, { steps }) => count * steps.length, 1)

export function combinationAt(axes: readonly Axis[], index: number): Combination {
  const parts: (readonly Assignment[])[] = []
  let rest = index
  for (const { steps } of axes.toReversed()) {
    parts.unshift(steps[rest % steps.length])
    rest = Math.floor(rest / steps.length)
  }
  return parts.flat()
}

/** What a combination is called, axis by axis. */
export function labelsAt(axes: readonly Axis[], index: number): string[] {
  const found: string[] = []
  let rest = index
  for (const { steps, labels } of axes.toReversed()) {
    const step = rest % steps.length
    found.unshift(labels?.[step] ?? steps[step].map(({ value }) => shown(value)).join(', '))
    rest = Math.floor(rest / steps.length)
  }
  return found
}

/** An assignment as `--set` takes it. Text stays as it is where YAML reads it as text, everything else is JSON, which is YAML too. */
export function asOption({ path, value }: Assignment): string {
  if (value === undefined) return `${path}=null`
  if (typeof value === 'string' && isPlain(value)) return `${path}=${value}`
  return `${path}=${JSON.stringify(value)}`
}

function isPlain(text: string): boolean {
  if (!/^[\w./%+-]+$/.test(text)) return false
  try {
    return parse(text) === text
  } catch {
    return false
  }
}

/** A value as people read it in a table. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'none'
  return typeof value === 'string'
    ? value
    : typeof value === 'object'
      ? stringify(value, { collectionStyle: 'flow' }).trim()
      : String(value)
}
