// Which build this is: a hash over the compiled program. Two builds of one version differ in it as soon as one line of code does.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that the compiler writes. */
const PROGRAM = fileURLToPath(new URL('../../', import.meta.url))

/** Twelve hex digits over every file of the program and of its threads. */
export function buildHash(): string {
  const hash = createHash('sha256')
  for (const folder of ['src', 'workers']) {
    const files = readdirSync(join(PROGRAM, folder), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.js'))
    for (const name of files.sort()) hash.update(`${folder}/${name}\n`).update(readFileSync(join(PROGRAM, folder, name)))
  }
  return hash.digest('hex').slice(0, 12)
}
