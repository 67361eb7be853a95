// A page's script: a module of ours with all that it imports, as one text inside the page. Modules of ours alone, in which no two
// top-level names may be the same: a browser refuses the whole script otherwise, which no test of a page survives.
import { readFileSync } from 'node:fs'
import { invariant } from '../base/invariant.js'

const IMPORT = /^import (?:[^;']*? from )?'(\.[^']+)';?$/gm

/** The module at `entry` and the modules below it, each once, those first that others need. */
export function pageScript(entry: URL): string {
  const parts = new Map<string, string>()
  const add = (file: URL): void => {
    if (parts.has(file.href)) return
    parts.set(file.href, '')
    const source = readFileSync(file, 'utf8')
    for (const [statement, target] of source.matchAll(IMPORT)) {
      invariant(!/ as /.test(statement), `${target}: a name is imported under another, which is lost when modules become one`)
      add(new URL(target, file))
    }
    const text = source
      .replace(IMPORT, '')
      .replace(/^export \{\};?$/gm, '')
      .replace(/^export /gm, '')
      .replace(/^\/\/.*\n/gm, '')
    // A map keeps the place of its first entry; what others need must stand before them.
    parts.delete(file.href)
    parts.set(file.href, text.trim())
  }
  add(entry)
  return inlined([...parts.values()].filter(part => part !== '').join('\n'))
}

/** A script inside a page must not hold what looks like the element's end. */
export const inlined = (script: string): string => script.replaceAll('</script', '<\\/script')
