// `vxlane import` as a user meets it: files and standard input, what is said, what comes out.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { CLI_OVERLAY, SUBNETS } from '../import/az-samples.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SAMPLE = join(ROOT, 'test/golden/sample-cluster')
const folder = mkdtempSync(join(tmpdir(), 'vxlane-'))

function vxlane(words: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'dist/src/cli/main.js'), ...words], {
    cwd: folder,
    input,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { code: status, out: stdout, err: stderr }
}

writeFileSync(join(folder, 'show.json'), JSON.stringify(CLI_OVERLAY))
writeFileSync(join(folder, 'subnets.json'), JSON.stringify(SUBNETS))

test('a dump, by its name and through a pipe, as JSON and YAML: one scenario', () => {
  const named = vxlane(['import', '--kubectl', join(SAMPLE, 'all.json')])
  expect(named.code).toBe(0)
  expect(named.err.split('\n')[0]).toBe(
    'imported: Node 3, Namespace 7, Deployment 6, ReplicaSet 6, StatefulSet 1, DaemonSet 2, Job 1, Service 5, EndpointSlice 5, NetworkPolicy 4, Pod 20',
  )
  const body = (text: string): string => text.slice(text.indexOf('apiVersion:'))
  for (const name of ['all.json', 'all.yaml']) {
    const piped = vxlane(['import', '--kubectl', '-'], readFileSync(join(SAMPLE, name), 'utf8'))
    expect(body(piped.out)).toBe(body(named.out))
  }
})

test('az, subnets and kubectl together; written as YAML and as JSON', () => {
  const words = ['import', '--az-show', 'show.json', '--subnets', 'subnets.json', '--kubectl', join(SAMPLE, 'nodes.json')]
  expect(vxlane([...words, '-o', 'both.yaml'])).toMatchObject({ code: 0, out: '' })
  expect(vxlane([...words, '-o', 'both.json'])).toMatchObject({ code: 0, out: '' })
  const text = readFileSync(join(folder, 'both.yaml'), 'utf8')
  expect(text).toContain('    nodes: { cidr: 10.224.0.0/20, occupied: 3 } # occupied: addresses of others\n')
  expect(text).toContain('        - { name: aks-nodepool1-31718369-vmss000000, address: 10.224.0.4, podCidr: 10.244.0.0/24 }\n')
  expect(JSON.parse(readFileSync(join(folder, 'both.json'), 'utf8'))).toMatchObject({
    name: 'demo',
    cluster: { agentPoolProfiles: [{ count: 3 }] },
  })
})

test('what was skipped is said', () => {
  const objects = ['ConfigMap', 'Ingress', 'ConfigMap'].map((kind, i) => ({ apiVersion: 'v1', kind, metadata: { name: `o${i}` } }))
  writeFileSync(join(folder, 'other.json'), JSON.stringify({ kind: 'List', items: objects }))
  const { code, err } = vxlane(['import', '--kubectl', 'other.json'])
  expect(code).toBe(0)
  expect(err).toContain('skipped, not about the network: ConfigMap 2, Ingress 1\n')
})

test.each([
  [['import'], "vxlane import: say what to import: --kubectl FILE, --az-show FILE, or --az-create 'az aks create …'\n"],
  [['import', '--kubectl', 'no.json'], 'vxlane import: no.json: there is no such file\n'],
  [['import', '--az-show', 'no.json'], 'vxlane import: no.json: there is no such file\n'],
  [['import', '--az-show', '-', '--kubectl', '-'], 'vxlane import: standard input can be read only once\n'],
  [
    ['import', '--az-create', 'az aks create -n x', '--kubectl', 'x'],
    'vxlane import: --az-create stands alone: a command line says less than the cluster itself\n',
  ],
])('%j', (words, err) => {
  expect(vxlane(words)).toEqual({ code: 2, out: '', err })
})

test('mistakes have file and line, all at once, and no stack', () => {
  writeFileSync(
    join(folder, 'bad.json'),
    '{"kind":"List","items":[\n{"kind":"Pod","metadata":{"name":"p","labels":7}},\n{"kind":"Node"},\n7]}',
  )
  expect(vxlane(['import', '--kubectl', 'bad.json'])).toEqual({
    code: 2,
    out: '',
    err: [
      'bad.json:2:47: WrongType: Pod p: metadata.labels: expected keys and values, found a number; write keys and values here',
      'bad.json:3:1: MissingKey: Node without a name: metadata.name: "name" is missing; give the object a name',
      'bad.json:4:1: NotAnObject: this is no Kubernetes object; kubectl get … -o json or -o yaml prints what is wanted here',
      '',
    ].join('\n'),
  })
  expect(vxlane(['import', '--az-show', '-'], '{"name":').err).toMatch(/^vxlane import: <stdin>: .*; az … -o json prints valid JSON\n$/)
})
