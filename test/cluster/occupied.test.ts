// Addresses that others have of a subnet from the start: neither nodes nor pods get them, and every count knows them.
import { describe, expect, test } from 'vitest'
import { planCluster } from '../../src/cluster/plan.js'
import { loadAdmitted } from '../../src/run/admitted.js'
import { ScenarioError } from '../../src/scenario/error.js'
import { formatIpv4 } from '../../src/wire/address.js'

const scenario = (occupied: number | undefined, count: number, more: object = {}) => ({
  apiVersion: 'vxlane/v1',
  vnet: { subnets: { nodes: { cidr: '10.224.0.0/28', ...(occupied === undefined ? {} : { occupied }) } } },
  cluster: { agentPoolProfiles: [{ name: 'p', count, ...more }] },
})

const planned = (...given: Parameters<typeof scenario>) => {
  const plan = planCluster(loadAdmitted(scenario(...given)).scenario)
  const row = plan.resources.find(({ name }) => name === 'nodeSubnet')
  return { addresses: plan.nodes.map(({ address }) => formatIpv4(address)), used: row?.used, capacity: row?.capacity }
}

function mistakes(...given: Parameters<typeof scenario>): string[] {
  try {
    loadAdmitted(scenario(...given))
    return []
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    return error.issues.map(({ path, code, message }) => `${path.join('.')}: ${code}: ${message}`)
  }
}

describe('addresses that others occupy', () => {
  test('come before those of the nodes', () => {
    expect(planned(undefined, 2)).toEqual({ addresses: ['10.224.0.4', '10.224.0.5'], used: 2, capacity: 11 })
    expect(planned(3, 2)).toEqual({ addresses: ['10.224.0.7', '10.224.0.8'], used: 5, capacity: 11 })
  })
  test('are never those of a fixed node', () => {
    const nodes = [{ name: 'a', address: '10.224.0.5' }]
    expect(planned(3, 2, { nodes })).toEqual({ addresses: ['10.224.0.5', '10.224.0.8'], used: 5, capacity: 11 })
  })
  test('count when Azure checks the room', () => {
    expect(mistakes(3, 8)).toEqual([])
    expect(mistakes(4, 8)[0]).toMatch(/^cluster\.agentPoolProfiles\.0\.count: InsufficientSubnetSize: .*\b8\b.*\b7\b/)
  })
  test('cannot be more than there are', () => {
    expect(mistakes(12, 0)[0]).toBe('vnet.subnets.nodes.occupied: OutOfRange: 12 addresses of 10.224.0.0/28 are occupied; it has 11')
  })
  test('none is the same as not said', () => {
    expect(loadAdmitted(scenario(0, 2)).hash).toBe(loadAdmitted(scenario(undefined, 2)).hash)
  })
})
