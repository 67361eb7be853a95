// Port arithmetic against the numbers that Azure's pages print.
import { describe, expect, test } from 'vitest'
import { defaultPortsPerNode, nodesForPorts, portsFault, portsForNodes, portsOfFrontends, SNAT } from '../../src/cluster/snat-limits.js'

describe('default allocation', () => {
  test.each([
    // "Use a public standard load balancer in AKS": 48 nodes, and what two more than 50 cost.
    [48, 1, 1024],
    [52, 1, 512],
    // "Use SNAT for outbound connections": 100 VMs with one, two, three frontends.
    [100, 1, 512],
    [100, 2, 1024],
    [100, 3, 1024],
    [50, 1, 1024],
    [51, 1, 512],
    [101, 1, 256],
    [201, 1, 128],
    [401, 1, 64],
    [801, 1, 32],
    [1000, 1, 32],
    [1000, 100, 1024],
    [1001, 1, null],
  ])('%i nodes, %i frontends: %s ports each', (nodes, frontends, ports) => {
    expect(defaultPortsPerNode(nodes, frontends)).toBe(ports)
  })

  test('never gives out more than the frontends have', () => {
    for (let frontends = 1; frontends <= 100; frontends++)
      for (let nodes = 1; nodes <= 1000; nodes++)
        expect(nodes * defaultPortsPerNode(nodes, frontends)!).toBeLessThanOrEqual(portsOfFrontends(frontends))
  })
})

describe('manual allocation', () => {
  test.each([
    [1000, 2, 128],
    [1000, 7, 448],
    [4000, 2, 32],
    [4000, 7, 112],
  ])('%i ports, %i outbound IPs: %i nodes', (ports, frontends, nodes) => {
    expect(nodesForPorts(ports, frontends)).toBe(nodes)
    expect(portsFault(ports, nodes, frontends)).toBeNull()
    expect(portsFault(ports, nodes + 1, frontends)).not.toBeNull()
  })

  test('7 IPs, 4,000 ports, 100 nodes and a surge of 2: 48,000 ports are left for 8,000', () => {
    expect(portsOfFrontends(7) - 4000 * 100).toBe(48_000)
    expect(portsFault(4000, 102, 7)).toBeNull()
  })

  test('9 nodes of 8,000 ports are too many for one IP, and the message says by how much', () => {
    const fault = portsFault(8000, 9, 1)
    expect(fault?.message).toBe('9 nodes x 8000 ports = 72000, and 1 outbound IP x 64000 = 64000')
    expect(fault?.hint).toBe('use at most 7104 ports, 8 nodes, or 2 outbound IPs')
  })

  test('7 VMs of 10,000 ports are refused; 10 VMs can have 6,400 each', () => {
    expect(portsFault(10_000, 7, 1)).not.toBeNull()
    expect(portsForNodes(10, 1)).toBe(6400)
  })

  test('ports come in eights', () => {
    expect(portsFault(1001, 1, 1)).toEqual({ message: '1001 is not a multiple of 8', hint: 'use 1000 or 1008' })
    expect(portsForNodes(9, 1) % SNAT.portStep).toBe(0)
  })
})
