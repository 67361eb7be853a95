// Who reaches whom in the imported sample cluster: expected values written by hand, by others, from its four policies.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { importCluster } from '../../src/import/import-cluster.js'
import { openLab } from '../../src/lab/lab.js'
import { sampleBytes } from '../kube/read-text.js'

interface Probe {
  from: string
  to: string
  port: number
  protocol: 'TCP' | 'UDP' | 'SCTP'
  expected: 'allow' | 'deny'
}
const suite = JSON.parse(readFileSync(new URL('../golden/netpol/suite-sample.json', import.meta.url), 'utf8')) as {
  cases: { probes: Probe[] }[]
}

test('every probe ends as the policies say', async () => {
  const { probes } = suite.cases[0]
  expect(probes).toHaveLength(38)
  for (const kubernetes of [JSON.parse(sampleBytes('all.json').toString('utf8')), sampleBytes('all.yaml').toString('utf8')]) {
    const lab = await openLab(importCluster({ kubernetes: [kubernetes] }).scenario)
    const seen = probes.map(({ from, to, port, protocol }) => {
      const { delivered } = lab.trace({ from: from.replace(/^ip:/, ''), to: to.replace(/^ip:/, ''), port, protocol })
      return { from, to, port, protocol, expected: delivered ? 'allow' : 'deny' }
    })
    expect(seen).toEqual(probes.map(({ from, to, port, protocol, expected }) => ({ from, to, port, protocol, expected })))
  }
})
