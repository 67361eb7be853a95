// A dump larger than anybody wants in memory: its objects are read one at a time. Measured in a process of its own; short by default,
// 200,000 pods with VXLANE_LONG=1.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { sampleBytes } from './read-text.js'

const LONG = process.env.VXLANE_LONG === '1'
const PODS = LONG ? 200_000 : 4_000
const PER_NODE = 240
const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vxlane-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Obj {
  metadata: { name: string; labels: Record<string, string>; ownerReferences: { name: string }[] }
  spec: { nodeName: string; podCIDR: string }
  status: { podIP: string; addresses: { address: string }[] }
}
const first = (name: string): string =>
  JSON.stringify((JSON.parse(sampleBytes(name).toString('utf8')) as { items: unknown[] }).items.at(-1), null, 2)

/** As kubectl prints it: nodes, then pods, some three kilobytes each. */
function writeDump(file: string): void {
  const nodeText = first('nodes.json')
  const podText = first('pods.json')
  const out = openSync(file, 'w')
  writeSync(out, '{\n"apiVersion": "v1",\n"items": [\n')
  let text = ''
  const put = (object: Obj, isLast: boolean): void => {
    text += JSON.stringify(object, null, 2) + (isLast ? '\n' : ',\n')
    if (text.length > 1 << 20 || isLast) {
      writeSync(out, text)
      text = ''
    }
  }
  const block = (n: number): string => `10.${244 + (n >> 8)}.${n & 255}`
  for (let n = 0; n * PER_NODE < PODS; n++) {
    const node = JSON.parse(nodeText) as Obj
    node.metadata.name = `aks-np-12345678-vmss${n.toString(36).padStart(6, '0')}`
    node.metadata.labels = { agentpool: 'np', 'kubernetes.azure.com/podnetwork-type': 'overlay' }
    node.spec.podCIDR = `${block(n)}.0/24`
    Object.assign(node.spec, { podCIDRs: [node.spec.podCIDR] })
    node.status.addresses[0].address = `10.224.${(n + 4) >> 8}.${(n + 4) & 255}`
    put(node, false)
  }
  for (let i = 0; i < PODS; i++) {
    const pod = JSON.parse(podText) as Obj
    const n = Math.floor(i / PER_NODE)
    pod.metadata.name = `app-${i}`
    pod.metadata.ownerReferences[0].name = `app${i % 500}-${pod.metadata.labels['pod-template-hash']}`
    pod.spec.nodeName = `aks-np-12345678-vmss${n.toString(36).padStart(6, '0')}`
    pod.status.podIP = `${block(n)}.${(i % PER_NODE) + 4}`
    put(pod, i === PODS - 1)
  }
  writeSync(out, '],\n"kind": "List"\n}\n')
}

/** The same as YAML: the text of the sample's own items, with other names and addresses. */
function writeYaml(file: string): void {
  const items = sampleBytes('all.yaml')
    .toString('utf8')
    .split(/^(?=- )/m)
  const itemOf = (kind: string, name: string): string =>
    items.find(text => text.includes(`\n  kind: ${kind}\n`) && text.includes(`name: ${name}`)) ?? ''
  const nodeText = itemOf('Node', 'aks-nodepool1-31718369-vmss000000\n')
  const podText = itemOf('Pod', 'web-6d5f7c9b8-lkkc4\n')
  const out = openSync(file, 'w')
  writeSync(out, 'apiVersion: v1\nitems:\n')
  let text = ''
  for (let i = 0; i < PODS; i++) {
    const n = Math.floor(i / PER_NODE)
    const block = `10.${244 + (n >> 8)}.${n & 255}`
    const node = `vmss${n.toString(36).padStart(6, '0')}`
    const address = `10.224.${(n + 4) >> 8}.${(n + 4) & 255}`
    if (i % PER_NODE === 0)
      text += nodeText
        .replaceAll('vmss000000', node)
        .replaceAll('10.244.0.0/24', `${block}.0/24`)
        .replace('address: 10.224.0.4', `address: ${address}`)
    text += podText
      .replaceAll('vmss000000', node)
      .replaceAll('web-6d5f7c9b8-lkkc4', `web-6d5f7c9b8-${i}`)
      .replaceAll('10.244.0.5', `${block}.${(i % PER_NODE) + 4}`)
    if (text.length > 1 << 20 || i === PODS - 1) {
      writeSync(out, text)
      text = ''
    }
  }
  writeSync(out, 'kind: List\nmetadata:\n  resourceVersion: ""\n')
}

test.each([
  ['json', writeDump],
  ['yaml', writeYaml],
])(
  `${PODS} pods are imported without holding twice the file: %s`,
  (kind, writeFile) => {
    const file = join(folder, `all.${kind}`)
    writeFile(file)
    const script = `
    process.argv = [process.argv[0], 'vxlane', 'import', '--kubectl', ${JSON.stringify(file)}, '-o', ${JSON.stringify(join(folder, 'out.json'))}]
    process.on('exit', () => process.stdout.write('\\n' + process.resourceUsage().maxRSS))
    await import(${JSON.stringify(MAIN)})`
    const began = process.hrtime.bigint()
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const seconds = Number(process.hrtime.bigint() - began) / 1e9
    const peak = Number(said.split('\n').at(-1)) * 1024
    const size = statSync(file).size
    const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
    process.stderr.write(`imported ${PODS} pods from ${kind}, ${megabytes(size)}, in ${seconds.toFixed(1)} s, peak ${megabytes(peak)}\n`)
    expect(statSync(join(folder, 'out.json')).size).toBeGreaterThan(PODS * 50)
    // A process without work has some 50 MB and lets rubbish lie; a short dump is less than that.
    expect(peak).toBeLessThan(2 * size + (LONG ? 0 : 300e6))
  },
  900_000,
)
