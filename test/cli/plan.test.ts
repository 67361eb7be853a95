// `vxlane plan` as a user meets it: words, JSON, exit codes, and mistakes at their flag.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { plan } from '../../src/index.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MAIN = join(ROOT, 'dist/src/cli/main.js')

function vxlane(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'plan', ...words], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { code: status, out: stdout, err: stderr }
}

describe('from flags', () => {
  test('what fits is said in words, with the limits below; exit 0', () => {
    const { code, out } = vxlane('--mode', 'nodeSubnet', '--subnet', '10.1.0.0/24', '--max-pods', '30', '--nodes', '8')
    expect(code).toBe(0)
    expect(out).toContain('fits: yes; the node subnet binds first, at 8 nodes (240 pods); 8 are asked for')
    expect(out).toContain('8 x (30 + 1) = 248; 10.1.0.0/24: 2^8 - 5 = 251')
    expect(out).toContain('IP address planning for AKS clusters')
  })
  test('what does not is said too, with Azure’s own error; exit 3', () => {
    const { code, out } = vxlane('--pod-cidr', '10.244.0.0/16', '--nodes', '300')
    expect(code).toBe(3)
    expect(out).toContain('fits: no; the pod CIDR binds first, at 256 nodes (64,000 pods); 300 are asked for')
    expect(out).toContain('InsufficientSubnetSize: Pre-allocated IPs 76800 exceeds IPs available 65536')
    expect(out).toContain('/15 would do')
  })
  test('--json is the documented object', () => {
    const { code, out } = vxlane('--subnet', '10.1.0.0/24', '--surge', '1', '--json')
    expect(code).toBe(0)
    const result = JSON.parse(out)
    expect(result).toMatchObject({
      kind: 'plan',
      mode: 'overlay',
      fits: true,
      maxNodes: 250,
      maxPods: 62_500,
      bindingResource: 'nodeSubnet',
    })
    for (const limit of result.limits)
      expect(Object.keys(limit)).toEqual(
        expect.arrayContaining(['resource', 'needed', 'available', 'maxNodes', 'maxPods', 'rule', 'arithmetic', 'source']),
      )
    expect(result.errors).toEqual([])
  })
  test('an upgrade: whether it fits, and the surge that does', () => {
    const fits = vxlane('--subnet', '10.1.0.0/24', '--nodes', '200', '--upgrade')
    expect([fits.code, fits.out.includes('upgrade: fits; the surge is 20 extra nodes')]).toEqual([0, true])
    const not = vxlane('--subnet', '10.1.0.0/24', '--nodes', '200', '--upgrade', '--surge', '33%', '--json')
    expect(not.code).toBe(3)
    expect(JSON.parse(not.out).upgrade).toMatchObject({ fits: false, extraNodes: 66, largestSurge: 51, largestPercent: 25 })
  })
  test('five modes side by side', () => {
    const { out } = vxlane('--nodes', '50', '--pods', '1500', '--max-pods', '30', '--surge', '1', '--compare')
    for (const mode of ['overlay', 'node subnet', 'pod subnet, dynamic', 'pod subnet, static blocks', 'kubenet'])
      expect(out).toContain(mode)
    expect(out).toMatch(/node subnet +30 .* 1,581 {2}\/21/)
  })
  test.each([
    [['--pod-cidr', '172.16.0.0/12'], '--pod-cidr: ReservedRange: '],
    [['--pod-cidr', '10.244.0.5/16'], '--pod-cidr: CidrHostBits: 10.244.0.5/16 has bits set after the prefix; write 10.244.0.0/16'],
    [['--subnet', 'banana'], '--subnet: BadCidr: "banana" is not an address range'],
    [['--subnet', '10.244.0.0/16', '--pod-cidr', '10.244.0.0/16'], '--pod-cidr: NetworkProfileCIDROverlapVNET: '],
    [['--mode', 'nodeSubnet', '--pod-cidr', '10.244.0.0/16'], '--pod-cidr: UnusedFlag: '],
    [['--subnet', '10.1.0.0/30'], '--subnet: NetcfgInvalidSubnet: '],
    [['scenarios/hundred-nodes.yaml', '--nodes', '3'], '--nodes: UnusedFlag: the scenario says this itself'],
    [['--set', 'seed=3'], '--set: UnusedFlag: there is no scenario to change'],
    [['--max-pods', '9'], '--max-pods: InvalidMaxPods: maxPods is 9; AKS takes 10 to 250'],
    [['--surge', '101%'], 'Give a number of nodes, or a percentage of at most 100%'],
    [['--mode', 'flat'], 'Allowed choices are overlay, nodeSubnet'],
  ])('%j is refused where it stands', (words, text) => {
    const { code, err } = vxlane(...words)
    expect(code).toBe(2)
    expect(err).toContain(text)
    expect(err).not.toContain('    at ')
  })
  test('with --json a refusal has the same shape', () => {
    const { code, out } = vxlane('--pod-cidr', '172.16.0.0/12', '--json')
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({
      kind: 'plan',
      fits: false,
      limits: [],
      errors: [{ code: 'ReservedRange', path: '--pod-cidr' }],
    })
  })
})

