// Bytes of a file, or of standard input for "-", a megabyte at a time: what is larger than memory is never whole in it.
import { closeSync, openSync, readSync } from 'node:fs'

const CHUNK = 1024 * 1024
const STDIN = 0

/** Chunks are valid until the next one is asked for. */
export function* fileChunks(path: string): Generator<Uint8Array> {
  const file = path === '-' ? STDIN : openSync(path, 'r')
  const buffer = Buffer.allocUnsafe(CHUNK)
  try {
    for (;;) {
      const length = readAgain(file, buffer)
      if (length === 0) return
      yield buffer.subarray(0, length)
    }
  } finally {
    if (file !== STDIN) closeSync(file)
  }
}

/** A pipe that has nothing yet says so; then it is asked again. At the end of some terminals and pipes comes an error instead of nothing. */
function readAgain(file: number, buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(file, buffer)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EOF') return 0
      if (code !== 'EAGAIN') throw error
    }
  }
}
