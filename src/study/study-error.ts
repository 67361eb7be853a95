// What was asked of a study cannot be done, though the study itself is in order: a part that there is not, parts of another version, a file
// that fits into no manifest. The message says what to do.

export class StudyError extends Error {
  override name = 'StudyError'
}

/** Parts were to be put together, and points are in none of them. */
export class PointsMissing extends StudyError {
  override name = 'PointsMissing'
  /** `cells`: those that lack points. */
  constructor(
    message: string,
    readonly cells: readonly number[],
  ) {
    super(message)
  }
}
