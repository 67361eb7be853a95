// The documents are true: what they show is what the program prints, their library example compiles and runs, and every command and
// option they name exists. Blocks that take long are checked where VXLANE_LONG or CI is set.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
// @ts-expect-error: a script of the repository, not a part of the program
import { DOCUMENTS, render } from '../docs/render.mjs'

import { MAX_WORKERS } from '../src/run/workers.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const isLong = Boolean(process.env.VXLANE_LONG || process.env.CI)
const vxlane = (...words: string[]): string =>
  execFileSync(process.execPath, [join(ROOT, 'dist/src/cli/main.js'), ...words], { encoding: 'utf8' })

describe.each(DOCUMENTS as string[])('%s', document => {
  const text = textOf(document)

  test('shows what the program prints; `npm run docs` renews it', () => {
    if (spawnSync('tshark', ['--version']).status !== 0) console.log('docs.test: no tshark, so the blocks that use it are not checked')
    expect(render(text, { long: isLong })).toBe(text)
  }, 600_000)

  test('has commands of ours only where they are run', () => {
    const shells = [...text.matchAll(/```(?:sh|bash|shell)\n([\s\S]*?)\n```/g)].map(([, body]) => body)
    expect(shells.filter(body => /^\$|vxlane/m.test(body))).toEqual([])
  })

  test('names commands and options that there are', () => {
    const help = [
      '',
      'run',
      'validate',
      'import',
      'plan',
      'study',
      'worker',
      'trace',
      'exec',
      'report',
      'compare',
      'bench',
      'examples',
      'schema',
      'completion',
      'doctor',
    ]
      .map(name => vxlane(...(name ? [name] : []), '--help'))
      .join('\n')
    for (const [, code] of text.matchAll(/`([^`\n]+)`/g)) {
      const command = /^vxlane ([a-z]+)/.exec(code)?.[1]
      if (command !== undefined) expect(help).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'))
      const options = code.startsWith('vxlane') || code.startsWith('--') ? (code.match(/(?<=^| )--[a-z][a-z-]+/g) ?? []) : []
      for (const option of options) expect(help).toContain(option)
    }
  })
})

test('the lists of exit codes agree', () => {
  const ofHelp = [...vxlane('--help').matchAll(/^ {2}(\d+) +(.+)$/gm)].map(([, code, meaning]) => `| ${code} | ${meaning} |`)
  expect(ofHelp.length).toBeGreaterThan(5)
  for (const row of ofHelp) expect(textOf('README.md')).toContain(row)
})

test('the README states the limits that the program has', () => {
  expect(textOf('README.md')).toContain(`at most ${MAX_WORKERS} workers`)
  const { engines } = JSON.parse(textOf('package.json'))
  expect(textOf('README.md')).toContain(`Node.js ${engines.node.replace('>=', '')} or later`)
})

test('the example of the library compiles and runs', () => {
  const [, program] = /<!-- as example\.ts -->\n```ts\n([\s\S]*?)\n```/.exec(textOf('README.md')) ?? []
  const folder = mkdtempSync(join(tmpdir(), 'vxlane-example-'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules', 'vxlane'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'example.ts'), program)
  try {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')]
    execFileSync(process.execPath, [tsc, '--module', 'nodenext', '--target', 'es2023', '--strict', ...types, 'example.ts'], { cwd: folder })
    expect(execFileSync(process.execPath, ['example.js'], { cwd: folder, encoding: 'utf8' })).toMatch(/^\d+ \d+ [0-9a-f]{32}\n$/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
