// The key `manifests`: what Kubernetes' own files bring counts as if it stood in the scenario, and mistakes are shown where they were made.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { planCluster } from '../../src/cluster/plan.js'
import { importCluster } from '../../src/import/import-cluster.js'
import { ScenarioError } from '../../src/scenario/error.js'
import { loadScenario } from '../../src/scenario/load.js'
import { showScenario } from '../../src/scenario/show.js'

const SAMPLE = fileURLToPath(new URL('../golden/sample-cluster/', import.meta.url))

/** Loads a scenario with manifests in a folder of its own. */
function loaded(scenario: string, files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'vxlane-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  writeFileSync(join(folder, 'scenario.yaml'), `apiVersion: vxlane/v1\n${scenario}`)
  return loadScenario(join(folder, 'scenario.yaml'))
}

function mistakes(scenario: string, files: Readonly<Record<string, string>>): string[] {
  try {
    loaded(scenario, files)
    return []
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    return error.message.split('\n').map(line => line.replaceAll(/\S*\/(?=scenario\.yaml)/g, ''))
  }
}

const deployment = (name: string, more = '') => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: shop
spec:
  replicas: 3
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      containers:
        - name: main
          ports: [{ name: http, containerPort: 8080 }]
${more}`

const daemonSet = (selector: string) => `apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent, namespace: kube-system }
spec:
  template:
    metadata: { labels: { app: agent } }
    spec:
      nodeSelector: ${selector}
      containers: [{ name: agent }]
