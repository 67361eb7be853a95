// The iptables form of policies, read as iptables would read it, says of every probe what the data plane does with it.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { importCluster, openLab } from '../../src/index.js'

interface Packet {
  readonly source: string
  readonly target: string
  readonly protocol: string
  readonly port: number
}

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

function isIn(address: string, range: string): boolean {
  const [base, prefix] = range.split('/')
  const size = 2 ** (32 - Number(prefix ?? 32))
  return Math.floor(toNumber(address) / size) === Math.floor(toNumber(base) / size)
}

/** Walks the FORWARD chain for the first packet of a connection. */
function verdictOf(text: string, packet: Packet): 'ACCEPT' | 'DROP' {
  const chains = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, chain, rest] = /^-A (\S+) (.*)$/.exec(line) ?? []
    if (chain !== undefined) chains.set(chain, [...(chains.get(chain) ?? []), rest])
  }
  let mark = 0
  const matches = (rule: string): boolean => {
    const value = (option: string) => new RegExp(`(?:^| )${option} (\\S+)`).exec(rule.replace(/--comment "[^"]*"/, ''))?.[1]
    if (rule.includes('--ctstate')) return false
    const [source, target, protocol, ports] = ['-s', '-d', '-p', '--dport'].map(value)
    if (source !== undefined && !isIn(packet.source, source)) return false
    if (target !== undefined && !isIn(packet.target, target)) return false
    if (protocol !== undefined && protocol !== packet.protocol) return false
    if (ports !== undefined) {
      const [first, last = first] = ports.split(':').map(Number)
      if (packet.port < first || packet.port > last) return false
    }
    return !rule.includes('! --mark') || mark === 0
  }
  const walk = (chain: string): 'ACCEPT' | 'DROP' | null => {
    for (const rule of chains.get(chain) ?? []) {
      if (!matches(rule)) continue
      const action = /-j (\S+)/.exec(rule)![1]
      if (action === 'ACCEPT' || action === 'DROP') return action
      if (action === 'MARK') mark = rule.includes('--set-xmark 0x0/') ? 0 : 1
      else {
        const ended = walk(action)
        // A pod's own ACCEPT ends its chain, not the other pod's.
        if (ended === 'DROP') return ended
      }
    }
    return null
  }
  return walk('FORWARD') ?? 'ACCEPT'
}

const PORTS = [53, 80, 443, 5432, 6379, 8080, 9090]

describe('policies in iptables form', () => {
  it('say what the data plane does: every pair of pods of a real cluster', async () => {
    const all: unknown = parse(readFileSync(new URL('../golden/sample-cluster/all.yaml', import.meta.url), 'utf8'))
    const { scenario } = importCluster({ kubernetes: [all] })
    const { workloads, networkPolicies } = scenario as unknown as {
      networkPolicies: unknown[]
      workloads: { namespace: string; hostNetwork?: boolean; pods?: { name: string; node?: string; address?: string }[] }[]
    }
    expect(networkPolicies.length).toBe(4)
    const lab = await openLab(scenario)
    const pods = workloads.flatMap(({ namespace, hostNetwork, pods: fixed }) =>
      hostNetwork
        ? []
        : (fixed ?? []).flatMap(pod =>
            pod.address && pod.node ? [{ name: `${namespace}/${pod.name}`, address: pod.address, node: pod.node }] : [],
          ),
    )
    expect(pods.length).toBeGreaterThan(8)
    const tables = new Map(
      [...new Set(pods.map(({ node }) => node))].map(node => [node, lab.exec(`node:${node}`, ['iptables-save', '-t', 'filter'])]),
    )
    const seen = { ACCEPT: 0, DROP: 0 }
    for (const from of pods) {
      for (const to of pods) {
        if (from === to) continue
        for (const port of PORTS) {
          const packet = { source: from.address, target: to.address, protocol: 'tcp', port }
          const verdicts = [...new Set([from.node, to.node])].map(node => verdictOf(tables.get(node)!, packet))
          const said = verdicts.includes('DROP') ? 'DROP' : 'ACCEPT'
          const { verdict } = lab.trace({ from: from.name, to: to.name, port, protocol: 'TCP' })
          expect([from.name, to.name, port, said]).toEqual([from.name, to.name, port, verdict.startsWith('policy') ? 'DROP' : 'ACCEPT'])
          seen[said]++
        }
      }
    }
    expect(Math.min(seen.ACCEPT, seen.DROP)).toBeGreaterThan(50)
  }, 60_000)

  it('follow the timeline, named ports, ranges with exceptions', async () => {
    const policy = {
      metadata: { name: 'p', namespace: 'shop' },
      spec: {
        podSelector: { matchLabels: { app: 'web' } },
        policyTypes: ['Ingress'],
        ingress: [
          {
            from: [{ ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.0.5/32', '10.244.1.0/24'] } }],
            ports: [{ protocol: 'TCP', port: 'http' }],
          },
          { ports: [{ protocol: 'UDP', port: 1000, endPort: 1010 }] },
        ],
      },
    }
    const lab = await openLab({
      apiVersion: 'vxlane/v1',
      duration: '10s',
      cluster: { networkProfile: { networkPolicy: 'calico' }, agentPoolProfiles: [{ name: 'np', count: 2 }] },
      workloads: [
        { namespace: 'shop', name: 'web', labels: { app: 'web' }, ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }] },
        { namespace: 'shop', name: 'client', replicas: 5 },
      ],
      timeline: [{ at: '5s', apply: { networkPolicies: [policy] } }],
    })
    const late = (lab: Awaited<ReturnType<typeof openLab>>) => lab.exec('node:np/0', ['iptables', '-S'])
    expect(late(lab)).toBe('-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n')
    const text = lab.exec('node:np/0', ['iptables', '-S'], { at: '6s' })
    const ask = (source: string, protocol: string, port: number) => verdictOf(text, { source, target: '10.244.0.4', protocol, port })
    expect([ask('10.244.0.6', 'tcp', 8080), ask('10.244.0.5', 'tcp', 8080), ask('10.244.1.4', 'tcp', 8080)]).toEqual([
      'ACCEPT',
      'DROP',
      'DROP',
    ])
    expect([ask('10.244.0.6', 'tcp', 8081), ask('8.8.8.8', 'udp', 1005), ask('8.8.8.8', 'udp', 1011)]).toEqual(['DROP', 'ACCEPT', 'DROP'])
  })
})
