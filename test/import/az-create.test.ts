import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admit } from '../../src/cluster/admission.js'
import { AzCreateError, importAzCreate } from '../../src/import/az-create.js'
import { EXAMPLE_MARK } from '../../src/import/scenario-text.js'
import { ScenarioError } from '../../src/scenario/error.js'
import { loadScenario } from '../../src/scenario/load.js'
import { formatCidr, formatIpv4, overlaps } from '../../src/wire/address.js'

const file = join(mkdtempSync(join(tmpdir(), 'vxlane-')), 'imported.yaml')

const PODS =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/myPods'
const SUBNET =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myResourceGroup/providers/Microsoft.Network/virtualNetworks/myVnet/subnets/mySubnet'
const PUBLISHED = `az aks create --resource-group myResourceGroup --name myAKSCluster --network-plugin azure --vnet-subnet-id ${SUBNET} --pod-cidr 10.244.0.0/16 --service-cidr 10.0.0.0/24 --dns-service-ip 10.0.0.10`

/** Puts the commented example into force, as its first line says. */
function activated(text: string): string {
  const [facts, example] = text.split(`${EXAMPLE_MARK}\n`)
  return `${facts}${EXAMPLE_MARK}\n${example.replace(/^# ?/gm, '')}`
}

function imported(command: string) {
  const { text, notes } = importAzCreate(command)
  writeFileSync(file, text)
  return { scenario: loadScenario(file).scenario, notes, text }
}

describe('the published command line', () => {
  const { scenario, notes, text } = imported(PUBLISHED)
  test('becomes an overlay cluster', () => {
    const { networkProfile, agentPoolProfiles } = scenario.cluster
    expect(networkProfile).toMatchObject({ networkPlugin: 'azure', networkPluginMode: 'overlay', outboundType: 'loadBalancer' })
    expect([formatCidr(networkProfile.podCidr), formatCidr(networkProfile.serviceCidr), formatIpv4(networkProfile.dnsServiceIp)]).toEqual([
      '10.244.0.0/16',
      '10.0.0.0/24',
      '10.0.0.10',
    ])
    expect(agentPoolProfiles).toMatchObject([{ name: 'nodepool1', count: 3, maxPods: 250, vnetSubnet: 'mySubnet' }])
    expect(admit(scenario)).toEqual([])
  })
  test('warns that az needs the flag', () => {
    expect(notes).toEqual([
      'warning: imported as overlay, because the command names a pod CIDR (10.244.0.0/16); az itself needs --network-plugin-mode overlay for that',
    ])
  })
  test('is scenarios/az-aks-create.yaml, with the example in force', () => {
    expect(activated(text)).toBe(readFileSync(new URL('../../scenarios/az-aks-create.yaml', import.meta.url), 'utf8'))
  })
})

describe('flags', () => {
  test('in their long, short and = forms, quoted, over several lines', () => {
    const { scenario } = imported(`az aks create -g rg \\
      -n "my cluster" --network-plugin=azure --network-plugin-mode overlay \\
      --pod-cidr='192.168.0.0/16' -c 7 --max-pods 110 -s Standard_D4s_v5 --nodepool-name np --generate-ssh-keys`)
    expect(scenario.name).toBe('my cluster')
    expect(formatCidr(scenario.cluster.networkProfile.podCidr)).toBe('192.168.0.0/16')
    expect(scenario.cluster.agentPoolProfiles).toMatchObject([{ name: 'np', count: 7, maxPods: 110, vmSize: 'Standard_D4s_v5' }])
  })
  test('of gateways and surge are kept', () => {
    const { scenario } = imported(
      'az aks create -n x --outbound-type userDefinedRouting --load-balancer-managed-outbound-ip-count 2 --load-balancer-outbound-ports 4000 --load-balancer-idle-timeout 10 --nat-gateway-idle-timeout 5 --nat-gateway-managed-outbound-ip-count 3 --max-surge 33% --zones 1 2 3 --load-balancer-backend-pool-type nodeIP',
    )
    expect(scenario.cluster.networkProfile.outboundType).toBe('userDefinedRouting')
    expect(scenario.cluster.networkProfile).toMatchObject({
      loadBalancerProfile: { outboundIPs: 2, outboundIPsFrom: 'managed', allocatedOutboundPorts: 4000, idleTimeoutInMinutes: 10 },
      natGatewayProfile: { outboundIPs: 3, idleTimeoutInMinutes: 5, sku: 'Standard' },
    })
    expect(scenario.cluster.agentPoolProfiles[0]).toMatchObject({
      upgrade: { maxSurge: { kind: 'percent', percent: 33 } },
      facts: { availabilityZones: ['1', '2', '3'] },
    })
  })
  test('given twice count as given last', () => {
    expect(imported('az aks create -c 3 --node-count 5').scenario.cluster.agentPoolProfiles[0].count).toBe(5)
  })
  test('that do not concern networking are listed', () => {
    const { notes } = imported('az aks create -n x --generate-ssh-keys --tags a=b c=d --enable-managed-identity --pod-cdir 10.0.0.0/8')
    expect(notes).toEqual([
      'ignored, not about networking: --generate-ssh-keys, --tags, --enable-managed-identity, --pod-cdir (did you mean --pod-cidr?)',
    ])
  })
})

