// A mistake in an input file, as a person needs it: where, what, and what to do. Issues are collected, never thrown one by one.

export interface Issue {
  /** Where in the document: keys and indices from the root. */
  readonly path: readonly (string | number)[]
  /** Azure's own error code where it has one (InsufficientSubnetSize, ...), else ours. */
  readonly code: string
  /** What is wrong, with the real numbers. */
  readonly message: string
  /** What to do about it. */
  readonly hint: string
  /** A warning does not stop a run. */
  readonly severity: 'error' | 'warning'
}

export const issue = (path: Issue['path'], code: string, message: string, hint: string): Issue => ({
  path,
  code,
  message,
  hint,
  severity: 'error',
})
export const warning = (path: Issue['path'], code: string, message: string, hint: string): Issue => ({
  path,
  code,
  message,
  hint,
  severity: 'warning',
})
