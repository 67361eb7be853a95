// An imported scenario as a file for people: what it is made of, block by block, and a first traffic to be put into force.
import type { Merged } from './merged.js'
import { type Entries, tunnelNote, yamlBlock } from './scenario-text.js'

/** Blocks of the file, each after an empty line. */
const BLOCKS = ['vnet', 'cluster', 'namespaces', 'workloads', 'services', 'networkPolicies'] as const

export function scenarioYaml({ name, entries, notes }: Merged, sources: readonly string[]): string {
  const { workloads } = entries
  const { networkPluginMode } = (entries.cluster as { readonly networkProfile: Entries }).networkProfile
  const lines = [
    '# yaml-language-server: $schema=../schema/scenario.schema.json',
    `# The cluster ${name}, imported from ${sources.join(', ')}.`,
    ...notes.map(note => `# - ${note}`),
    '#',
    ...tunnelNote(networkPluginMode === 'overlay'),
    '',
    ...yamlBlock({ apiVersion: entries.apiVersion, name: entries.name }, 0),
    ...BLOCKS.flatMap(key => (entries[key] === undefined ? [] : ['', ...yamlBlock({ [key]: entries[key] }, 0)])),
    ...exampleTraffic((workloads ?? []) as readonly Entries[]),
    '',
  ]
  return lines.map(line => line.replace(/[\r\n]+/g, ' ')).join('\n')
}

/** Two workloads of the cluster that may talk, commented out: what pods say to each other is in no dump. */
function exampleTraffic(workloads: readonly Entries[]): string[] {
  const own = workloads.filter(({ hostNetwork, namespace }) => hostNetwork !== true && namespace !== 'kube-system')
  const target = own.find(({ ports }) => ports !== undefined) ?? own[0]
  const source = own.find(one => one !== target) ?? target
  if (target === undefined || source === undefined) return []
  const port = /containerPort: (\d+)/.exec(yamlBlock(target, 0).join('\n'))?.[1] ?? '80'
  const traffic = `duration: 2s

traffic:
  - name: first
    from: { workload: ${source.namespace}/${source.name} }
    to: { workload: ${target.namespace}/${target.name}, port: ${port} }
    size: 1000B
    rate: 100/s
    answer: { size: 200B, after: 1ms }`
  const lines = traffic.split('\n').map(line => (line === '' ? '#' : `# ${line}`))
  return ['', '# Who talks to whom is in no dump. An example, to be changed and put into force:', ...lines]
}
