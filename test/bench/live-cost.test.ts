// The bench of `--live` at smoke size: it runs, every way does the same work, and it says what it found. What it costs is for the real size.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('runs the same work with and without readers', () => {
  const bench = fileURLToPath(new URL('../../dist/bench/live-cost.js', import.meta.url))
  const { stdout, stderr } = spawnSync(process.execPath, [bench, 'rounds=2', 'flows=200', 'packets=20000', 'workers=1'], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(stdout).toMatch(
    /^live-cost workers=1 rounds=2 plain=\d+\.\d+M packets\/s digests=1\n {2}reader +packets\/s [+-]\d.*\n {2}never reads +packets\/s [+-]\d/,
  )
})
