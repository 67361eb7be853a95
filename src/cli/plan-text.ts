// What `vxlane plan` prints for people: the answer in words first, then the tables behind it.

import { count, counted } from '../base/units.js'
import type { ModeComparison } from '../limits/compare.js'
import { limitBinds, limitWords, MODE_WORDS } from '../limits/limit-words.js'
import type { Limit } from '../limits/limits.js'
import type { PlanResult } from '../limits/plan.js'
import type { UpgradePlan } from '../limits/upgrade.js'
import { alignRows } from './table.js'

/** Colours, or nothing. */
export interface Paint {
  good(text: string): string
  bad(text: string): string
  title(text: string): string
}

/** "fits: no; the pod CIDR binds first at 256 nodes: 300 are asked for". */
function answerOf(result: PlanResult): string {
  const { fits, maxNodes, maxPods, bindingResource, nodes, surgeNodes } = result
  const asked = surgeNodes > 0 ? `${count(nodes)} + ${count(surgeNodes)} surge are asked for` : `${count(nodes)} are asked for`
  const pods = `${count(maxPods)} pods`
  const binding = result.limits.find(limit => limit.resource === bindingResource && !limit.fits)
  if (fits) return `fits: yes; ${limitBinds(bindingResource)} first, at ${counted(maxNodes, 'node')} (${pods}); ${asked}`
  if (binding && binding.maxNodes === null)
    return `fits: no; ${limitBinds(bindingResource)}: ${count(binding.needed)} ${binding.unit} are needed, ${count(binding.available)} are there`
  return `fits: no; ${limitBinds(bindingResource)} first, at ${counted(maxNodes, 'node')} (${pods}); ${asked}`
}

function upgradeAnswer({ fits, extraNodes, bindingResource, largestSurge, largestPercent, fitsOneByOne, pools }: UpgradePlan): string {
  if (fits) return `upgrade: fits; the surge is ${counted(extraNodes, 'extra node')}`
  const largest =
    largestSurge > 0 ? `the largest surge that fits is ${count(largestSurge)} (${largestPercent} %)` : 'not even a surge of 1 fits'
  const single = pools.length > 1 && fitsOneByOne ? '; one pool after the other, it fits' : ''
  return `upgrade: does not fit; ${limitWords(bindingResource ?? '')} lacks room for ${counted(extraNodes, 'extra node')}; ${largest}${pools.length > 1 ? ' in every pool at once' : ''}${single}`
}

export function planText(
  result: PlanResult,
  more: { upgrade: UpgradePlan | null; compare: readonly ModeComparison[] | null },
  paint: Paint,
): string {
  const { mode, scenario } = result
  const head = `${scenario === null ? '' : `${scenario}: `}${MODE_WORDS[mode]}`
  const answer = answerOf(result)
  const lines = [paint.title(head), (result.fits ? paint.good : paint.bad)(answer)]
  if (more.upgrade) lines.push((more.upgrade.fits ? paint.good : paint.bad)(upgradeAnswer(more.upgrade)))
  for (const { code, message, path } of result.errors) lines.push(`  ${path}: ${code}: ${message}`)
  if (more.compare) lines.push('', paint.title('The five modes, same nodes and pods'), ...compareRows(more.compare))
  if (more.upgrade) lines.push('', paint.title('Upgrade'), ...upgradeRows(more.upgrade))
  lines.push('', paint.title('Limits'), ...limitRows(result.limits), '', paint.title('Rules and sources'), ...ruleRows(result.limits))
  return `${lines.join('\n')}\n`
}

const dash = (value: number | null): string => (value === null ? '-' : count(value))

/** Two rows of one limit are two checks of it: what Azure asks before it makes anything, and what is used in the end. */
function limitRows(limits: readonly Limit[]): string[] {
  const head = ['', 'limit', 'scope', 'check', 'needed', 'in use', 'there is', 'left', 'max nodes', 'max pods', 'arithmetic']
  const rows = limits.map(limit => [
    limit.fits ? 'ok' : limit.enforced === 'advice' ? '!' : 'NO',
    limit.resource,
    limit.scope,
    limit.enforced,
    count(limit.needed),
    count(limit.used),
    count(limit.available),
    count(limit.headroom),
    dash(limit.maxNodes),
    dash(limit.maxPods),
    limit.fits || limit.smallest === null ? limit.arithmetic : `${limit.arithmetic}; ${limit.smallest} would do`,
  ])
  return alignRows([head, ...rows], ['left', 'left', 'left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'left'])
}

const ruleRows = (limits: readonly Limit[]): string[] =>
  alignRows(
    limits.map(({ resource, rule, source }) => [resource, `${rule} [${source}]`]),
    ['left', 'left'],
  )

function upgradeRows({ pools }: UpgradePlan): string[] {
  const head = ['', 'pool', 'nodes', 'surge', 'extra', 'largest', 'binds', 'arithmetic']
  const rows = pools.map(pool => [
    pool.fits ? 'ok' : 'NO',
    pool.pool,
    count(pool.nodes),
    pool.surge,
    count(pool.extraNodes),
    `${count(pool.largestSurge)} (${pool.largestPercent} %)`,
    pool.bindingResource ?? '-',
    pool.arithmetic,
  ])
  return alignRows([head, ...rows], ['left', 'left', 'right', 'right', 'right', 'right', 'left', 'left'])
}

function compareRows(modes: readonly ModeComparison[]): string[] {
  const head = ['', 'mode', 'maxPods', 'max nodes', 'max pods', 'binds first', 'node subnet needs', '', 'pod range needs', '']
  const rows = modes.map(row => [
    row.fits ? 'ok' : 'NO',
    MODE_WORDS[row.mode],
    count(row.maxPodsPerNode),
    count(row.maxNodes),
    count(row.maxPods),
    row.bindingResource,
    count(row.nodeSubnet.needed),
    row.nodeSubnet.smallest ?? '-',
    row.podRange ? `${count(row.podRange.needed)} ${row.podRange.unit}` : '-',
    row.podRange?.smallest ?? '',
  ])
  return alignRows([head, ...rows], ['left', 'left', 'right', 'right', 'right', 'left', 'right', 'left', 'right', 'left'])
}
