// The manifest of a Job: as a whole against a golden file, and what Kubernetes refuses about names, sizes and numbers.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bundleStudy } from '../../src/export/bundle.js'
import { configMapsOf } from '../../src/export/config-maps.js'
import { manifestText } from '../../src/export/manifest.js'
import { literal, slugOf } from '../../src/export/names.js'
import type { ExportOptions } from '../../src/export/options.js'
import { exportStudy } from '../../src/index.js'
import { VERSION } from '../../src/run/version.js'
import { loadStudy } from '../../src/study/load.js'
import { type Anything, expand, objectsOf } from '../support/kubelet.js'

const folder = mkdtempSync(join(tmpdir(), 'vxlane-export-'))
function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}
write('base.yaml', 'apiVersion: vxlane/v1\nmanifests: [k8s]\ncluster:\n  agentPoolProfiles: [{ count: 3, maxPods: 30 }]\n')
write('k8s/web.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { replicas: 5 }\n')
const grid = write(
  'studies/grid.yaml',
  'apiVersion: vxlane-study/v1\nname: grid\nbase: ../base.yaml\nvary:\n  - { path: "cluster.agentPoolProfiles[0].count", range: { from: 1, to: 50, step: 1 } }\n',
)
const MADE_BY = 'vxlane study studies/grid.yaml --export k8s-job'
const exported = (given: Partial<ExportOptions> = {}, file = grid): string =>
  exportStudy(file, { kind: 'k8s-job', madeBy: MADE_BY, ...given })
/** Without what another version or another content changes. */
const timeless = (text: string): string =>
  text
    .replaceAll(VERSION, 'VERSION')
    .replaceAll(VERSION.replaceAll('.', '-'), 'VERSION')
    .replace(/-[0-9a-f]{8}\b/g, '-DIGEST')
const ofKind = (text: string, kind: string): Anything[] => objectsOf(text).filter(object => object.kind === kind)

describe('as a whole', () => {
  test('a Job that fetches the package and makes its volume', async () => {
    await expect(timeless(exported())).toMatchFileSnapshot('../golden/export/job.yaml')
  })
  test('a Job of an image, in a namespace, on a volume that there is', async () => {
    const given = { image: 'registry.example/vxlane:1', workers: 4, namespace: 'sim', completions: 5, parallelism: 2, volume: 'shared' }
    await expect(timeless(exported(given))).toMatchFileSnapshot('../golden/export/job-of-an-image.yaml')
  })
  test('workers of a queue', async () => {
    const text = exportStudy(grid, {
      kind: 'k8s-workers',
      workers: 2,
      madeBy: 'vxlane study studies/grid.yaml --export k8s-workers',
    }).replaceAll(grid, 'studies/grid.yaml')
    await expect(timeless(text)).toMatchFileSnapshot('../golden/export/workers.yaml')
  })
})

test('no address of a queue, no password: only the name of a Secret', () => {
  const text = exportStudy(grid, { kind: 'k8s-workers', namespace: 'sim' })
  const [{ spec }] = objectsOf(text)
  const [container] = spec.template.spec.containers
  expect(container.env).toContainEqual({
    name: 'VXLANE_REDIS_URL',
    valueFrom: { secretKeyRef: { name: 'vxlane-redis', key: 'VXLANE_REDIS_URL' } },
  })
  expect(JSON.stringify(container.args)).not.toContain('redis')
  expect(ofKind(text, 'Secret')).toEqual([])
})

describe('parts', () => {
  const jobOf = (given: Partial<ExportOptions>) => ofKind(exported(given), 'Job')[0].spec
  test('four for each pod, but no more than there are points', () => {
    expect(jobOf({})).toMatchObject({ completions: 32, parallelism: 8, maxFailedIndexes: 4 })
    expect(jobOf({ parallelism: 3 })).toMatchObject({ completions: 12, parallelism: 3 })
    expect(jobOf({ parallelism: 100 })).toMatchObject({ completions: 50, parallelism: 50 })
    expect(jobOf({ completions: 1 })).toMatchObject({ completions: 1, parallelism: 1, maxFailedIndexes: 1 })
  })
  test('none of them empty', () => {
    expect(() => exported({ completions: 51 })).toThrow('51 parts of 50 points: some would be empty; ask for at most 50')
  })
  test('what changes the pods changes the name of the Job, because a Job cannot be changed', () => {
    const names = [{}, { image: 'a' }, { image: 'b' }, { completions: 7 }, { volume: 'x' }, { workers: 2 }].map(
      given => ofKind(exported(given), 'Job')[0].metadata.name,
    )
    expect(new Set(names).size).toBe(names.length)
    expect(ofKind(exported({ parallelism: 8 }), 'Job')[0].metadata.name).toBe(names[0])
  })
})

describe('names', () => {
  test('are what Kubernetes takes, whatever the study is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }), name => {
        // With the index behind it, the name of a Job is a host name.
        expect(`vxlane-${slugOf(name)}-01234567-99999`).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
      }),
    )
    expect(slugOf('Which mode_lasts?')).toBe('which-mode-lasts')
    expect(slugOf('日本')).toBe('study')
  })
  test('in paths are not taken for variables', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('$', '(', ')', 'A', '/', '$(A)', '$$(A)')), parts => {
        const path = parts.join('')
        // Kubernetes halves double dollars wherever they stand, so those are the one thing that cannot be written.
        if (!path.includes('$$')) expect(expand(literal(path), { A: 'oops' })).toBe(path)
      }),
    )
  })
})

