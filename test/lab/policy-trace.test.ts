// The NetworkPolicy suites once more, asked as people ask: `openLab(...).trace(...)`. What is allowed is delivered and answered, what is denied
// says where it was dropped and by which policies, and a remedy that the trace names lets it through.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { importCluster, type Lab, openLab } from '../../src/index.js'
import { type Probe, probesOf, scenarioOf, suiteOf } from '../support/policy-case.js'

/** `ip:ADDRESS` is a plain address to a lab. */
const nameOf = (end: string): string => end.replace(/^ip:/, '')

function judge(lab: Lab, { from, to, port, protocol, expected }: Probe, via?: string): string | null {
  const asked = via === undefined ? { to: nameOf(to), port } : { to: `service:${via}` }
  const result = lab.trace({ from: nameOf(from), protocol, ...asked })
  const { delivered, droppedAt, verdict } = result
  const text = `${from} -> ${to} ${protocol}/${port}: ${verdict}, expected ${expected}`
  const isDenied = verdict === 'policyEgressDenied' || verdict === 'policyIngressDenied'
  if (isDenied !== (expected === 'deny')) return text
  if (!isDenied) return delivered ? null : `${text}, not delivered`
  if (droppedAt !== (verdict === 'policyEgressDenied' ? 'source' : 'destination')) return `${text}, dropped at ${droppedAt}`
  if (verdict === 'policyEgressDenied' && result.encapsulated) return `${text}, but encapsulated`
  const said = result.steps.findLast(({ step }) => step === 'policy')?.text ?? ''
  return /isolates? the pod/.test(said) && result.remedy !== null ? null : `${text}, unexplained: ${said}`
}

const FILES = [
  'test/golden/netpol/suite-packets.json',
  'test/golden/netpol/suite-sample.json',
  '../shared/data/netpol/suite-recipes.json',
  '../shared/data/netpol/suite-workloads.json',
]

describe.each(FILES)('%s', file => {
  const cases = suiteOf(file)
  // All of the many probes of the large suite would take half a minute.
  const every = file.endsWith('workloads.json') && process.env.VXLANE_LONG !== '1' ? 12 : 1
  if (cases === null) console.info(`${file} is not here: skipped`)
  describe.skipIf(cases === null)('answers', () => {
    it.each((cases ?? []).map(item => [item.id, item] as const))('%s', async (_id, item) => {
      const lab = await openLab(scenarioOf(item, item.policies, 'given'))
      const probes = probesOf(item)
      expect(probes.filter((_, i) => i % every === 0).flatMap(probe => judge(lab, probe) ?? [])).toEqual([])
    })
    it('are asked for', () => expect(cases?.length).toBeGreaterThan(0))
  })
})

it('what kubectl printed, imported, gives the same answers', async () => {
  const all = JSON.parse(readFileSync('test/golden/sample-cluster/all.json', 'utf8'))
  const lab = await openLab(importCluster({ kubernetes: [all] }).scenario)
  const [item] = suiteOf('test/golden/netpol/suite-sample.json') ?? []
  expect(probesOf(item).flatMap(probe => judge(lab, probe) ?? [])).toEqual([])
  const via = probesOf(item).filter(({ viaService }) => viaService !== undefined)
  expect(via.flatMap(probe => judge(lab, probe, probe.viaService) ?? [])).toEqual([])
  expect(via.length).toBeGreaterThan(0)
})

describe('through Services', () => {
  const cases = suiteOf('../shared/data/netpol/suite-recipes.json')?.filter(({ services }) => services !== undefined) ?? []
  it.skipIf(cases.length === 0)('policies see the pods behind them and their ports', async () => {
    expect(cases.length).toBeGreaterThan(1)
    for (const item of cases) {
      const services = item.services!.map(({ clusterIP, ...service }) => ({ ...service, clusterIp: clusterIP }))
      const lab = await openLab(scenarioOf(item, item.policies, 'given', 'calico', { services }))
      const probes = probesOf(item).filter(({ viaService }) => viaService !== undefined)
      expect(probes.flatMap(probe => judge(lab, probe, probe.viaService) ?? [])).toEqual([])
    }
  })
})

describe('a trace and security groups', () => {
  const scenario = (rules: readonly object[]) => ({
    apiVersion: 'vxlane/v1',
    vnet: { subnets: { 'aks-nodes': { cidr: '10.224.0.0/16', networkSecurityGroup: { name: 'nodes-nsg', securityRules: rules } } } },
    cluster: { networkProfile: { networkPluginMode: 'overlay' }, agentPoolProfiles: [{ name: 'np', count: 2 }] },
    workloads: [{ namespace: 'a', name: 'w', replicas: 2 }],
  })
  const no = { name: 'no', priority: 300, access: 'Deny', protocol: 'Udp', destinationPortRange: '4789' }

  it.each(['Inbound', 'Outbound'])('names the rule that denies, %s, and what would let it through', async direction => {
    const lab = await openLab(scenario([{ ...no, direction }]))
    const result = lab.trace({ from: 'a/w/0', to: 'a/w/1', port: 80 })
    expect(result).toMatchObject({ delivered: false, verdict: 'nsgDenied', droppedAt: 'underlay', encapsulated: true })
    const said = result.steps.filter(({ step }) => step === 'nsg').map(({ text }) => text)
    expect(said.at(-1)).toBe(`nodes-nsg: rule no (priority 300, ${direction}) denies 10.224.0.4 > 10.224.0.5`)
    expect(said).toHaveLength(direction === 'Inbound' ? 2 : 1)
    expect(result.remedy).toMatch(/^a rule of nodes-nsg with a priority below 300 that allows UDP 10\.224\.0\.4 > 10\.224\.0\.5:4789$/)
    expect(result.steps.map(({ step }) => step)).not.toContain('decapsulation')
    const opened = await openLab(
      scenario([
        { ...no, direction },
        { ...no, name: 'yes', priority: 200, access: 'Allow', direction },
      ]),
    )
    expect(opened.trace({ from: 'a/w/0', to: 'a/w/1', port: 80 }).delivered).toBe(true)
  })
})
