// kube-proxy's rules, one by one, on the stack of a small cluster; the choice's statistics; and a naive model of who may get a connection.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openLab } from '../../src/index.js'
import { serviceLab, serviceScenario } from '../support/service-lab.js'

const fixed = (name: string, node: number, last: number, rest: object = {}) => ({
  name,
  node: `node${node}`,
  address: `10.244.${node}.${last}`,
  ...rest,
})
const WEB = {
  namespace: 'shop',
  name: 'web',
  labels: { app: 'web' },
  ports: [{ name: 'http', containerPort: 8080 }],
  pods: [fixed('web-1', 1, 11), fixed('web-2', 2, 11), fixed('web-3', 3, 11, { ready: false })],
}
const CLIENT = { namespace: 'shop', name: 'client', pods: [fixed('client-1', 1, 21), fixed('client-2', 2, 21), fixed('client-3', 3, 21)] }
const service = (rest: object = {}) => ({
  namespace: 'shop',
  name: 'web',
  clusterIp: '10.0.0.80',
  selector: { app: 'web' },
  ports: [{ name: 'http', port: 80, targetPort: 'http' }],
  ...rest,
})
const labOf = (...services: object[]) => serviceLab(serviceScenario([WEB, CLIENT], services))
const reachedBy = (lab: ReturnType<typeof serviceLab>, from: string, to: string, port: number, count: number) =>
  new Set(Array.from({ length: count }, (_, i) => lab.connect(from, to, port, { sourcePort: 40_000 + i }).reached))

/** Two-sided chi-square bound at 1e-4 for small degrees of freedom (tables). */
const CHI_SQUARE: Readonly<Record<number, number>> = { 4: 23.51, 9: 33.72 }

