// Every mistake that a file can have: found at its exact place, with its stable code and what to do about it.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ScenarioError } from '../../src/scenario/error.js'
import { loadScenario } from '../../src/scenario/load.js'

const file = join(mkdtempSync(join(tmpdir(), 'vxlane-')), 's.yaml')

function mistakesOf(text: string): string[] {
  writeFileSync(file, text)
  try {
    loadScenario(file)
  } catch (error) {
    if (error instanceof ScenarioError) return error.message.split('\n').map(line => line.replace(`${file}:`, ''))
    throw error
  }
  return []
}

const HEAD = 'apiVersion: vxlane/v1\nworkloads: [{ namespace: shop, name: web, replicas: 3 }, { name: solo }]\n'
const UDP = 'size: 100, rate: 5/s'

/** Text behind HEAD, whose lines start at 3, and the one message expected. */
const CASES: readonly (readonly [string, string])[] = [
  // ---- keys ----
  ['sed: 3', '3:1: UnknownKey: unknown key "sed"; did you mean seed?'],
  ['fabric: { Latency: 5us, latency: 6us }', '3:25: DuplicateKey: "latency" stands here twice, in upper and lower case; keep one of them'],
  ['seed: 3\nseed: 4', '4:1: DuplicateKey: this key stands here twice; keep one of them'],
  ['endpoints: [{ name: x }]', '3:13: MissingKey: "address" is missing; add it: text'],
  // ---- values ----
  ['seed: x', '3:7: WrongType: expected a number, found text; write a number here'],
  ['seed: 1.5', '3:7: WrongType: expected a whole number, found 1.5; write a whole number here'],
  ['name: 5', '3:7: WrongType: expected text, found 5; write text here (put it in quotes)'],
  ['traffic: { a: 1 }', '3:1: WrongType: expected a list, found keys and values; write a list here'],
  ['duration: 60', '3:11: BadQuantity: 60 is not a time; write it with its unit, as in 50us, 1.5ms, 10s, 30m or 2h'],
  ['duration: 0s', '3:11: OutOfRange: 0s is too small; the least is 1ns'],
  [
    'duration: 0.5ns',
    '3:11: BadQuantity: "0.5ns" is not a whole number of nanoseconds of at most 3650 days; write a coarser or shorter time',
  ],
  ['fabric: { nicRate: 5GB }', '3:20: BadQuantity: "5GB" is not a bit rate; write it with its unit, as in 12.5Gbps or 100Mbps'],
  ['fabric: { mtu: 15 }', '3:16: OutOfRange: 15 is too small; the least is 68B'],
  ['fabric: { mtu: 1.5kX }', '3:16: BadQuantity: "1.5kX" is not a number of bytes; write 1500B or 4KiB'],
  ['fabric: { encapsulation: vxlna }', '3:26: BadValue: "vxlna" is not allowed here; did you mean vxlan?'],
  ['fabric: { vni: 16777216 }', '3:16: OutOfRange: 16777216 is too large; the most is 16777215'],
  ['fabric: { vxlan: { tos: 0x100 } }', '3:25: OutOfRange: 256 is too large; the most is 255'],
  ['fabric: { ephemeralPorts: 9-5 }', '3:27: BadPortRange: "9-5" is not a range of ports; write first-last, as in 32768-60999'],
  ['vnet: { subnets: { a: { cidr: 10.0.0.5/16 } } }', '3:31: CidrHostBits: 10.0.0.5/16 has bits set after the prefix; write 10.0.0.0/16'],
  [
    'vnet: { subnets: { a: { cidr: 10.0.0.0 } } }',
    '3:31: BadCidr: "10.0.0.0" is not an address range; add the length of the prefix, as in 10.0.0.0/24',
  ],
  ['vnet: { addressSpace: [x] }', '3:24: BadCidr: "x" is not an address range; write address/length, as in 10.244.0.0/16'],
  [
    'endpoints: [{ name: x, address: 10.0.0.010 }]',
    '3:33: BadAddress: "10.0.0.010" is not an IPv4 address; write four numbers from 0 to 255 without leading zeros, as in 10.224.0.4',
  ],
  [
    'endpoints: [{ name: a b, address: 10.0.0.1 }]',
    '3:21: BadName: "a b" is not a name; use letters, digits, "-" and ".", without "/" and spaces',
  ],
  [
    'assert: [drops.total = 0]',
    '3:10: BadExpression: "=" has no meaning here at character 13 of "drops.total = 0"; write it as in drops.total == 0',
  ],
  ['capture: [{ pod: shop/web/0, file: ../x }]', '3:36: UnsafePath: ../x lies outside the output folder; write a name relative to --out'],
  // ---- names ----
  [
    `traffic: [{ from: { workload: shop/wbe }, to: { pod: solo/0, port: 1 }, ${UDP} }]`,
    '3:31: UnknownWorkload: there is no workload shop/wbe; did you mean shop/web?',
  ],
  [
    `traffic: [{ from: { pod: shop/web/3 }, to: { pod: solo/0, port: 1 }, ${UDP} }]`,
    '3:26: UnknownPod: there is no pod shop/web/3; shop/web has 3 pods, numbered from 0',
  ],
  [
    `traffic: [{ from: { endpoint: x }, to: { pod: solo/0, port: 1 }, ${UDP} }]`,
    '3:31: UnknownEndpoint: there is no endpoint x; this scenario has none',
  ],
  ['capture: [{ node: nodepool1/3, file: x }]', '3:19: UnknownNode: there is no node nodepool1/3; the pool has 3 nodes, numbered from 0'],
  ['capture: [{ node: nodepol1/0, file: x }]', '3:19: UnknownNode: there is no node nodepol1/0; did you mean nodepool1/0?'],
  [
    'vnet: { subnets: { a: { cidr: 10.0.0.0/16 } } }\ncluster: { agentPoolProfiles: [{ name: p, vnetSubnet: b }] }',
    '4:55: UnknownSubnet: there is no subnet b; did you mean a?',
  ],
  [
    `traffic: [{ from: { selector: { labels: { app: x } } }, to: { pod: solo/0, port: 1 }, ${UDP} }]`,
    '3:21: EmptySelector: no workload carries these labels; compare them with the labels of the workloads',
  ],
  [
    'cluster: { agentPoolProfiles: [{ name: p }, { name: p }] }',
    '3:53: DuplicateName: pool p stands here twice; give one of them another name',
  ],
  [
    'cluster: { agentPoolProfiles: [{ name: p, count: 1, nodes: [{ name: n }, { name: m }] }] }',
    '3:50: CountMismatch: count 1, but 2 nodes are listed; raise count or leave it out',
  ],
  // ---- what belongs together ----
  [
    'traffic: [{ from: { workload: shop/web }, to: { pod: solo/0, port: 1 }, size: 100 }]',
    '3:11: MissingKey: "rate" is missing; add it, as in rate: 100/s',
  ],
  [
    `traffic: [{ from: { workload: shop/web }, to: { pod: solo/0 }, ${UDP} }]`,
    '3:43: MissingKey: "port" is missing; add it, as in port: 8080',
  ],
  [
    `traffic: [{ from: { pod: solo/0, workload: shop/web }, to: { pod: solo/0, port: 1 }, ${UDP} }]`,
    '3:13: AmbiguousPeer: names workload and pod; name one of them',
  ],
  [
    `traffic: [{ from: {}, to: { pod: solo/0, port: 1 }, ${UDP} }]`,
    '3:13: MissingKey: it does not say who; name a workload, selector, pod, endpoint, node, service or address',
  ],
  [
    `traffic: [{ from: { pod: solo/0 }, to: { pod: solo/0, port: 1 }, start: 5s, stop: 1s, ${UDP} }]`,
    '3:83: OutOfRange: stop 1s is before start 5s; write a later one',
  ],
  ['capture: [{ file: x }]', '3:11: MissingKey: it does not say where; name a node, pod, endpoint or gateway'],
  [
    'traffic: [{ from: { workload: shop/web }, replay: { file: x }, rate: 5/s }]',
    '3:13: BadValue: a replay comes from one place; name a pod, an endpoint or a node',
  ],
]

