// The suite: every benchmark by name, and the version of what the names stand for. Each is loaded only by the process that runs it.
import type { Bench, Size } from './bench.js'

/** One more whenever any benchmark, or the calibration kernel, does other work than before: only equal versions can be compared. */
const VERSION = 1

/** What saved benchmarks call the suite. */
export const suiteOf = (size: Size): string => `${VERSION}/${size}`

type Row = Omit<Bench, 'kind' | 'warmUps' | 'passes' | 'calibrations'>

/** A whole run starts a thread of its own, which is cold each time, as it is for users. It cannot be interrupted to look how fast the machine is. */
const workload = (row: Row): Bench => ({ ...row, kind: 'workload', warmUps: 0, passes: 1, calibrations: 3 })
/**
 * A kernel is a loop in one thread, measured once its code is compiled. In passes with the calibration kernel between them: on a busy machine
 * normalised times then spread about half as far as those of one long pass.
 */
const kernel = (row: Row): Bench => ({ ...row, kind: 'kernel', warmUps: 2, passes: 5, calibrations: 1 })

const udp = () => import('./workload-udp.js')

export const SUITE: readonly Bench[] = [
  workload({
    name: 'udp-cross-node',
    unit: 'packets',
    about: '10,000 UDP flows between pods of 250 nodes, through VXLAN',
    isQuick: true,
    load: async () => ({ prepare: (await udp()).crossNode }),
  }),
  workload({
    name: 'udp-same-node',
    unit: 'packets',
    about: '10,000 UDP flows between 200 pods of one node: veth to veth',
    isQuick: false,
    load: async () => ({ prepare: (await udp()).sameNode }),
  }),
  workload({
    name: 'egress-snat',
    unit: 'packets',
    about: '1,600 UDP flows out of the cluster and back: masquerade and a load balancer',
    isQuick: false,
    load: async () => ({ prepare: (await udp()).egress }),
  }),
  workload({
    name: 'policies',
    unit: 'packets',
    about: '8,000 UDP flows, half of them denied by NetworkPolicies',
    isQuick: true,
    load: async () => ({ prepare: (await udp()).policies }),
  }),
  workload({
    name: 'connections',
    unit: 'connections',
    about: '50,000 TCP connections from SYN to TIME_WAIT, each with a request and its answer',
    isQuick: true,
    load: () => import('./workload-connections.js'),
  }),
  workload({
    name: 'five-thousand-nodes',
    unit: 'packets',
    about: '5,000 nodes and 200,000 pods are set up and send for 0.2 s',
    isQuick: false,
    load: () => import('./workload-five-thousand-nodes.js'),
  }),
  workload({
    name: 'plan-1m-pods',
    unit: 'pod events',
    about: '1,000,000 pods come and go in the control plane, without a packet',
    isQuick: true,
    load: () => import('./workload-plan.js'),
  }),
  workload({
    name: 'study-1000',
    unit: 'points',
    about: 'a study of 1,000 plans: five modes, eight subnets, 25 numbers of pods a node',
    isQuick: false,
    load: () => import('./workload-study.js'),
  }),
  kernel({
    name: 'wire',
    unit: 'frames',
    about: 'headers of a VXLAN frame written, checksummed, read and checked',
    isQuick: true,
    load: () => import('./kernel-wire.js'),
  }),
  kernel({
    name: 'ring',
    unit: 'packets',
    about: 'packets copied from one shard to another through shared memory',
    isQuick: false,
    load: () => import('./kernel-ring.js'),
  }),
  kernel({
    name: 'buckets',
    unit: 'events',
    about: 'pending events filed by window and taken out again',
    isQuick: false,
    load: () => import('./kernel-buckets.js'),
  }),
  kernel({
    name: 'fib',
    unit: 'lookups',
    about: 'longest-prefix matches among 11,005 routes',
    isQuick: true,
    load: () => import('./kernel-fib.js'),
  }),
  kernel({
    name: 'conntrack',
    unit: 'operations',
    about: '50,000 connections tracked, met from both sides, expired',
    isQuick: true,
    load: () => import('./kernel-conntrack.js'),
  }),
  kernel({
    name: 'policy',
    unit: 'verdicts',
    about: 'NetworkPolicy verdicts among 200 programs and 1,000 peers',
    isQuick: false,
    load: () => import('./kernel-policy.js'),
  }),
  kernel({
    name: 'histogram',
    unit: 'values',
    about: 'latencies counted in buckets',
    isQuick: false,
    load: () => import('./kernel-histogram.js'),
  }),
]
