// One sentence about each scenario's result, with the numbers of that result. Every number here is a function of scenario and seed.
const count = value => value.toLocaleString('en-US')
const us = ns => `${Number((ns / 1000).toPrecision(3))} us`
const percent = share => `${(share * 100).toFixed(1)} %`
const entry = (result, name) => result.traffic.find(one => one.name === name)
const resource = (result, name) => result.resources.find(one => one.name === name)

export const FINDINGS = {
  'two-pods-one-node': ({ totals }) =>
    `All ${count(totals.delivered)} packets were delivered and ${totals.encapsulated} encapsulated: neighbours on one node never touch the wire.`,
  'vxlan-two-nodes': ({ totals, latencyNs }) =>
    `Each of the ${count(totals.sent)} packets travelled in an outer packet between the nodes; the fastest needed ${us(latencyNs.min)}, the fabric's latency and the time on the wire.`,
  'egress-masquerade': ({ totals }) =>
    `${count(totals.masqueraded)} rewrites of a source address, at the node and again at the appliance for each of ${count(totals.masqueraded / 2)} requests; ${totals.dropped} packets were lost, so every answer found its pod.`,
  'mtu-mistake': result => {
    const { sent, dropped } = entry(result, 'one-byte-more')
    const { delivered } = entry(result, 'one-byte-more-may-fragment')
    const pieces = result.totals.encapsulated - entry(result, 'fits').delivered
    return `Of ${sent} packets that are one byte too long, ${dropped} were dropped; ${delivered} that may be cut arrived, in ${pieces} pieces; shorter ones noticed nothing.`
  },
  'hundred-nodes': ({ totals, latencyNs }) =>
    `${percent(totals.encapsulated / totals.sent)} of ${count(totals.sent)} packets crossed nodes; half were there within ${us(latencyNs.p50)}, 99 % within ${us(latencyNs.p99)}.`,
  'az-aks-create': result => {
    const blocks = resource(result, 'podCidr')
    return `The cluster takes ${blocks.used} of ${blocks.capacity} node blocks of its pod CIDR: it ends at ${blocks.capacity} nodes.`
  },
  'thousand-nodes': result => {
    const blocks = resource(result, 'podCidr')
    return `${count(result.totals.sent)} packets, none lost; ${count(blocks.used)} of ${count(blocks.capacity)} node blocks are taken, so ${blocks.capacity - blocks.used} more nodes fit.`
  },
  'five-thousand-nodes': result => {
    const blocks = resource(result, 'podCidr')
    return `${count(resource(result, 'maxPods').used)} pods run; ${count(blocks.used)} of ${count(blocks.capacity)} node blocks are taken; 99 % of ${count(result.totals.delivered)} packets were there within ${us(result.latencyNs.p99)}.`
  },
}
