// What the API server accepts and what it refuses of a NetworkPolicy, case by case from its own validation tests (recorded in
// test/golden/netpol/suite-validation.json), and where in a file the mistakes are found.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseBlock } from '../../src/scenario/policy-rules.js'
import { scenarioSchema } from '../../src/scenario/schema.js'
import { checkShape } from '../../src/scenario/shape.js'

interface Case {
  readonly id: string
  readonly title: string
  readonly policyValid: boolean
  readonly policies: readonly object[]
}
const suite = JSON.parse(readFileSync('test/golden/netpol/suite-validation.json', 'utf8')) as { cases: readonly Case[] }

const issuesOf = (policies: readonly unknown[]) => checkShape({ apiVersion: 'vxlane/v1', networkPolicies: policies }).issues
const policy = (spec: object, metadata: object = {}) => ({ metadata: { name: 'p', ...metadata }, spec })

describe('NetworkPolicies, as the API server judges them', () => {
  it.each(suite.cases.map(item => [item.id, item.title, item] as const))('%s %s', (_id, _title, { policies, policyValid }) => {
    const issues = issuesOf(policies)
    expect(issues.length === 0, JSON.stringify(issues)).toBe(policyValid)
    for (const { path } of issues) expect(path.slice(0, 2)).toEqual(['networkPolicies', 0])
  })

  it('takes what kubectl prints beside the specification', () => {
    const metadata = { creationTimestamp: '2026-01-01T00:00:00Z', uid: 'x', labels: { a: 'b' }, annotations: {} }
    expect(issuesOf([{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', ...policy({}, metadata), status: {} }])).toEqual([])
  })

  it('names the place of a mistake', () => {
    const [found] = issuesOf([policy({ ingress: [{ ports: [{ port: 80 }, { port: 90, endPort: 80 }] }] })])
    expect(found).toMatchObject({ path: ['networkPolicies', 0, 'spec', 'ingress', 0, 'ports', 1], code: 'InvalidPort' })
    const [unknown] = issuesOf([policy({ podSelektor: {} })])
    expect(unknown).toMatchObject({ code: 'UnknownKey', hint: 'did you mean podSelector?' })
  })

  it('reads blocks of both families, host bits and leading zeros let through', () => {
    expect(parseBlock('010.1.2.3/8')).toEqual({ family: 4, cidr: { base: 10 << 24, prefix: 8 } })
    expect(parseBlock('fd00::/8')).toEqual({ family: 6, groups: [0xfd00, 0, 0, 0, 0, 0, 0, 0], prefix: 8 })
    expect(parseBlock('::ffff:1.2.3.4/128')).toMatchObject({ family: 6, prefix: 128 })
    for (const text of ['1.2.3.4', '1.2.3/8', '1.2.3.4/33', 'fd00:::/8', '1::2::3/8', 'g::/8', '::/129', '/8', '1.2.3.4/-1']) {
      expect(parseBlock(text), text).toBeNull()
    }
  })

  it('a bare dash is an empty rule, a key without a value an empty one', () => {
    const given = { ...policy({ podSelector: { matchLabels: { team: null } }, ingress: [null] }), metadata: { name: 'p' } }
    const { networkPolicies } = scenarioSchema.parse({ apiVersion: 'vxlane/v1', networkPolicies: [given] })
    expect(networkPolicies[0].spec).toMatchObject({ podSelector: { matchLabels: { team: null } }, ingress: [null] })
  })
})