describe('a file with one mistake', () => {
  test.each(CASES)('%s', (text, expected) => {
    expect(mistakesOf(`${HEAD}${text}\n`)).toContain(expected)
  })
})

describe('what is not built yet is refused by name', () => {
  test.each([
    ['cluster: { networkProfile: { networkPlugin: none } }', 'networkPlugin none'],
    ['cluster: { networkProfile: { ipFamilies: [IPv4, IPv6] } }', 'IPv6'],
    [
      'cluster: { agentPoolProfiles: [{ name: p, podSubnet: x }, { name: q, podSubnet: x, podIPAllocationMode: StaticBlock }] }',
      'DynamicIndividual and StaticBlock in one cluster',
    ],
    ['traffic: [{ from: { pod: solo/0 }, to: { pod: solo/0, port: 1 }, protocol: sctp }]', 'traffic of protocol sctp'],
  ])('%s', (text, what) => {
    const found = mistakesOf(`${HEAD}${text}\n`)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(`: NotSupportedYet: not supported yet: ${what};`)
  })
})

describe('the text itself', () => {
  test.each([
    ['a: [1, 2', /^\d+:\d+: YamlSyntax: /],
    ['a: b: c', /^1:\d+: YamlSyntax: /],
    ['', /NotAScenario: this is not a scenario; begin with "apiVersion: vxlane\/v1"$/],
    ['- 1', /^1:1: NotAScenario/],
    ['just text', /^1:1: NotAScenario/],
    ['name: x', /^1:1: MissingKey: "apiVersion" is missing; add it: vxlane\/v1$/],
    ['apiVersion: vxlane/v2', /^1:13: BadValue: "vxlane\/v2" is not allowed here; did you mean vxlane\/v1\?$/],
  ])('%j', (text, expected) => {
    const found = mistakesOf(text)
    expect(found.length).toBeGreaterThan(0)
    expect(found[0]).toMatch(expected)
  })
  test('a file that is not there', () => {
    expect(() => loadScenario('/nowhere/x.yaml')).toThrow('/nowhere/x.yaml: FileNotRead: there is no such file; check the path')
  })
  test('a folder, and a path that leads through a file', () => {
    expect(() => loadScenario(dirname(file))).toThrow(`${dirname(file)}: FileNotRead: it is a folder; check the path; it counts from the`)
    expect(() => loadScenario(`${file}/x.yaml`)).toThrow(
      'FileNotRead: there is no such file: another one stands in the place of its folder; ',
    )
  })
  test('a recording that is not there, and one that is none', () => {
    const entry = (recording: string) => `${HEAD}traffic: [{ from: { pod: solo/0 }, replay: { file: ${recording} } }]\n`
    expect(mistakesOf(entry('none.pcap'))[0]).toMatch(/^3:52: FileNotRead: .*none\.pcap: there is no such file; /)
    expect(mistakesOf(entry('s.yaml'))[0]).toMatch(/^3:52: NotACapture: .*s\.yaml is neither pcap nor pcapng; /)
  })
})