describe('from a scenario', () => {
  test('the largest one takes well under two seconds, the program’s start included', () => {
    const started = performance.now()
    const { code, out } = vxlane('scenarios/five-thousand-nodes.yaml', '--json')
    expect(performance.now() - started).toBeLessThan(process.env.VXLANE_LONG ? 2000 : 20_000)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ nodes: 5000, pods: 200_000, fits: true, maxNodes: 5000, bindingResource: 'nodesPerCluster' })
  })
  const scenario = (count: number, upgradeSettings?: object) => ({
    apiVersion: 'vxlane/v1',
    cluster: { networkProfile: { podCidr: '10.244.0.0/16' }, agentPoolProfiles: [{ count, upgradeSettings }] },
  })
  test('a surge counts where it is written down', () => {
    expect(plan(scenario(256))).toMatchObject({ fits: true, maxNodes: 256, surgeNodes: 0 })
    const surging = plan(scenario(250, { maxSurge: '10%' }))
    expect(surging).toMatchObject({ fits: false, surgeNodes: 25, maxNodes: 232, bindingResource: 'podCidr' })
    expect(surging.errors[0]).toMatchObject({ code: 'InsufficientSubnetSize', path: 'cluster.networkProfile.podCidr' })
  })
  test('too little is an answer, a bad range a mistake', () => {
    expect(plan(scenario(300))).toMatchObject({ fits: false, bindingResource: 'podCidr', maxNodes: 256 })
    const file = join(mkdtempSync(join(tmpdir(), 'vxlane-')), 'bad.yaml')
    writeFileSync(file, 'apiVersion: vxlane/v1\ncluster:\n  networkProfile:\n    podCidr: 10.0.0.0/16\n')
    const { code, err } = vxlane(file)
    expect(code).toBe(2)
    expect(err).toContain('bad.yaml:4:14: PodCidrOverlapsServiceCidr: ')
  })
  test('five pools of four nodes upgraded at once with a surge of 50% need ten more', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'vxlane-')), 'pools.yaml')
    const pools = [1, 2, 3, 4, 5].map(n => `    - { name: pool${n}, count: 4, upgradeSettings: { maxSurge: 50% } }\n`).join('')
    writeFileSync(file, `apiVersion: vxlane/v1\ncluster:\n  agentPoolProfiles:\n${pools}`)
    const { code, out } = vxlane(file, '--upgrade', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out).upgrade).toMatchObject({ fits: true, extraNodes: 10, fitsOneByOne: true })
  })
  test('--set changes it', () => {
    const { out } = vxlane('scenarios/hundred-nodes.yaml', '--set', 'cluster.agentPoolProfiles[0].count=200', '--json')
    expect(JSON.parse(out).nodes).toBe(296)
  })
})