describe('the choice of an endpoint', () => {
  it('takes pods that are ready, at the port of that name', () => {
    const lab = labOf(service())
    expect(reachedBy(lab, 'shop/client-1', '10.0.0.80', 80, 60)).toEqual(new Set(['shop/web-1', 'shop/web-2']))
    expect(lab.connect('shop/client-1', '10.0.0.80', 80, { sourcePort: 50_000 }).headers).toMatchObject({
      targetPort: 8080,
      source: '10.244.1.21',
    })
  })
  it('takes pods that are not ready where the Service publishes them', () => {
    const lab = labOf(service({ publishNotReadyAddresses: true }))
    expect(reachedBy(lab, 'shop/client-1', '10.0.0.80', 80, 100).size).toBe(3)
  })
  it.each([5, 10])('is uniform over %i endpoints', count => {
    const pods = Array.from({ length: count }, (_, i) => fixed(`p-${i}`, 1 + (i % 3), 100 + i))
    const lab = serviceLab(
      serviceScenario(
        [{ namespace: 'shop', name: 'many', labels: { app: 'web' }, ports: [{ name: 'http', containerPort: 1 }], pods }, CLIENT],
        [service()],
      ),
    )
    const draws = 4000
    const seen = new Map<string, number>()
    for (let i = 0; i < draws; i++) {
      const { reached } = lab.connect('shop/client-2', '10.0.0.80', 80, { sourcePort: 1024 + i })
      seen.set(reached, (seen.get(reached) ?? 0) + 1)
    }
    expect(seen.size).toBe(count)
    const expected = draws / count
    const statistic = [...seen.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    expect(statistic).toBeLessThan(CHI_SQUARE[count - 1])
    // Nor is it suspiciously even.
    expect(statistic).toBeGreaterThan(0.05)
  })
  it('stays with a connection, and is drawn anew after it', () => {
    const lab = labOf(service())
    const first = lab.connect('shop/client-1', '10.0.0.80', 80, { protocol: 'TCP', sourcePort: 40_000 }).reached
    for (let i = 0; i < 20; i++)
      expect(lab.connect('shop/client-1', '10.0.0.80', 80, { sourcePort: 40_000, atNs: i * 1e9 }).reached).toBe(first)
    const later = new Set(
      Array.from({ length: 40 }, (_, i) => lab.connect('shop/client-1', '10.0.0.80', 80, { atNs: (i + 1) * 600e9 }).reached),
    )
    expect(later.size).toBe(2)
  })
  it('does not know other ports or protocols of the address', () => {
    const lab = labOf(service())
    expect(lab.connect('shop/client-1', '10.0.0.80', 81).reached).toBe('noSuchHost')
    expect(lab.connect('shop/client-1', '10.0.0.80', 80, { protocol: 'UDP' }).reached).toBe('noSuchHost')
  })
})

describe('SCTP', () => {
  it('has ports of its own, and they are translated', () => {
    const lab = labOf(service({ ports: [{ name: 's', port: 5060, targetPort: 5061, protocol: 'SCTP' }] }))
    expect(lab.connect('shop/client-1', '10.0.0.80', 5060, { protocol: 'SCTP' }).headers).toMatchObject({
      protocol: 'SCTP',
      targetPort: 5061,
    })
    expect(lab.connect('shop/client-1', '10.0.0.80', 5060, { protocol: 'TCP' }).reached).toBe('noSuchHost')
  })
})

describe('session affinity', () => {
  const sticky = service({ sessionAffinity: 'ClientIP', sessionAffinityTimeout: '60s' })
  it('keeps a client with its endpoint, from each node', () => {
    const lab = labOf(sticky)
    for (const client of ['shop/client-1', 'shop/client-2', 'shop/client-3'])
      expect(reachedBy(lab, client, '10.0.0.80', 80, 50).size).toBe(1)
  })
  it('forgets after the timeout, which every new connection begins again', () => {
    const lab = labOf(sticky)
    const at = (seconds: number, sourcePort: number) =>
      lab.connect('shop/client-1', '10.0.0.80', 80, { sourcePort, atNs: seconds * 1e9 }).reached
    const first = at(0, 1)
    for (let i = 1; i <= 40; i++) expect(at(i * 59, 1 + i)).toBe(first)
    const fresh = Array.from({ length: 40 }, (_, i) => at(40 * 59 + (i + 1) * 61, 100 + i))
    expect(new Set(fresh).size).toBe(2)
  })
})

describe('who is masqueraded', () => {
  it('a pod that reaches itself (hairpin): it sees its node, and the answer comes from the Service', async () => {
    const scenario = serviceScenario([{ ...WEB, pods: [fixed('web-1', 1, 11)] }], [service()])
    const trace = (await openLab(scenario)).trace({ from: 'shop/web-1', to: 'service:shop/web:80' })
    expect(trace).toMatchObject({ delivered: true, verdict: 'delivered', encapsulated: false })
    const [there, back] = trace.steps.filter(({ step }) => step === 'delivery')
    expect(there).toMatchObject({ at: 'shop/web-1', headers: { source: '10.224.0.4', target: '10.244.1.11', targetPort: 8080 } })
    expect(back).toMatchObject({ at: 'shop/web-1', headers: { source: '10.0.0.80', sourcePort: 80, target: '10.244.1.11' } })
  })
  it('a node, as the address of the interface it leaves by', () => {
    const lab = serviceLab(serviceScenario([{ ...WEB, pods: [fixed('web-2', 2, 11)] }], [service()]))
    expect(lab.connect('node1', '10.0.0.80', 80)).toMatchObject({ reached: 'shop/web-2', headers: { source: '10.244.1.0' } })
    expect(lab.connect('node2', '10.0.0.80', 80)).toMatchObject({ reached: 'shop/web-2', headers: { source: '10.224.0.5' } })
  })
  it('no other pod', () => {
    expect(labOf(service()).connect('shop/client-3', '10.0.0.80', 80).headers).toMatchObject({ source: '10.244.3.21' })
  })
})

describe('node ports', () => {
  const exposed = (rest: object = {}) => service({ type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30_080 }], ...rest })
  it('answer on every node, whoever has an endpoint', () => {
    const lab = labOf(exposed())
    for (const node of ['10.224.0.4', '10.224.0.5', '10.224.0.6'])
      expect(reachedBy(lab, 'shop/client-1', node, 30_080, 40)).toEqual(new Set(['shop/web-1', 'shop/web-2']))
  })
  it('keep to their node with Local, and drop where there is none', () => {
    const lab = labOf(exposed({ externalTrafficPolicy: 'Local' }))
    // The client's own node masquerades it, so it comes from outside the pod CIDR.
    expect(reachedBy(lab, 'shop/client-1', '10.224.0.5', 30_080, 20)).toEqual(new Set(['shop/web-2']))
    expect(lab.connect('shop/client-1', '10.224.0.6', 30_080).reached).toBe('serviceNoLocalEndpoints')
  })
})

