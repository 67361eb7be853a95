// `connections:` in a file: what it means with every default, and what may not be said.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ScenarioError } from '../../src/scenario/error.js'
import { loadScenario } from '../../src/scenario/load.js'
import { showScenario } from '../../src/scenario/show.js'

const file = join(mkdtempSync(join(tmpdir(), 'vxlane-')), 's.yaml')
const HEAD = `apiVersion: vxlane/v1
cluster: { networkProfile: { networkPlugin: azure, networkPluginMode: overlay, outboundType: userDefinedRouting } }
workloads: [{ namespace: shop, name: web, replicas: 3 }]
`
const ENDS = 'from: { workload: shop/web }, to: { workload: shop/web, port: 80 }'

function load(entry: string) {
  writeFileSync(file, `${HEAD}traffic:\n  - { ${ENDS}, ${entry} }\n`)
  return loadScenario(file)
}

function mistakesOf(entry: string): string[] {
  try {
    load(entry)
    return []
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    // Column within the entry.
    const place = `${file}:5:`
    return error.message
      .split('\n')
      .map(line => line.replace(place, ''))
      .map(line => line.replace(/^\d+/, column => String(Number(column) - `  - { ${ENDS}, `.length)))
  }
}

describe('connections', () => {
  it('are TCP, closed by FIN, and take Linux for their hosts, if nothing else is said', () => {
    const [entry] = load('connections: { rate: 20/s }').scenario.traffic
    expect(entry).toMatchObject({
      kind: 'connections',
      protocol: 'tcp',
      port: 80,
      rate: 20,
      close: 'fin',
      keepAlive: null,
      server: 'accept',
    })
    expect(entry).toMatchObject({ synRetries: 6, synLinearTimeouts: 4, dataRetries: 15, arrivals: { kind: 'constant' } })
    expect(entry).toMatchObject({
      hold: { kind: 'constant', value: 0 },
      request: { kind: 'constant', value: 128 },
      response: { kind: 'constant', value: 1024 },
    })
  })

  it('take quantities and distributions of them', () => {
    const law = '{ kind: empirical, values: [{ value: 1s, weight: 9 }, { value: 1m }] }'
    const text = `hold: ${law}, request: { kind: exponential, mean: 2KiB }, response: { kind: uniform, least: 100B, most: 4KiB }`
    const [entry] = load(`arrivals: poisson, connections: { rate: 1/s, ${text} }`).scenario.traffic
    expect(entry).toMatchObject({
      hold: {
        kind: 'empirical',
        values: [
          { value: 1e9, weight: 9 },
          { value: 6e10, weight: 1 },
        ],
      },
      request: { kind: 'exponential', mean: 2048, least: 1, most: 2 ** 30 },
      response: { kind: 'uniform', least: 100, most: 4096 },
      arrivals: { kind: 'poisson' },
    })
  })

  it('keep pools, or exchange datagrams', () => {
    const [pool] = load('connections: { rate: 1/s, keepAlive: { pool: 4, requests: 100 } }').scenario.traffic
    expect(pool).toMatchObject({ keepAlive: { pool: 4, requests: 100 } })
    const [dns] = load('protocol: udp, connections: { rate: 1/s }').scenario.traffic
    expect(dns).toMatchObject({ kind: 'connections', protocol: 'udp', timeoutNs: 5e9 })
  })

  it.each([
    'connections: { rate: 1/s }',
    'connections: { rate: 1/s, keepAlive: { pool: 2 } }',
    'protocol: udp, connections: { rate: 1/s }',
  ])('show every default, and load to the same scenario: %s', entry => {
    const loaded = load(entry)
    const shown = showScenario(loaded)
    expect(shown).toContain('synRetries: 6')
    writeFileSync(file, shown)
    expect(loadScenario(file).hash).toBe(loaded.hash)
  })
})

describe('a mistake in connections is found where it stands', () => {
  it.each([
    [
      'protocol: tcp',
      '-69: MissingKey: "connections" is missing; add it, as in connections: { rate: 20/s, hold: 200ms, request: 512B, response: 4KiB }',
    ],
    ['connections: { hold: 1s }', '1: MissingKey: a quantity is missing; add it, as in 100/s, 20/min or 5k/s'],
    ['connections: { rate: 20 }', '22: BadQuantity: 20 is not a frequency; write it with its unit, as in 100/s, 20/min or 5k/s'],
    ['connections: { rate: 1/s, hold: 5 }', '33: BadQuantity: 5 is not a time; write it with its unit, as in 50us, 1.5ms, 10s, 30m or 2h'],
    ['connections: { rate: 1/s, request: 0 }', '36: OutOfRange: 0 is too small; the least is 1B'],
    ['connections: { rate: 1/s, close: fni }', '34: BadValue: "fni" is not allowed here; did you mean fin?'],
    ['connections: { rate: 1/s, holt: 1s }', '27: UnknownKey: unknown key "holt"; did you mean hold?'],
    [
      'size: 100, connections: { rate: 1/s }',
      '7: UnusedKey: "size" means nothing for connections; write connections.request and connections.response',
    ],
    ['rate: 1/s, connections: { rate: 1/s }', '7: UnusedKey: "rate" means nothing for connections; write connections.rate'],
    [
      'connections: { rate: 1/s, hold: 1s, keepAlive: { pool: 1 } }',
      '33: UnusedKey: "hold" means nothing with keepAlive; take it out; the pool keeps them open',
    ],
    ['connections: { rate: 1/s, timeout: 1s }', '36: UnusedKey: "timeout" is of UDP alone; set synRetries and dataRetries instead'],
    ['protocol: udp, connections: { rate: 1/s, close: rst }', '49: UnusedKey: "close" is of TCP alone; take it out, or set protocol: tcp'],
    [
      'connections: { rate: 1/s, hold: { kind: exponential, mean: 1s, least: 2s, most: 1s } }',
      '81: OutOfRange: most 1s is below 2s; write the smaller one first',
    ],
    ['protocol: sctp, connections: { rate: 1/s }', '11: NotSupportedYet: not supported yet: traffic of protocol sctp; use udp or tcp'],
  ])('%s', (entry, mistake) => {
    expect(mistakesOf(entry)).toEqual([mistake])
  })
})
