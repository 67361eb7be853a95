// What the shells are taught is what the program knows; `doctor` says what the machine can do.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const vxlane = (...words: string[]) => spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8' })

test.each([
  ['v', 1, 'validate'],
  ['run --w', 2, '--workers'],
  ['examples mtu', 2, 'mtu-mistake'],
  ['schema re', 2, 'result'],
  ['run a.ya', 2, ''],
])('bash completes "vxlane %s"', (words, at, expected) => {
  const program = `${vxlane('completion', 'bash').stdout}\nCOMP_WORDS=(vxlane ${words}); COMP_CWORD=${at}; _vxlane; echo "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', program], { encoding: 'utf8' })
  expect([stdout, stderr]).toEqual([`${expected}\n`, ''])
})

test('zsh and fish get the commands that are built, with their options', () => {
  for (const shell of ['zsh', 'fish']) {
    const { stdout } = vxlane('completion', shell)
    for (const word of ['run', 'validate', 'import', 'completion', 'dry-run', 'az-create']) expect(stdout).toContain(word)
    expect(stdout).not.toMatch(/\bstudy\b.*not supported/)
  }
  expect(vxlane('completion', 'tcsh').status).toBe(2)
})

test('doctor finds this machine fit', () => {
  const { stdout, status } = vxlane('doctor', '--json')
  expect(status).toBe(0)
  const { findings } = JSON.parse(stdout)
  expect(findings.map(({ what }: { what: string }) => what)).toEqual(['Node.js', 'cores', 'memory', 'threads', 'tshark'])
  expect(vxlane('doctor').stdout).toMatch(/^ok +Node\.js +v\d+/)
})
