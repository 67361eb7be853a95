// The package as users get it: packed, installed into an empty folder, run from there. Slow but real. It needs a package registry for
// the dependencies, or a warm cache; where there is neither, it is skipped and says so.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const UNREACHABLE = /ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED|E40[137]/

function execute(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe', maxBuffer: 2 ** 26 })
}

let folder: string
let tarball: string
let problem = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vxlane-package-'))
  const [{ filename }] = JSON.parse(execute('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root))
  tarball = join(folder, filename)
  writeFileSync(join(folder, 'package.json'), '{"name":"empty","private":true,"type":"module"}')
  try {
    execute('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--fetch-retries=1', tarball], folder)
  } catch (error) {
    problem = String((error as { stderr?: string }).stderr ?? error)
    if (!UNREACHABLE.test(problem)) throw error
    console.log('package.test: skipped, the package registry cannot be reached')
  }
}, 180_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the installed package', () => {
  it('runs an example by npx', context => {
    if (problem) context.skip()
    const names = execute('npx', ['--no-install', 'vxlane', 'examples'], folder).match(/^\S+/gm) ?? []
    const name = names.find(found => found.includes('two')) ?? names[0]
    const example = execute('npx', ['--no-install', 'vxlane', 'examples', name], folder)
    writeFileSync(join(folder, 'two.yaml'), example)
    const said = execute('npx', ['--no-install', 'vxlane', 'run', 'two.yaml', '--out', 'out', '--workers', '2'], folder)
    expect(said).toMatch(/^(DONE|PASSED)/)
    const result = JSON.parse(readFileSync(join(folder, 'out', 'result.json'), 'utf8'))
    expect(result).toMatchObject({ schemaVersion: 1, kind: 'run', partial: false })
    expect(result.totals.delivered).toBeGreaterThan(0)
  })

  it('says what the queue needs where it is not installed', context => {
    if (problem) context.skip()
    const words = ['--no-install', 'vxlane', 'worker', '--redis', 'redis://127.0.0.1:1']
    const { status, stderr } = spawnSync('npx', words, { cwd: folder, encoding: 'utf8' })
    expect(status).toBe(2)
    expect(stderr).toMatch(/^vxlane: the queue needs two packages that are not installed: npm install bullmq ioredis$/m)
  })

  it('is a typed library', context => {
    if (problem) context.skip()
    const program = `import { loadScenario, run, type RunResult } from 'vxlane'
const result: RunResult = await run(loadScenario('two.yaml'), { workers: 1 })
process.stdout.write(result.digest)
`
    writeFileSync(join(folder, 'use.mts'), program)
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')]
    execute(process.execPath, [tsc, '--module', 'nodenext', '--target', 'es2023', '--strict', ...types, 'use.mts'], folder)
    const { digest } = JSON.parse(readFileSync(join(folder, 'out', 'result.json'), 'utf8'))
    expect(execute(process.execPath, ['use.mjs'], folder)).toBe(digest)
  })
})

it('has sound package metadata', async () => {
  const { messages, pkg } = await publint({ strict: true, pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer } })
  expect(messages.map(message => formatMessage(message, pkg!, { color: false }))).toEqual([])
})
