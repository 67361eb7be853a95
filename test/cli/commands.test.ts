// The command line as a user meets it: streams, exit codes, texts. Runs the compiled program in processes of its own.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readCapture } from '../../src/wire/pcap.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MAIN = join(ROOT, 'dist/src/cli/main.js')
const folder = mkdtempSync(join(tmpdir(), 'vxlane-'))

interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function vxlane(words: readonly string[], input = ''): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
    cwd: ROOT,
    input,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { code: status, out: stdout, err: stderr }
}

test('--version and --help', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(vxlane(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  const help = vxlane(['--help'])
  expect(help.code).toBe(0)
  expect(help.out.startsWith('Examples:')).toBe(true)
  for (const text of ['run', 'validate', 'import', 'schema', 'examples', '3    an assertion of the scenario failed', '130  interrupted']) {
    expect(help.out).toContain(text)
  }
})

describe('usage', () => {
  test.each([
    [['valdate'], '(Did you mean validate?)'],
    [['validate', 'x', '--shw'], '(Did you mean --show?)'],
    [['validate'], "missing required argument 'scenario'"],
    [['schema', 'x'], 'Allowed choices are scenario, study, result'],
    [['import'], 'say what to import'],
    [['import', '--az-create', 'az vm create'], 'this is not "az aks create …"'],
    [['examples', 'thousand-node'], 'there is no example thousand-node; did you mean thousand-nodes?'],
  ])('%j', (words, text) => {
    const { code, out, err } = vxlane(words)
    expect(err).toContain(text)
    expect(err).not.toMatch(/\n {4}at /)
    expect([code, out]).toEqual([2, ''])
  })
})

describe('validate', () => {
  const good = join(folder, 'good.yaml')
  const bad = join(folder, 'bad.yaml')
  writeFileSync(good, 'apiVersion: vxlane/v1\nname: good\n')
  writeFileSync(bad, 'apiVersion: vxlane/v1\nfabric:\n  mtuu: 3\ncluster:\n  networkProfile:\n    podCidr: 10.244.0.1/16\n')

  test('a good file, and standard input', () => {
    const { code, out, err } = vxlane(['validate', good])
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^.*good\.yaml: valid, 3 nodes, 0 pods, hash [0-9a-f]{12}\n$/)
    expect(vxlane(['validate', '-'], readFileSync(good, 'utf8')).out).toMatch(/^-: valid/)
  })
  test('mistakes of all files at once, located, without a stack', () => {
    const { code, out, err } = vxlane(['validate', bad, good])
    expect(code).toBe(2)
    expect(err).toBe(
      `${bad}:3:3: UnknownKey: unknown key "mtuu"; did you mean mtu?\n${bad}:6:14: CidrHostBits: 10.244.0.1/16 has bits set after the prefix; write 10.244.0.0/16\n`,
    )
    expect(out).toContain('good.yaml: valid')
  })
  test('the meaning too, with its place', () => {
    const file = join(folder, 'overlap.yaml')
    writeFileSync(file, 'apiVersion: vxlane/v1\ncluster:\n  networkProfile:\n    podCidr: 10.224.0.0/16\n')
    const { code, err } = vxlane(['validate', file])
    expect(code).toBe(2)
    expect(err).toMatch(/^.*overlap\.yaml:4:14: [A-Z]\w+: /m)
  })
  test('--json', () => {
    const { code, out, err } = vxlane(['validate', '--json', bad, good])
    expect([code, err]).toEqual([2, ''])
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      kind: 'validate',
      files: [
        {
          file: bad,
          valid: false,
          hash: null,
          issues: [{ code: 'UnknownKey', line: 3, column: 3, path: ['fabric', 'mtuu'] }, { code: 'CidrHostBits' }],
        },
        { file: good, valid: true, issues: [] },
      ],
    })
  })
  test('--show --set', () => {
    const { code, out } = vxlane(['validate', good, '--show', '--set', 'fabric.mtu=9000'])
    expect(code).toBe(0)
    expect(out).toContain('  mtu: 9000 # --set\n  podMtu: 8950 # default\n')
  })
})

test('schema prints what is in schema/', () => {
  for (const kind of ['scenario', 'bench']) {
    const { code, out } = vxlane(['schema', kind])
    expect([code, out]).toEqual([0, readFileSync(join(ROOT, `schema/${kind}.schema.json`), 'utf8')])
  }
})

test('examples are listed and printed', () => {
  expect(vxlane(['examples']).out).toMatch(/^vxlan-two-nodes +VXLAN between two nodes/m)
  expect(vxlane(['examples', 'mtu-mistake']).out).toBe(readFileSync(join(ROOT, 'scenarios/mtu-mistake.yaml'), 'utf8'))
})

