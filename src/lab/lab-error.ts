// What a lab cannot answer: a name nobody has, a pod that does not run, a command it does not know. Never a fault of ours: exit code 2.

export class LabError extends Error {
  override name = 'LabError'
  constructor(
    readonly code:
      | 'UnknownName'
      | 'PodPending'
      | 'NodeAbsent'
      | 'PortMissing'
      | 'OutsideBoth'
      | 'NoEndpoints'
      | 'UnknownCommand'
      | 'BadTime'
      | 'NotSupportedYet',
    what: string,
    /** What to do about it. */
    readonly hint = '',
  ) {
    super(hint === '' ? what : `${what}; ${hint}`)
  }
}
