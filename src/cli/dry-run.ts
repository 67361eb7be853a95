// `vxlane run --dry-run`: what would run, as text.

import { bytes, count, duration, short } from '../base/units.js'
import type { Estimate } from '../run/estimate.js'
import { alignRows } from './table.js'

export function describeEstimate(found: Estimate): string {
  const facts = alignRows(
    [
      ['nodes', count(found.nodes)],
      ['pods', count(found.pods)],
      ['pods that wait', count(found.pending)],
      ['flows', count(found.flows)],
      ...(found.connections > 0 ? [['connections to expect', short(found.connections)]] : []),
      ['packets to expect', short(found.packets)],
      ['window', duration(found.lookaheadNs)],
      ['tables', bytes(found.imageBytes)],
      ['memory, about', bytes(found.memoryBytes)],
    ],
    ['left', 'right'],
  )
  const rows = found.shards.map(({ shard, logicalProcesses, flows }) => [String(shard), count(logicalProcesses), count(flows)])
  const shards = alignRows([['shard', 'nodes and hosts', 'flows'], ...rows], ['right', 'right', 'right'])
  const warnings = found.warnings.map(({ code, message }) => `warning: ${code}: ${message}`)
  return `${[`${found.scenario.name}: nothing was run`, '', ...facts, '', ...shards, ...(warnings.length > 0 ? ['', ...warnings] : [])].join('\n')}\n`
}