/** No object can hold this key safely: the reader of plain YAML leaves it to the full one, which has it, and it is refused at its place. */
describe('the key __proto__ is refused', () => {
  const WORKLOADS = 'workloads:\n  - name: web\n'
  test.each([
    ['a line of a block', `${WORKLOADS}    labels:\n      app: web\n      __proto__: x`, '6:7'],
    ['in quotes', `${WORKLOADS}    labels:\n      "__proto__": x`, '5:7'],
    ['in brackets', `${WORKLOADS}    labels: { app: web, __proto__: x }`, '4:25'],
    ['in brackets and quotes', `${WORKLOADS}    labels: { '__proto__': x }`, '4:15'],
    ['with keys of its own', `${WORKLOADS}    labels:\n      __proto__:\n        app: web`, '5:7'],
    ['at the top', '__proto__: { seed: 3 }', '2:1'],
    ['beside known keys', 'fabric: { mtu: 1400, __proto__: { mtu: 1300 } }', '2:22'],
  ])('%s', (_, text, position) => {
    const plain = `apiVersion: vxlane/v1\n${text}\n`
    const expected = [`${position}: UnknownKey: unknown key "__proto__"; take it out`]
    expect(mistakesOf(plain)).toEqual(expected)
    // What only the full parser reads: an anchor, line ends of Windows.
    expect(mistakesOf(plain.replace('vxlane/v1', '&version vxlane/v1'))).toEqual(expected)
    expect(mistakesOf(plain.replaceAll('\n', '\r\n'))).toEqual(expected)
  })
  test.each([
    ['short', 0],
    ['long', 300_000],
  ])('in JSON: %s', (_, length) => {
    const text = JSON.stringify({ apiVersion: 'vxlane/v1', workloads: [{ name: 'web', labels: { app: 1 } }] }).replace(
      '"app":1',
      '"__proto__":"x"',
    )
    expect(mistakesOf(`${' '.repeat(length)}${text}`)).toEqual([
      `1:${length + text.indexOf('"__proto__"') + 1}: UnknownKey: unknown key "__proto__"; take it out`,
    ])
  })
})

test('all mistakes are reported at once, in the order of the file', () => {
  const found = mistakesOf(`${HEAD}fabric: { latency: 5, vxlan: { tt: 1 } }
traffic:
  - { from: { workload: shop/wab }, to: { pod: solo/0, port: 99999 }, size: 1, rate: fast }
capture: [{ gateway: middle, file: x }]
assert: ["1 <"]
`)
  expect(found.map(line => line.split(':').slice(0, 3).join(':'))).toEqual([
    '3:20: BadQuantity',
    '3:32: UnknownKey',
    '5:25: UnknownWorkload',
    '5:62: OutOfRange',
    '5:77: OutOfRange',
    '5:86: BadQuantity',
    '6:22: BadValue',
    '7:10: BadExpression',
  ])
})
