// What `loadScenario` throws: every mistake of a file at once, each with its place. The message is the text a person reads.
import type { Position } from '../base/yaml-position.js'
import type { Issue } from './issue.js'

/** An issue with where it stands: a position in the file, or the option or object path it came from. */
export interface LocatedIssue extends Issue {
  readonly file: string
  readonly position: Position | null
}

/** `FILE:LINE:COLUMN`, or what stands for it where there is no text. */
export const placeText = ({ file, position }: Pick<LocatedIssue, 'file' | 'position'>): string =>
  position ? `${file}:${position.line}:${position.column}` : file

/** `FILE:LINE:COLUMN: CODE: what is wrong; what to do`. */
export function formatIssue(located: LocatedIssue): string {
  const place = placeText(located)
  const kind = located.severity === 'warning' ? 'warning: ' : ''
  return `${place}: ${kind}${located.code}: ${located.message}${located.hint ? `; ${located.hint}` : ''}`
}

/** A scenario that cannot be used. Never a fault of ours: exit code 2, no stack trace. */
export class ScenarioError extends Error {
  override name = 'ScenarioError'
  constructor(readonly issues: readonly LocatedIssue[]) {
    super(issues.map(formatIssue).join('\n'))
  }
}