test('without a plugin az makes an overlay', () => {
  const { scenario, notes } = imported('az aks create -g a -n b')
  expect(scenario.cluster.networkProfile.networkPluginMode).toBe('overlay')
  expect(notes).toEqual([])
})

test('the chosen subnet overlaps neither pods nor services', () => {
  for (const [pods, services] of [
    ['10.224.0.0/12', '10.0.0.0/16'],
    ['10.0.0.0/9', '10.128.0.0/9'],
    ['10.224.0.0/16', '10.225.0.0/16'],
    ['10.0.0.0/8', '192.168.0.0/17'],
  ]) {
    const { text } = importAzCreate(
      `az aks create --network-plugin-mode overlay --pod-cidr ${pods} --service-cidr ${services} --vnet-subnet-id ${SUBNET}`,
    )
    writeFileSync(file, text)
    const { vnet, cluster } = loadScenario(file).scenario
    const { podCidr, serviceCidr } = cluster.networkProfile
    for (const range of [...vnet.addressSpace, vnet.subnets.mySubnet.cidr]) {
      expect([overlaps(range, podCidr), overlaps(range, serviceCidr)], `${pods} ${services}`).toEqual([false, false])
    }
  }
})

test.each([
  ['--network-plugin kubenet', 'kubenet', 110],
  ['--network-plugin azure', 'nodeSubnet', 30],
  [`--network-plugin azure --vnet-subnet-id ${SUBNET} --pod-subnet-id ${PODS}`, 'podSubnetDynamic', 250],
  [`--network-plugin azure --pod-subnet-id ${PODS} --pod-ip-allocation-mode StaticBlock`, 'podSubnetStatic', 250],
])('%s makes a cluster of its mode', (flags, mode, maxPods) => {
  const { scenario, notes } = imported(`az aks create -n x ${flags}`)
  expect([scenario.cluster.networkProfile.addressing, scenario.cluster.agentPoolProfiles[0].maxPods, notes]).toEqual([mode, maxPods, []])
})

test.each([
  ['--network-policy calico', 'calico'],
  ['--network-dataplane cilium', 'cilium'],
  ['--network-policy azure', 'azure'],
])('%s makes a cluster with that engine for policies', (flags, engine) => {
  const { scenario, notes } = imported(`az aks create -n x ${flags}`)
  expect([scenario.cluster.networkProfile.networkPolicy, notes]).toEqual([engine, []])
})

describe('what the engine does not do yet is imported as it is, with a warning', () => {
  test.each([
    ['--network-plugin none', 'networkPlugin none'],
    ['--pod-cidrs 10.244.0.0/16,fd12:3456:789a::/64', 'dual stack (--pod-cidrs with two ranges)'],
    ['--ip-families ipv4,ipv6', 'IPv6'],
  ])('%s', (flags, what) => {
    const { text, notes } = importAzCreate(`az aks create -n x ${flags}`)
    expect(notes).toContainEqual(expect.stringContaining(`warning: not supported yet: ${what};`))
    writeFileSync(file, text)
    expect(() => loadScenario(file)).toThrow(/NotSupportedYet/)
  })
})

describe('what is no az aks create', () => {
  test.each([
    ['az aks nodepool add --name x', 'this is not "az aks create …"; other commands are not supported yet'],
    ['', 'this is not "az aks create …"; other commands are not supported yet'],
    ["az aks create -n 'x", 'a quote is not closed'],
    ['az aks create -c three', '--node-count wants a number, not "three"'],
    ['az aks create --pod-cidr', '--pod-cidr has no value'],
    ['az aks create --pod-cidr a b', '--pod-cidr has more than one value: a b'],
    ['az aks create name', '"name" is not a flag of az aks create'],
  ])('%s', (command, message) => {
    expect(() => importAzCreate(command)).toThrow(new AzCreateError(message))
  })
})

test('any words are imported or refused, and what is imported loads or says why not', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '-n',
      '-c',
      '5',
      '--network-plugin',
      'azure',
      '--pod-cidr',
      '10.0.0.0/8',
      '--zones',
      '--pod-cidrs',
      '--max-surge',
      '--vnet-subnet-id',
      SUBNET,
      '#',
      ': x',
      "'",
    ),
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), words => {
      try {
        writeFileSync(file, importAzCreate(`az aks create ${words.join(' ')}`).text)
        loadScenario(file)
      } catch (error) {
        if (!(error instanceof AzCreateError || error instanceof ScenarioError)) throw error
        if (error instanceof ScenarioError) expect(error.issues.map(({ code }) => code)).not.toContain('YamlSyntax')
      }
    }),
    { numRuns: 500 },
  )
})
