// A node that is NotReady, as one meets it: on the network from the moment on at which it registers, with an address of its own; no block, no
// tunnel, no pods and no route to any until it is ready.
import { describe, expect, it } from 'vitest'
import { openLab } from '../../src/lab/lab.js'

/** Two blocks, three nodes, and a larger range an hour later. With `none` the VNet itself knows the blocks. */
const scenario = (encapsulation: string) => ({
  apiVersion: 'vxlane/v1',
  duration: '2h',
  cluster: {
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', podCidr: '10.244.0.0/23', outboundType: 'none' },
    agentPoolProfiles: [{ name: 'one', count: 2, maxPods: 30 }],
  },
  fabric: { encapsulation, controlPlane: { preCheck: false } },
  workloads: [{ namespace: 'a', name: 'w', replicas: 60 }],
  endpoints: [{ name: 'vm', address: '10.224.0.100', location: 'vnet' }],
  timeline: [
    { at: '5m', scale: { pool: 'one', count: 3 } },
    { at: '6m', scale: { workload: 'a/w', replicas: 62 } },
    { at: '1h', expand: { podCidr: '10.244.0.0/22' } },
  ],
})

describe.each(['vxlan', 'none'])('with encapsulation %s', encapsulation => {
  const place = openLab(scenario(encapsulation))
  const probe = async (from: string, to: string, at: string) => {
    const { delivered, verdict } = (await place).trace({ from, to, port: 80, protocol: 'UDP', at })
    return [delivered, verdict]
  }

  it('it has an address that is reached once it has registered', async () => {
    expect(await probe('vm', 'node:one/2', '6m')).toEqual([false, 'unknownMac'])
    for (const at of ['10m', '110m']) expect(await probe('vm', 'node:one/2', at)).toEqual([true, 'portUnreachable'])
  })

  it('its block belongs to nobody, and pods of others are beyond it, until it is ready', async () => {
    const other = 'a/w/0'
    const [before, after] = [await probe('node:one/2', other, '10m'), await probe('node:one/2', other, '110m')]
    expect(after).toEqual([true, 'delivered'])
    // Without a tunnel of its own a node has no way to pods; where the VNet knows them, it has.
    expect(before).toEqual(encapsulation === 'vxlan' ? [false, 'noOutbound'] : [true, 'delivered'])
    expect((await probe('a/w/0', '10.244.2.4', '10m'))[0]).toBe(false)
    expect(await probe('a/w/0', 'a/w/61', '110m')).toEqual([true, 'delivered'])
  })

  it('commands show a machine without a tunnel, and a note says why', async () => {
    const lab = await place
    const links = (at: string) => lab.exec('node:one/2', ['ip', '-br', 'link'], { at }).match(/^\w+/gm)
    expect(links('10m')).toEqual(['lo', 'eth0'])
    expect(links('110m')?.slice(0, 3)).toEqual(encapsulation === 'vxlan' ? ['lo', 'eth0', 'vxlan0'] : ['lo', 'eth0', 'azv4'])
    const routes = lab.exec('node:one/0', ['ip', 'route'], { at: '10m' })
    expect(routes).not.toContain('10.244.2.0/24')
    expect(lab.note('node:one/2', { at: '10m' })).toBe(
      'aks-one-00000000-vmss000002 is NotReady at 10 min: it has an address but no range for pods, and takes none (container runtime network not ready: ' +
        'NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized); it is ready at 1.02 h',
    )
    expect(lab.note('node:one/2', { at: '110m' })).toBeNull()
    expect(lab.note('a/w/0')).toBeNull()
    expect(() => lab.exec('node:one/2', ['ip', 'route'], { at: '6m' })).toThrow(/is not there at 6 min: it joins at 7 min/)
  })
})
