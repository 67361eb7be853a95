// What the Job controller and the kubelet make of a manifest, as far as one machine can: ConfigMaps laid out as the volume says, variables
// put into arguments, one process for each index. Written after the pages of Kubernetes ("Indexed Job", "Projected Volumes", "Define
// environment variables": how $(NAME) is expanded), not after our own code.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

// biome-ignore lint/suspicious/noExplicitAny: as it comes out of YAML; the test looks at it as kubectl would.
export type Anything = any

/** The objects of a manifest. Throws for YAML that is not sound. */
export function objectsOf(text: string): Anything[] {
  return parseAllDocuments(text).map(document => {
    if (document.errors.length > 0) throw document.errors[0]
    return document.toJS()
  })
}

/** $(NAME) by the container's variables, $$ by a dollar; what is not defined stays as it is. */
export const expand = (text: string, env: Readonly<Record<string, string>>): string =>
  text.replace(/\$\$|\$\(([\w.-]+)\)/g, (whole, name?: string) => (name === undefined ? '$' : (env[name] ?? whole)))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export class Kubelet {
  private readonly root = mkdtempSync(join(tmpdir(), 'vxlane-kubelet-'))
  /** What claims and volumes are on this machine. */
  private readonly volumes = new Map<string, string>()
  readonly cwd = this.folder('cwd')

  constructor(private readonly objects: readonly Anything[]) {}

  private folder(name: string): string {
    const path = join(this.root, name)
    mkdirSync(path, { recursive: true })
    return path
  }

  /** The volume of a claim, the same for all pods. */
  claim(name: string): string {
    return this.folder(`claims/${name}`)
  }

  private place(volume: Anything): string {
    const key = JSON.stringify(volume)
    const known = this.volumes.get(key)
    if (known !== undefined) return known
    const path = volume.persistentVolumeClaim
      ? this.claim(volume.persistentVolumeClaim.claimName)
      : this.folder(`volumes/${this.volumes.size}`)
    if (volume.projected) this.project(volume.projected.sources, path)
    this.volumes.set(key, path)
    return path
  }

  /** As the kubelet does, so that all files change at once: they lie in a folder aside, and what is on top are links into it. */
  private project(sources: readonly Anything[], folder: string): void {
    const aside = join(folder, '..2026_01_01_00_00_00.1')
    for (const { configMap } of sources) this.layOut(configMap, aside)
    symlinkSync('..2026_01_01_00_00_00.1', join(folder, '..data'))
    for (const name of readdirSync(aside)) symlinkSync(join('..data', name), join(folder, name))
  }

  private layOut({ name, items }: Anything, folder: string): void {
    const map = this.objects.find(object => object.kind === 'ConfigMap' && object.metadata.name === name)
    if (map === undefined) throw new Error(`there is no ConfigMap ${name}`)
    for (const { key, path } of items) {
      const content = map.data?.[key] ?? Buffer.from(map.binaryData[key], 'base64')
      const file = join(folder, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
    }
  }

  /** Starts the one container of a Job's pod. `index`: of an Indexed Job. Whatever its image, the program is this checkout's. */
  start(job: Anything, index?: number): { process: ChildProcess; ended: Promise<Ended> } {
    const { containers, volumes } = job.spec.template.spec
    const [container] = containers
    const mounts: [string, string][] = container.volumeMounts.map(({ name, mountPath }: Anything) => [
      mountPath,
      this.place(volumes.find((volume: Anything) => volume.name === name)),
    ])
    const here = (text: string): string => {
      const mount = mounts.find(([at]) => text === at || text.startsWith(`${at}/`))
      return mount ? mount[1] + text.slice(mount[0].length) : text
    }
    const env: Record<string, string> = index === undefined ? {} : { JOB_COMPLETION_INDEX: String(index) }
    for (const { name, value } of container.env) env[name] = here(expand(value, env))
    const words = container.args.map((word: string) => here(expand(word, env)))
    const child = spawn(process.execPath, [MAIN, ...words], { cwd: this.cwd, env: { PATH: process.env.PATH, ...env } })
    const said = { stdout: '', stderr: '' }
    child.stdout.on('data', data => {
      said.stdout += data
    })
    child.stderr.on('data', data => {
      said.stderr += data
    })
    const ended = new Promise<Ended>(resolve => child.on('close', code => resolve({ code, ...said })))
    return { process: child, ended }
  }
}
