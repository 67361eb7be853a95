// A worker with threads of a test's own: node worker.mjs URL THREAD. Ends with ^C.
import { work } from '../../../dist/src/queue/worker.js'

const [, , url, entry] = process.argv
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
await work({
  url,
  threads: 1,
  lockMs: 1000,
  idleMs: null,
  graceMs: 5000,
  stop: stop.signal,
  quit: new AbortController().signal,
  say: sentence => process.stderr.write(`${sentence}\n`),
  entry: new URL(entry),
})
