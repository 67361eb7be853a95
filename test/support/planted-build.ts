// A build of vxlane with one step of the data plane made slower: the compiled files copied, and a loop put at the beginning of one function.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Step {
  /** Below dist/src. */
  readonly file: string
  readonly name: string
}

/** The folder of a copy in which each call of the step takes `turns` turns of a loop more; 0: a copy as it is. */
export function plantedBuild({ file, name }: Step, turns: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'vxlane-planted-'))
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  if (turns === 0) return folder
  const path = join(folder, 'dist/src', file)
  const text = readFileSync(path, 'utf8')
  const slowed = text.replace(new RegExp(`export function ${name}\\([^)]*\\) \\{`), '$& dawdle();')
  if (slowed === text) throw new Error(`${file} has no function ${name}`)
  // What the loop computes is kept, or the compiler would leave it out.
  const loop = `let dawdled = 0;\nfunction dawdle() { for (let i = 0; i < ${turns}; i++) dawdled = (Math.imul(dawdled, 31) + i) | 0; }\n`
  writeFileSync(path, `${slowed}\n${loop}`)
  return folder
}

export const removeBuild = (folder: string): void => rmSync(folder, { recursive: true, force: true })
