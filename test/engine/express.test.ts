// The express path leaves the bytes, the books and the digest that the steps leave. A capture turns its own host to the steps, so what a
// captured node receives from the others was written by the express path: with `verify`, which has none, it must be the same file.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadScenario, run } from '../../src/index.js'

const scenario = (fabric: object) => ({
  apiVersion: 'vxlane/v1',
  name: 'express',
  duration: '60ms',
  cluster: {
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', podCidr: '10.244.0.0/16', outboundType: 'none' },
    agentPoolProfiles: [{ name: 'np', count: 6 }],
  },
  fabric,
  workloads: [{ namespace: 'a', name: 'c', replicas: 40 }],
  traffic: [
    {
      name: 'asked',
      from: { workload: 'a/c' },
      to: { workload: 'a/c', port: 80 },
      protocol: 'udp',
      size: { kind: 'uniform', least: 28, most: 1450 },
      rate: '1000/s',
      arrivals: 'poisson',
      answer: { size: '301B', after: '70us' },
    },
    {
      name: 'steady',
      from: { workload: 'a/c' },
      to: { workload: 'a/c', port: 81 },
      protocol: 'udp',
      size: '700B',
      rate: '400/s',
      arrivals: 'constant',
      df: false,
    },
  ],
  capture: [
    { node: 'np/1', interface: 'eth0', file: 'node.pcapng' },
    { pod: 'a/c/3', interface: 'eth0', file: 'pod.pcapng' },
  ],
})

const FABRICS: Record<string, object> = {
  'as it comes': {},
  'without connection tracking': { masquerade: { enabled: false } },
  'with queues that overflow': { nicRate: '60Mbps', queue: 4 },
  'with another VNI and ports': { vni: 0xabcdef, vxlan: { ttl: 9, sourcePorts: '49152-65535' } },
}

async function captured(fabric: object, verify: boolean) {
  const out = mkdtempSync(join(tmpdir(), 'express-'))
  try {
    const result = await run(loadScenario(scenario(fabric)), { workers: 0, out, force: true, verify })
    const files = ['node.pcapng', 'pod.pcapng'].map(file => readFileSync(join(out, file)))
    return { result: { ...result, performance: null, engine: null }, files }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

describe('the express path', () => {
  it.each(Object.keys(FABRICS))('writes what the steps write %s', async name => {
    const express = await captured(FABRICS[name], false)
    const steps = await captured(FABRICS[name], true)
    expect(express.result).toEqual(steps.result)
    expect(express.result.totals.encapsulated).toBeGreaterThan(2000)
    expect(express.files.map((file, i) => file.equals(steps.files[i]))).toEqual([true, true])
    expect(express.files[0].length).toBeGreaterThan(100_000)
  })
})