describe('a load balancer', () => {
  const balanced = (rest: object = {}) => service({ type: 'LoadBalancer', loadBalancerIp: '192.0.2.80', ...rest })
  it('with Cluster reaches any endpoint, under the address of the node', () => {
    const lab = labOf(balanced())
    const found = Array.from({ length: 60 }, (_, i) => lab.connect('client', '192.0.2.80', 80, { sourcePort: 40_000 + i }))
    expect(new Set(found.map(({ reached }) => reached))).toEqual(new Set(['shop/web-1', 'shop/web-2']))
    for (const { headers } of found) expect(headers?.source).toMatch(/^10\.(224\.0\.[456]|244\.[123]\.0)$/)
  })
  it('with Local comes only to nodes with an endpoint, the source kept', () => {
    const lab = labOf(balanced({ externalTrafficPolicy: 'Local' }))
    const found = Array.from({ length: 60 }, (_, i) => lab.connect('client', '192.0.2.80', 80, { sourcePort: 40_000 + i }))
    expect(new Set(found.map(({ reached }) => reached))).toEqual(new Set(['shop/web-1', 'shop/web-2']))
    for (const { headers } of found) expect(headers?.source).toBe('203.0.113.10')
  })
  it('has no healthy node without endpoints', () => {
    const lab = labOf(balanced({ externalTrafficPolicy: 'Local', selector: { app: 'gone' } }))
    expect(lab.connect('client', '192.0.2.80', 80).reached).toBe('noHealthyNode')
  })
  it('answers come straight back from the frontend, in both policies', async () => {
    for (const externalTrafficPolicy of ['Cluster', 'Local']) {
      const lab = await openLab(serviceScenario([WEB, CLIENT], [balanced({ externalTrafficPolicy })]))
      for (let sourcePort = 1; sourcePort < 20; sourcePort++) {
        const trace = lab.trace({ from: 'client', to: '192.0.2.80:80', sourcePort })
        expect(trace.delivered).toBe(true)
        expect(trace.steps.at(-1)).toMatchObject({ at: 'client', headers: { source: '192.0.2.80', sourcePort: 80, kind: 'SYN-ACK' } })
      }
    }
  })
  it('takes connections from addresses that nobody in the scenario owns', async () => {
    const lab = await openLab(serviceScenario([WEB, CLIENT], [balanced({ externalTrafficPolicy: 'Local' })]))
    const trace = lab.trace({ from: '198.18.0.7', to: '192.0.2.80:80' })
    expect(trace).toMatchObject({ delivered: true, from: '198.18.0.7' })
    expect(trace.steps.find(({ step }) => step === 'delivery')?.headers?.source).toBe('198.18.0.7')
    expect(lab.trace({ from: '198.18.0.7', to: '192.0.2.80:81' }).delivered).toBe(false)
  })
  it('is short-circuited for pods: any endpoint, even with Local', () => {
    const lab = labOf(balanced({ externalTrafficPolicy: 'Local' }))
    expect(reachedBy(lab, 'shop/client-3', '192.0.2.80', 80, 60)).toEqual(new Set(['shop/web-1', 'shop/web-2']))
  })
})

describe('without endpoints', () => {
  it('kube-proxy rejects, with an ICMP port unreachable', async () => {
    const lab = await openLab(serviceScenario([CLIENT], [service()]))
    const trace = lab.trace({ from: 'shop/client-1', to: 'service:shop/web:80' })
    expect(trace).toMatchObject({ delivered: false, verdict: 'serviceNoEndpoints', droppedAt: 'source' })
    expect(trace.remedy).toContain('selector')
    expect(
      trace.steps.some(({ packet, step, at }) => packet === 'ICMP port unreachable' && step === 'delivery' && at === 'shop/client-1'),
    ).toBe(true)
  })
  it('internalTrafficPolicy Local drops where another node has one', () => {
    const lab = labOf(service({ internalTrafficPolicy: 'Local' }))
    expect(reachedBy(lab, 'shop/client-1', '10.0.0.80', 80, 20)).toEqual(new Set(['shop/web-1']))
    expect(lab.connect('shop/client-3', '10.0.0.80', 80).reached).toBe('serviceNoLocalEndpoints')
  })
})

