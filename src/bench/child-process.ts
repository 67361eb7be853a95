// Starts the process that takes one sample, and reads its one line. A process that dies says why, in a sentence.
import { spawn } from 'node:child_process'
import type { Request } from './protocol.js'

/** A process that was to take a sample did not: a fault of the build it belongs to. */
export class ChildError extends Error {
  override name = 'ChildError'
}

/** Somebody asked for the end while a sample was being taken. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

/** Garbage is collected before the clock runs, which only a process that may ask for it can do. */
const NODE_FLAGS = ['--expose-gc']

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

/** Its answer as data. Throws {@link ChildError}, or {@link Interrupted} once `signal` is aborted. */
export async function askChild(entry: string, request: Request, signal?: AbortSignal): Promise<unknown> {
  if (signal?.aborted) throw new Interrupted('interrupted')
  const { code, signal: by, out, err } = await ended(entry, request, signal)
  // ^C in a terminal reaches the child as well, perhaps before it reaches us.
  if (signal?.aborted || by === 'SIGINT') throw new Interrupted('interrupted')
  if (code !== 0) throw new ChildError(`the process ended ${by === null ? `with code ${code}` : `by ${by}`}${why(err)}`)
  try {
    return JSON.parse(out)
  } catch {
    throw new ChildError(`the process answered ${JSON.stringify(out.slice(0, 80))}, which is no JSON`)
  }
}

function ended(entry: string, request: Request, signal: AbortSignal | undefined): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...NODE_FLAGS, entry, JSON.stringify(request)], { stdio: ['ignore', 'pipe', 'pipe'] })
    const kill = (): void => {
      child.kill('SIGKILL')
    }
    signal?.addEventListener('abort', kill, { once: true })
    const texts = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      texts.out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      texts.err += text
    })
    child.once('error', error => reject(new ChildError(`the process did not start: ${error.message}`)))
    child.once('close', (code, by) => {
      signal?.removeEventListener('abort', kill)
      resolve({ code, signal: by, ...texts })
    })
  })
}

/** The line that names the error; a stack only helps those who ask for it. */
function why(err: string): string {
  if (err.trim() === '') return ''
  if (process.env.VXLANE_DEBUG) return `:\n${err.trimEnd()}`
  const lines = err.split('\n').filter(line => line.trim() !== '')
  return `: ${(lines.find(line => /^\w*(Error|FATAL)\b/.test(line)) ?? lines[lines.length - 1]).trim()}`
}