test('import writes a file that validates; notes go to stderr', () => {
  const file = join(folder, 'imported.yaml')
  const { code, out, err } = vxlane([
    'import',
    '--az-create',
    'az aks create -n x --network-plugin azure --pod-cidr 10.244.0.0/16 --tags a=b',
    '-o',
    file,
  ])
  expect([code, out]).toEqual([0, ''])
  expect(err).toMatch(/^warning: imported as overlay.*\nignored, not about networking: --tags\n$/)
  expect(vxlane(['validate', file]).code).toBe(0)
  const unwritable = vxlane(['import', '--az-create', 'az aks create', '-o', join(folder, 'none', 'x')])
  expect([unwritable.code, unwritable.out]).toEqual([2, ''])
  expect(unwritable.err.endsWith(`vxlane import: cannot write ${join(folder, 'none', 'x')}: there is no such folder\n`)).toBe(true)
})

test('a reader that goes away is no error', () => {
  const { status, stderr } = spawnSync('/bin/sh', ['-c', `"${process.execPath}" "${MAIN}" schema | head -c 10`], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
})

describe('trace', () => {
  const words = ['trace', 'scenarios/vxlan-two-nodes.yaml', '--from', 'lab/pod11', '--to', 'lab/pod21:80']
  test('tells the way, as text and as JSON', () => {
    const text = vxlane(words)
    expect([text.code, text.err]).toEqual([0, ''])
    expect(text.out).toMatch(/^lab\/pod11 > lab\/pod21:80 TCP\n\nSYN\n/)
    expect(text.out).toMatch(/\ndelivered, and answered, through VXLAN\n$/)
    const json = vxlane([...words, '--json'])
    expect(JSON.parse(json.out)).toMatchObject({ schemaVersion: 1, kind: 'trace', delivered: true, droppedAt: null, encapsulated: true })
  })
  test('a drop is an answer; --expect makes it a failure', () => {
    const dropped = [...words.slice(0, -1), '8.8.8.8:53', '--protocol', 'udp', '--set', 'cluster.networkProfile.outboundType=none']
    expect(vxlane(dropped)).toMatchObject({ code: 0, err: '' })
    expect(vxlane(dropped).out).toContain('dropped at the underlay, noOutbound')
    expect(vxlane([...dropped, '--expect', 'delivered']).code).toBe(3)
    expect(vxlane([...dropped, '--expect', 'dropped']).code).toBe(0)
  })
  test('an unknown name gets the nearest one', () => {
    const { code, out, err } = vxlane(['trace', 'scenarios/vxlan-two-nodes.yaml', '--from', 'lab/pod12', '--to', 'lab/pod21:80'])
    expect([code, out, err]).toEqual([2, '', 'vxlane: there is no lab/pod12; did you mean lab/pod11?\n'])
  })
  test('--pcap writes the frames with comments', () => {
    const file = join(folder, 'trace.pcapng')
    expect(vxlane([...words, '--pcap', file]).code).toBe(0)
    const refused = vxlane([...words, '--pcap', join(file, 'x')])
    expect(refused).toEqual({ code: 2, out: '', err: `vxlane: cannot write ${file}/x: a file stands in the place of a folder\n` })
    const { frames } = readCapture(readFileSync(file))
    expect(frames.length).toBe(8)
    expect(frames[0].comment).toContain('send at lab/pod11')
    expect(frames.at(-1)?.comment).toContain('delivery at lab/pod11')
  })
})

describe('exec', () => {
  const file = 'scenarios/vxlan-two-nodes.yaml'
  test('prints what the tool would, in a pod and on a node', () => {
    const pod = vxlane(['exec', file, 'lab/pod11', '--', 'ip', 'route', 'show'])
    expect(pod).toEqual({ code: 0, out: 'default via 169.254.1.1 dev eth0 \n169.254.1.1 dev eth0 scope link \n', err: '' })
    const node = vxlane(['exec', file, '--node', 'node1', '--', 'bridge', 'fdb', 'show', 'dev', 'vxlan0'])
    expect(node).toEqual({ code: 0, out: '02:01:0a:f4:02:00 dst 10.224.0.5 self permanent\n', err: '' })
  })
  test('refuses what it does not know with a list', () => {
    const { code, out, err } = vxlane(['exec', file, 'lab/pod11', '--', 'ss', '-t'])
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('vxlane: not supported yet: ss -t; answered here:\n  ip [-4]')
    expect(vxlane(['exec', file]).code).toBe(2)
  })
})
