// Where a bench's table goes: to stdout, and with `into=FILE` between its marks in a document as well, so that no number there was typed:
//   <!-- NAME -->
//   ...
//   <!-- /NAME -->
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

/** The kind of machine, as a sentence of its own. */
export const machineLine = (): string =>
  `A machine with ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}) and ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}.`

/** Prints `text`, and puts it between the marks of `name` in a file. Throws where the file has no such marks. */
export function put(name: string, text: string, file: string | undefined): void {
  console.log(text)
  if (file === undefined) return
  const before = readFileSync(file, 'utf8')
  const from = before.indexOf(`<!-- ${name} -->`)
  const to = before.indexOf(`<!-- /${name} -->`)
  if (from < 0 || to < from) throw new Error(`${file} has no place for ${name}: <!-- ${name} --> and <!-- /${name} -->`)
  writeFileSync(file, `${before.slice(0, from)}<!-- ${name} -->\n\n${text}\n\n${before.slice(to)}`)
}