describe('the DNS', () => {
  it('answers by itself where no DNS pods run, on the node of whoever asks', async () => {
    const lab = await openLab(serviceScenario([CLIENT], [service()]))
    for (const protocol of ['udp', 'tcp']) {
      const trace = lab.trace({ from: 'shop/client-2', to: 'service:kube-system/kube-dns:53', protocol })
      expect(trace).toMatchObject({ delivered: true, encapsulated: false })
      expect(trace.steps.find(({ step }) => step === 'delivery')?.at).toBe('node2')
    }
    expect(lab.trace({ from: 'shop/client-2', to: '10.0.0.10:54' }).delivered).toBe(false)
  })
  it('is the DNS pods where there are some', () => {
    const dns = { namespace: 'kube-system', name: 'coredns', labels: { 'k8s-app': 'kube-dns' }, pods: [fixed('dns-1', 3, 53)] }
    const lab = serviceLab(serviceScenario([CLIENT, dns], [service()]))
    expect(lab.connect('shop/client-1', '10.0.0.10', 53, { protocol: 'UDP' }).reached).toBe('kube-system/dns-1')
  })
})

describe('against a naive model', () => {
  const labels = fc.record({ app: fc.constantFrom('a', 'b'), tier: fc.constantFrom('x', 'y') }, { requiredKeys: [] })
  const world = fc.record({
    workloads: fc.array(
      fc.record({
        namespace: fc.constantFrom('n1', 'n2'),
        labels,
        port: fc.constantFrom('http', 'other'),
        pods: fc.array(fc.record({ node: fc.integer({ min: 1, max: 3 }), ready: fc.boolean(), labels: fc.option(labels) }), {
          minLength: 1,
          maxLength: 4,
        }),
      }),
      { maxLength: 4 },
    ),
    services: fc.array(
      fc.record({
        namespace: fc.constantFrom('n1', 'n2'),
        selector: labels.filter(selector => Object.keys(selector).length > 0),
        targetPort: fc.constantFrom('http', 9090),
        publishNotReadyAddresses: fc.boolean(),
        internalTrafficPolicy: fc.constantFrom('Cluster', 'Local'),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  it('a connection reaches exactly those it may', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(world, ({ workloads, services }) => {
        let next = 100
        const made = workloads.map(({ namespace, labels: own, port, pods }, w) => ({
          namespace,
          name: `w${w}`,
          labels: own,
          ports: [{ name: port, containerPort: 7070 }],
          pods: pods.map((pod, p) => ({
            ...fixed(`w${w}-${p}`, pod.node, next++, { ready: pod.ready }),
            ...(pod.labels && { labels: pod.labels }),
          })),
        }))
        const listed = services.map(({ targetPort, ...rest }, s) => ({
          ...rest,
          name: `s${s}`,
          clusterIp: `10.0.1.${s + 1}`,
          ports: [{ port: 80, targetPort }],
        }))
        const lab = serviceLab(serviceScenario([...made, CLIENT], listed))
        services.forEach((asked, s) => {
          for (const node of [1, 3]) {
            const behind = made.flatMap(workload =>
              workload.pods.flatMap(pod => {
                const all: Record<string, unknown> = { ...workload.labels, ...('labels' in pod ? (pod.labels as object) : {}) }
                const isSelected =
                  workload.namespace === asked.namespace && Object.entries(asked.selector).every(([key, value]) => all[key] === value)
                const hasPort = asked.targetPort === 9090 || workload.ports[0].name === 'http'
                const isUp = (pod as { ready?: boolean }).ready !== false || asked.publishNotReadyAddresses
                return isSelected && hasPort && isUp ? [{ name: `${workload.namespace}/${pod.name}`, node: pod.node }] : []
              }),
            )
            const isLocal = asked.internalTrafficPolicy === 'Local'
            const allowed = behind.filter(pod => !isLocal || pod.node === `node${node}`).map(({ name }) => name)
            const reached = reachedBy(lab, `shop/client-${node}`, `10.0.1.${s + 1}`, 80, 12 * Math.max(1, allowed.length))
            if (allowed.length > 0) expect(allowed).toEqual(expect.arrayContaining([...reached]))
            else expect(reached).toEqual(new Set([isLocal && behind.length > 0 ? 'serviceNoLocalEndpoints' : 'serviceNoEndpoints']))
            if (allowed.length === 1) expect(reached.size).toBe(1)
          }
        })
      }),
      { numRuns: process.env.VXLANE_LONG ? 2000 : 60 },
    )
  })
})
