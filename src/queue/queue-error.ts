// What keeps a study or a worker from using its queue: no package, no Redis, a refused password, no memory. None of it is a fault of
// the program, and what was finished before is kept; so it ends with exit code 2, as an output folder does that cannot be written.

export class QueueError extends Error {
  override name = 'QueueError'
}