describe('files', () => {
  test('all that the study needs, each where the others expect it', () => {
    const { study, files } = bundleStudy(grid, loadStudy(grid))
    expect(study).toBe('studies/grid.yaml')
    expect(files.map(({ path }) => path)).toEqual(['base.yaml', 'k8s/web.yaml', 'studies/grid.yaml'])
  })
  test('names that lead up and down again find the folders they lead through', () => {
    const name = folder.split('/').at(-1)
    const file = write('studies/round.yaml', `apiVersion: vxlane-study/v1\nname: r\nbase: ../../${name}/base.yaml\n`)
    const { study, files } = bundleStudy(file, loadStudy(file))
    expect([study, ...files.map(({ path }) => path)]).toEqual([
      `${name}/studies/round.yaml`,
      `${name}/base.yaml`,
      `${name}/k8s/web.yaml`,
      `${name}/studies/round.yaml`,
    ])
    const absolute = write('absolute.yaml', `apiVersion: vxlane-study/v1\nname: a\nbase: ${folder}/base.yaml\n`)
    expect(() => exported({}, absolute)).toThrow('name it relative to the study')
  })
  test('those of axes and of "set" too, each once', () => {
    write('k8s-more/more.json', '{"apiVersion":"v1","kind":"List","items":[]}')
    write('growth.csv', '0,1\n10,2\n')
    const file = write(
      'other.yaml',
      'apiVersion: vxlane-study/v1\nname: o\nbase: { apiVersion: vxlane/v1, workloads: [{ name: w, namespace: a, replicas: 1 }] }\nset: { "workloads[0].growth": { file: growth.csv } }\nvary:\n  - { path: manifests, values: [[k8s], [k8s, k8s-more], null] }\n',
    )
    expect(bundleStudy(file, loadStudy(file)).files.map(({ path }) => path)).toEqual([
      'growth.csv',
      'k8s-more/more.json',
      'k8s/web.yaml',
      'other.yaml',
    ])
  })
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.string({ unit: 'binary' }).map(text => new TextEncoder().encode(text)),
  )
  const path = fc.stringMatching(/^[a-zA-Z0-9 _.-]{1,12}(\/[a-zé0-9_-]{1,8}){0,2}$/).filter(name => !/(^|\/)\.{1,2}(\/|$)/.test(name))
  test('come out of the ConfigMaps as they went in, byte for byte', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(path, content), { selector: ([name]) => name, minLength: 1, maxLength: 6 }), entries => {
        const files = entries.map(([name, bytes]) => ({ path: name, content: Buffer.from(bytes) }))
        const { maps, volume } = configMapsOf(files, 'vxlane-x')
        const read = objectsOf(manifestText(maps.map(object => ({ object }))))
        const found = new Map<string, Buffer>()
        for (const { configMap } of volume.projected?.sources ?? []) {
          const map = read.find(({ metadata }) => metadata.name === configMap?.name)
          for (const { key, path: at } of configMap?.items ?? []) {
            expect(key).toMatch(/^(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}$/)
            const isText = map.data !== undefined && Object.hasOwn(map.data, key)
            found.set(at, isText ? Buffer.from(map.data[key]) : Buffer.from(map.binaryData[key], 'base64'))
          }
        }
        expect(found).toEqual(new Map(files.map(file => [file.path, file.content])))
      }),
      { numRuns: 300 },
    )
  })
  test('are shared out to several ConfigMaps, and refused where one is too large for any', () => {
    const file = (name: string, bytes: number) => ({ path: name, content: Buffer.alloc(bytes, 'x') })
    const { maps } = configMapsOf([file('a', 2 ** 19), file('b', 2 ** 20), file('c', 2 ** 19), file('d', 1)], 'vxlane-x')
    expect(maps.map(({ data = {} }) => Object.keys(data))).toEqual([['a', 'c'], ['b'], ['d']])
    expect(() => configMapsOf([file('big.pcap', 2 ** 20 + 1)], 'x')).toThrow(
      /^big\.pcap is .*, and a ConfigMap holds 1 MiB; put large files into the image/,
    )
    expect(() =>
      configMapsOf(
        Array.from({ length: 9 }, (_, i) => file(`f${i}`, 2 ** 20)),
        'x',
      ),
    ).toThrow('more than 8 ConfigMaps hold')
  })
  test('one that is not there is missed here, not in the cluster', () => {
    const file = write(
      'gone.yaml',
      'apiVersion: vxlane-study/v1\nname: g\nbase: { apiVersion: vxlane/v1, manifests: [k8s, nowhere.yaml] }\n',
    )
    expect(() => exported({}, file)).toThrow(/nowhere\.yaml, which the study needs: there is no such file/)
  })
  test('a study without a place is refused', () => {
    expect(() => exported({}, '-')).toThrow()
    expect(() => bundleStudy('-', loadStudy(grid))).toThrow('give it by its file')
  })
})