`

describe('what manifests bring', () => {
  test('of the sample cluster: ten pods that are placed and addressed here', () => {
    const { scenario } = loadScenario({ apiVersion: 'vxlane/v1', manifests: ['manifests.yaml'] }, { baseDir: SAMPLE })
    expect(scenario.workloads.map(({ namespace, name, replicas }) => `${namespace}/${name} ${replicas}`)).toEqual([
      'data/redis 2',
      'monitoring/prometheus 1',
      'shop/api 3',
      'shop/web 3',
      'shop/worker 1',
    ])
    expect(scenario.workloads[2]).toMatchObject({
      labels: { app: 'api', tier: 'backend' },
      ports: [
        { name: 'http', containerPort: 3000, protocol: 'TCP' },
        { name: 'grpc', containerPort: 50051, protocol: 'TCP' },
      ],
    })
    const { services, networkPolicies, namespaces } = scenario
    expect([services.length, networkPolicies.length, namespaces.length]).toEqual([3, 4, 3])
    const plan = planCluster(scenario)
    expect([plan.pods.count, plan.pending]).toEqual([10, []])
  })

  test('may be what kubectl printed of a live cluster: pods where they were, as import has them', () => {
    const given = { apiVersion: 'vxlane/v1', cluster: { networkProfile: { networkPolicy: 'calico' } } }
    const { scenario } = loadScenario({ ...given, manifests: ['all.json'] }, { baseDir: SAMPLE })
    const imported = loadScenario(
      importCluster({ kubernetes: [JSON.parse(readFileSync(join(SAMPLE, 'all.json'), 'utf8'))] }).scenario,
    ).scenario
    expect(scenario.workloads).toEqual(imported.workloads)
    expect(scenario.services).toEqual(imported.services)
    expect(scenario.networkPolicies).toEqual(imported.networkPolicies)
    expect(scenario.namespaces).toEqual(imported.namespaces)
    expect(scenario.cluster.agentPoolProfiles[0].nodes).toEqual(imported.cluster.agentPoolProfiles[0].nodes)
  })

  test('stands behind what the file has itself, can be overridden, and is part of the hash', () => {
    const files = { 'k8s/a.yaml': deployment('web') }
    const text = 'workloads: [{ namespace: shop, name: client, replicas: 2 }]\nmanifests: [k8s/a.yaml]\n'
    const { scenario, hash, document } = loaded(text, files)
    expect(scenario.workloads.map(({ name, replicas }) => [name, replicas])).toEqual([
      ['client', 2],
      ['web', 3],
    ])
    expect(document.manifests).toBeUndefined()
    expect(loaded(text, { 'k8s/a.yaml': deployment('web').replace('replicas: 3', 'replicas: 4') }).hash).not.toBe(hash)
    const inline =
      'workloads: [{ namespace: shop, name: client, replicas: 2 }, { namespace: shop, name: web, replicas: 3, labels: { app: web }, ports: [{ name: http, containerPort: 8080 }] }]\n'
    expect(loaded(inline, {}).hash).toBe(hash)
    const folder = mkdtempSync(join(tmpdir(), 'vxlane-'))
    writeFileSync(join(folder, 'a.yaml'), deployment('web'))
    const many = loadScenario({ apiVersion: 'vxlane/v1', manifests: ['a.yaml'] }, { baseDir: folder, set: ['workloads[0].replicas=50'] })
    expect(many.scenario.workloads[0].replicas).toBe(50)
  })

  test('prints as a scenario of its own and loads to the same', () => {
    const first = loaded('manifests: [a.yaml]\n', { 'a.yaml': `${deployment('web')}---\n${daemonSet('{}')}` })
    const folder = mkdtempSync(join(tmpdir(), 'vxlane-'))
    writeFileSync(join(folder, 'shown.yaml'), showScenario(first))
    expect(loadScenario(join(folder, 'shown.yaml')).hash).toBe(first.hash)
  })

  test('of a folder: its YAML and JSON in order of their names', () => {
    const { scenario } = loaded('manifests: [k8s]\n', {
      'k8s/b.yaml': deployment('b'),
      'k8s/a.json': JSON.stringify({
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: { name: 'a', namespace: 'shop' },
        spec: { nodeName: 'nodepool1/1' },
      }),
      'k8s/README.md': 'not read',
    })
    expect(scenario.workloads.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(scenario.workloads[0].pods).toMatchObject([{ name: 'a', node: 'nodepool1/1' }])
  })

  test('a DaemonSet has a pod on every node that its selector finds', () => {
    const cluster = 'cluster: { agentPoolProfiles: [{ name: system, count: 2 }, { name: gpu, count: 3, nodeLabels: { hardware: gpu } }] }\n'
    const nodes = (selector: string) =>
      loaded(`${cluster}manifests: [a.yaml]\n`, { 'a.yaml': daemonSet(selector) }).scenario.workloads[0].pods.map(({ name, node }) => [
        name,
        node,
      ])
    expect(nodes('{}')).toHaveLength(5)
    expect(nodes('{ kubernetes.io/os: linux }')).toHaveLength(5)
    expect(nodes('{ hardware: gpu }')).toEqual([
      ['agent-0', 'gpu/0'],
      ['agent-1', 'gpu/1'],
      ['agent-2', 'gpu/2'],
    ])
    expect(nodes('{ agentpool: system }').map(([, node]) => node)).toEqual(['system/0', 'system/1'])
    expect(nodes('{ kubernetes.io/os: windows }')).toEqual([])
  })

  test('Node objects are fixed nodes of the pool that their labels name', () => {
    const { scenario } = loadScenario({ apiVersion: 'vxlane/v1', manifests: ['nodes.json'] }, { baseDir: SAMPLE })
    expect(scenario.cluster.agentPoolProfiles).toMatchObject([{ name: 'nodepool1', count: 3, maxPods: 250 }])
    expect(scenario.cluster.agentPoolProfiles[0].nodes.map(({ name }) => name)).toEqual([
      'aks-nodepool1-31718369-vmss000000',
      'aks-nodepool1-31718369-vmss000001',
      'aks-nodepool1-31718369-vmss000002',
    ])
  })

  test('kinds that are not read are named in a warning', () => {
    const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\n---\n'
    const { warnings } = loaded('manifests: [a.yaml]\n', { 'a.yaml': config + config + deployment('web') })
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      ['ObjectsSkipped', 'objects of kinds that are not read: ConfigMap 2'],
    ])
  })
})

describe('mistakes', () => {
  test('are shown where they stand in the manifest', () => {
    const policy = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: open, namespace: shop }
spec:
  podSelector: {}
  ingress:
    - from:
        - ipBlock: { cidr: 10.0.0.0/33 }
`
    const found = mistakes('manifests: [k8s/web.yaml]\n', { 'k8s/web.yaml': deployment('web') + policy })
    expect(found).toContainEqual(expect.stringMatching(/^k8s\/web\.yaml:23:28: \w+: .*10\.0\.0\.0\/33/))
  })
  test('of types, all at once, with the object and the field', () => {
    const text = deployment('web').replace('replicas: 3', 'replicas: three').replace('containerPort: 8080', 'containerPort: 80800')
    expect(mistakes('manifests: [a.yaml]\n', { 'a.yaml': text })).toEqual([
      'a.yaml:7:13: WrongType: Deployment shop/web: spec.replicas: expected a number, found text; write a number here',
      'a.yaml:14:48: OutOfRange: Deployment shop/web: spec.template.spec.containers[0].ports[0].containerPort: 80800 is no port; write a number from 1 to 65535',
    ])
  })
  test('of YAML have a line, and the next document is read all the same', () => {
    const broken = `kind: Service\n  metadata: [\n---\n${deployment('web').replace('replicas: 3', 'replicas: -1')}`
    expect(mistakes('manifests: [a.yaml]\n', { 'a.yaml': broken }).map(line => line.split(': ').slice(0, 2).join(': '))).toEqual([
      'a.yaml:1:7: YamlSyntax',
      'a.yaml:10:13: OutOfRange',
    ])
  })
  test('a workload that stands in the scenario too is named with both places', () => {
    const text = 'workloads:\n  - { namespace: shop, name: web }\nmanifests: [a.yaml]\n'
    expect(mistakes(text, { 'a.yaml': deployment('web') })).toEqual([
      'a.yaml:4:9: DuplicateName: workload shop/web stands in the scenario too, at scenario.yaml:3:5; take one of them out, or give it another name',
    ])
  })
  test('an object that stands in two manifests is named with both places', () => {
    expect(mistakes('manifests: [a.yaml, b.yaml]\n', { 'a.yaml': deployment('web'), 'b.yaml': deployment('web') })).toEqual([
      'b.yaml:4:9: DuplicateName: Deployment shop/web stands in a.yaml:1 already; keep one of them',
    ])
  })
  test('a file that is not there, and a wrong list', () => {
    expect(mistakes('manifests: [no.yaml]\n', {})).toEqual([
      'scenario.yaml:2:13: FileNotRead: no.yaml: there is no such file; the path counts from the folder of the scenario',
    ])
    expect(mistakes('manifests: k8s\n', {})[0]).toContain('scenario.yaml:2:12: WrongType')
    expect(mistakes('manifests: [1]\n', {})[0]).toContain('scenario.yaml:2:13: WrongType')
  })
  test('of the cluster as a whole point into the manifest', () => {
    const node = 'apiVersion: v1\nkind: Node\nmetadata: { name: n1, labels: { agentpool: nodepool1 } }\nspec: { podCIDR: 10.244.0.5/24 }\n'
    expect(mistakes('manifests: [n.yaml]\n', { 'n.yaml': node })[0]).toMatch(/^n\.yaml:4:18: CidrHostBits/)
  })
})
