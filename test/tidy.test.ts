// Taste as a test: who may import whom, which words belong to one room only, nothing dead, nothing left over. The import law is stated
// here as a table, and in src/README.md with its reasons; a wall is moved in both places at once.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadScenario } from '../src/index.js'
import { loadStudy } from '../src/study/load.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * Room (or a file that stands on a floor of its own): the rooms and files it may import, beside itself; type-only imports count.
 * From the ground up: no row names anything that comes after it.
 */
const LAW: Readonly<Record<string, readonly string[]>> = {
  base: [],
  wire: ['base'],
  shm: ['base'],
  observe: ['base'],
  ipam: ['wire/address', 'base'],
  table: ['wire', 'base'],
  kube: ['base'],
  scenario: ['kube', 'ipam/azure-limits', 'wire/address', 'base'],
  import: ['kube', 'scenario', 'wire/address', 'base'],
  image: ['shm/region', 'base'],
  traffic: ['image', 'table', 'observe/histogram', 'wire', 'shm/packet-pool', 'base'],
  // The express path keeps what it has learnt of a flow in the flow's own row.
  datapath: ['image', 'traffic/flows', 'table', 'wire', 'shm/packet-pool', 'base'],
  engine: ['image', 'datapath', 'traffic', 'table', 'observe', 'shm', 'wire', 'base'],
  cluster: ['scenario', 'ipam', 'image', 'table', 'observe/histogram', 'wire', 'base'],
  limits: ['cluster', 'scenario', 'ipam', 'wire/address', 'base'],
  run: [
    'cluster',
    'scenario',
    'engine',
    'image',
    'datapath/verdict',
    'traffic/tally',
    'observe',
    'shm',
    'wire/pcap',
    'wire/address',
    'wire/describe',
    'base',
  ],
  lab: ['run', 'cluster', 'scenario', 'engine/rounds', 'datapath', 'image', 'table', 'observe/pcapng', 'shm', 'wire', 'base'],
  study: ['run', 'limits', 'cluster', 'scenario', 'base'],
