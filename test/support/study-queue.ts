// Studies by a queue as people make them: a study in a folder, `vxlane study` that submits it, `vxlane worker`s that compute.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

export interface Said {
  /** Null: killed. */
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A command under way. */
export interface Running {
  readonly child: ChildProcess
  readonly done: Promise<Said>
  /** What it has said on stderr so far. */
  err(): string
}

const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts `vxlane WORDS`, or another program, in a folder. */
export function start(folder: string, words: readonly string[], env: NodeJS.ProcessEnv = {}, program = MAIN): Running {
  const child = spawn(process.execPath, [program, ...words], { cwd: folder, env: { ...process.env, NO_COLOR: '1', ...env } })
  running.add(child)
  let out = ''
  let err = ''
  child.stdout.on('data', data => {
    out += data
  })
  child.stderr.on('data', data => {
    err += data
  })
  const done = new Promise<Said>(resolve =>
    child.on('close', code => {
      running.delete(child)
      resolve({ code, out, err })
    }),
  )
  return { child, done, err: () => err }
}

export const vxlane = (folder: string, ...words: string[]): Promise<Said> => start(folder, words).done

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>, atMostMs = 20_000): Promise<void> {
  const patience = AbortSignal.timeout(atMostMs)
  while (!(await isSo())) {
    if (patience.aborted) throw new Error(`not so after ${atMostMs} ms: ${isSo}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

export const BASE = `apiVersion: vxlane/v1
name: base
cluster:
  networkProfile: { podCidr: 10.244.0.0/16 }
  agentPoolProfiles: [{ count: 3, maxPods: 30 }]
workloads:
  - { namespace: shop, name: web, replicas: 60 }
`

/** A folder with base.yaml, and a writer of studies of it. */
export function studyFolder(base = BASE): { folder: string; write(name: string, rest: string): string; read(path: string): string } {
  const folder = mkdtempSync(join(tmpdir(), 'vxlane-queue-'))
  writeFileSync(join(folder, 'base.yaml'), base)
  return {
    folder,
    write(name, rest) {
      const base = rest.startsWith('base:') ? '' : 'base: base.yaml\n'
      writeFileSync(join(folder, `${name}.yaml`), `apiVersion: vxlane-study/v1\nname: ${name}\n${base}${rest}`)
      return `${name}.yaml`
    },
    read: path => readFileSync(join(folder, path), 'utf8'),
  }
}

/** So many combinations of nodes and pods a node, each a point of a few milliseconds. */
export const gridOf = (counts: number, sizes: number): string =>
  `vary:
  - { path: "cluster.agentPoolProfiles[0].count", range: { from: 3, to: ${counts + 2}, step: 1 } }
  - { path: "cluster.agentPoolProfiles[0].maxPods", range: { from: 10, to: ${sizes + 9}, step: 1 } }
measure: [maxNodes, resources.maxPods.used, bindingResource]
`

/** Ids in a journal, in the order in which they came. */
export const idsIn = (journal: string): string[] =>
  journal
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line).id)
