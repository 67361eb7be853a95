// The texts of `exec` against what the real tools printed in the recorded cluster, line by line, except fields that cannot be the same:
// numbers of devices, timers, counters, the kernel's flow entries of the tunnel itself, and neighbours that traffic had learned.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type Lab, openLab } from '../../src/index.js'

const PODVIEW = fileURLToPath(new URL('../golden/podview/', import.meta.url))

/** Command and what it printed, for each section of a recording. */
function sectionsOf(file: string): Map<string, string> {
  const found = new Map<string, string>()
  const text = readFileSync(`${PODVIEW}${file}`, 'utf8')
  for (const section of text.split(/\n(?=\w+# )/)) {
    const head = /^\w+# (.*)\n/.exec(section)
    if (head && !found.has(head[1])) found.set(head[1], section.slice(head[0].length).replace(/\n+$/, '\n'))
  }
  return found
}

/** The recorded cluster: its pods were left at the MTU of their nodes. */
const recorded = (podInterface: string) => ({
  apiVersion: 'vxlane/v1',
  name: 'podview',
  vnet: { addressSpace: ['10.224.0.0/16'], subnets: { 'aks-nodes': { cidr: '10.224.0.0/16' } } },
  cluster: {
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', podCidr: '10.244.0.0/16', outboundType: 'userDefinedRouting' },
    agentPoolProfiles: [
      {
        name: 'nodepool1',
        vnetSubnet: 'aks-nodes',
        nodes: [1, 2, 3].map(i => ({ name: `node${i}`, address: `10.224.0.${i + 3}`, podCidr: `10.244.${i}.0/24` })),
      },
    ],
  },
  fabric: { podInterface, podMtu: 1500, masquerade: { enabled: true, vnet: false }, appliance: { address: '10.224.0.1' } },
  workloads: [
    {
      namespace: 'lab',
      name: 'probe',
      pods: [1, 2, 3].flatMap(i => [1, 2].map(k => ({ name: `pod${i}${k}`, node: `node${i}`, address: `10.244.${i}.1${k}` }))),
    },
  ],
  endpoints: [
    { name: 'inet', address: '203.0.113.10', location: 'internet' },
    { name: 'vm', address: '10.224.0.100', location: 'vnet' },
  ],
})

const withoutIndices = (text: string): string =>
  text
    .replace(/@if\d+(: | +)/g, '@if$1')
    .replace(/^\d+: /gm, 'N: ')
    .replace(/"(ifindex|link_index)": ?\d+/g, '"$1":N')
const sorted = (text: string): string => text.split('\n').sort().join('\n')
const withoutCounters = (text: string): string => text.replace(/packets \d+ bytes \d+/g, 'packets N bytes N')

const POD_COMMANDS = [
  'ip addr show eth0',
  'ip addr show',
  'ip -br addr',
  'ip -j -p addr show eth0',
  'ip link show eth0',
  'ip -d link show eth0',
  'ip route show',
  'ip -j route show',
  'ip route show table local',
  'ip rule show',
  'ip route get 10.244.2.11',
  'ip route get 203.0.113.10',
  'ip route get 10.244.1.12',
]
const NODE_COMMANDS = [
  'ip -br link',
  'ip -br addr',
  'ip addr show',
  'ip -d link show vxlan0',
  'ip -d link show azv11',
  'ip -d -j -p link show vxlan0',
  'ip route show',
  'ip route get 10.244.2.11',
  'ip route get 10.244.1.11',
  'ip route get 203.0.113.10',
]

describe('inside a pod', () => {
  for (const [file, style] of [
    ['pod-azure.txt', 'transparent'],
    ['pod-gw24.txt', 'gateway'],
  ] as const) {
    const sections = sectionsOf(file)
    it.each(POD_COMMANDS)(`${style}: %s`, async command => {
      const lab = await openLab(recorded(style))
      const wanted = sections.get(command)
      expect(wanted, 'not in the recording').toBeDefined()
      expect(lab.exec('lab/pod11', command.split(' ')).split('\n')).toEqual(wanted?.split('\n'))
    })
    it(`${style}: ip neigh show, but for what traffic had learned`, async () => {
      const lab = await openLab(recorded(style))
      const gateway = lab.exec('lab/pod11', ['ip', 'neigh', 'show'])
      expect(sections.get('ip neigh show')?.startsWith(gateway)).toBe(true)
    })
  }
})

describe('on a node', () => {
  const sections = sectionsOf('node.txt')
  const lab = openLab(recorded('transparent'))
  const onNode = async (command: string): Promise<string> => (await lab).exec('node:node1', command.split(' '))
  it.each(NODE_COMMANDS)('%s', async command => {
    expect(withoutIndices(await onNode(command)).split('\n')).toEqual(withoutIndices(sections.get(command)!).split('\n'))
  })
  it('even the numbers of devices are those of the recording', async () => {
    expect(await onNode('ip addr show')).toBe(sections.get('ip addr show'))
  })
  it.each(['ip neigh show', 'bridge fdb show dev vxlan0'])('%s, in whatever order the kernel keeps them', async command => {
    expect(sorted(await onNode(command))).toBe(sorted(sections.get(command)!))
  })
  it('nft list ruleset, but for the counters', async () => {
    expect(withoutCounters(await onNode('nft list ruleset'))).toBe(withoutCounters(sections.get('nft list ruleset')!))
  })
  it('a node without pods of its own, the other ways of asking', async () => {
    expect(await onNode('ip -4 addr show eth0')).toBe(
      '2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000 link-netnsid 0\n' +
        '    inet 10.224.0.4/16 brd 10.224.255.255 scope global eth0\n       valid_lft forever preferred_lft forever\n',
    )
    for (const [a, b] of [
      ['ip a', 'ip addr show'],
      ['ip -brief a s', 'ip -br addr'],
      ['ip r', 'ip route show'],
      ['ip n', 'ip neigh show'],
      ['ip -details link show dev vxlan0', 'ip -d link show vxlan0'],
    ])
      expect(await onNode(a)).toBe(await onNode(b))
    expect(JSON.parse(await onNode('ip -j neigh show')).length).toBe(8)
    expect(JSON.parse(await onNode('bridge -j fdb show')).length).toBe(2)
    expect(await onNode('ip -6 addr')).toBe('')
  })
})

describe('connections of the run', () => {
  const busy = {
    ...recorded('transparent'),
    duration: '10s',
    traffic: [
      {
        name: 'asked',
        from: { pod: 'lab/pod11' },
        to: { pod: 'lab/pod21', port: 7000 },
        size: 100,
        rate: '10/s',
        answer: { size: 50 },
        stop: '4s',
      },
      { name: 'out', from: { pod: 'lab/pod12' }, to: { endpoint: 'inet', port: 53 }, size: 100, rate: '10/s', start: '3s', stop: '5s' },
    ],
  }
  const LINE =
    /^(udp|tcp|icmp) +\d+ \d+ (\w+ )?src=[\d.]+ dst=[\d.]+ sport=\d+ dport=\d+ (\[UNREPLIED\] )?src=[\d.]+ dst=[\d.]+ sport=\d+ dport=\d+ (\[ASSURED\] )?mark=0 use=1$/
  const at = (lab: Lab, time: string, command = 'conntrack -L') =>
    lab.exec('node:node1', command.split(' '), { at: time }).trimEnd().split('\n')

  it('appear, are assured, and expire', async () => {
    const lab = await openLab(busy)
    expect(at(lab, '0s')).toEqual(['conntrack v1.4.7 (conntrack-tools): 0 flow entries have been shown.'])
    const early = at(lab, '1s')
    expect(early[0]).toContain(': 1 flow entries')
    expect(early[1]).toMatch(LINE)
    expect(early[1]).toMatch(
      /^udp {6}17 29 src=10\.244\.1\.11 dst=10\.244\.2\.11 sport=\d+ dport=7000 src=10\.244\.2\.11 dst=10\.244\.1\.11 sport=7000/,
    )
    const late = at(lab, '4s')
    expect(late.length).toBe(3)
    expect(late.find(line => line.includes('dport=7000'))).toContain('[ASSURED]')
    // Masqueraded: the answer is to come to the node.
    expect(late.find(line => line.includes('dport=53'))).toMatch(/\[UNREPLIED\] src=203\.0\.113\.10 dst=10\.224\.0\.4 sport=53/)
    expect(at(lab, '4s', 'conntrack -C')).toEqual(['2'])
    expect(at(lab, '4s', 'conntrack -L -d 203.0.113.10 -p udp').length).toBe(2)
    expect(at(lab, '4s', 'conntrack -L -o extended')[1]).toMatch(/^ipv4 {5}2 udp/)
  })
})

describe('kube-proxy in iptables form', () => {
  it('names chains, probabilities and endpoints', async () => {
    const services = [
      {
        name: 'web',
        namespace: 'lab',
        clusterIp: '10.0.0.80',
        selector: { app: 'w' },
        ports: [{ name: 'http', port: 80, targetPort: 8080 }],
      },
    ]
    const workloads = [{ namespace: 'lab', name: 'web', labels: { app: 'w' }, replicas: 3 }]
    const lab = await openLab({ ...recorded('transparent'), workloads, services })
    const text = lab.exec('node1', ['iptables-save', '-t', 'nat'])
    expect(text).toContain(
      '-A KUBE-SERVICES -d 10.0.0.80/32 -p tcp -m comment --comment "lab/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-',
    )
    expect(text.match(/--probability 0\.33333333333/g)?.length).toBe(1)
    expect(text.match(/-j DNAT --to-destination 10\.244\.\d\.\d+:8080/g)?.length).toBe(3)
  })
})

describe('what is not answered', () => {
  it.each([
    ['lab/pod11', 'ip -s link'],
    ['lab/pod11', 'ip tunnel'],
    ['lab/pod11', 'conntrack -L'],
    ['node:node1', 'ss -unlp'],
    ['node:node1', 'conntrack -D'],
    ['node:node1', 'bridge link'],
  ])('%s: %s is refused with a list of what is', async (who, command) => {
    const lab = await openLab(recorded('transparent'))
    expect(() => lab.exec(who, command.split(' '))).toThrow(/not supported yet: .*; answered here:\n {2}ip \[-4\]/)
  })
  it('a device that is not there, as the tool says it', async () => {
    const lab = await openLab(recorded('transparent'))
    expect(lab.exec('lab/pod11', ['ip', 'link', 'show', 'eth1'])).toBe('Device "eth1" does not exist.\n')
    expect(() => lab.exec('inet', ['ip', 'a'])).toThrow(/not supported yet: commands at inet/)
    expect(() => lab.exec('lab/pod99', ['ip', 'a'])).toThrow(/there is no lab\/pod99; did you mean/)
  })
  it('the DNS that pods are told', async () => {
    const lab = await openLab(recorded('transparent'))
    expect(lab.exec('lab/pod11', ['cat', '/etc/resolv.conf'])).toContain('nameserver 10.0.0.10\n')
  })
})
