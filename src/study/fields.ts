// Whether the expressions of a study lead anywhere: a misspelled resource would otherwise be one that never runs out.
import { RESOURCE_NAMES } from '../cluster/resource.js'
import type { Expression } from '../scenario/expression.js'
import { didYouMean } from '../scenario/nearest.js'
import type { StudyMode } from './model.js'

/** Of every point. */
const COMMON = ['bindingResource', 'timeToExhaustion', 'refused', 'maxNodes', 'maxPods', 'fits', 'resources', 'nodes', 'pods'] as const

const OF_MODE: Readonly<Record<StudyMode, readonly string[]>> = {
  plan: ['addressing', 'simulatedNs', 'podEvents', 'waits', 'eventCounts'],
  run: [
    'scenario',
    'seed',
    'simulatedNs',
    'partial',
    'digest',
    'totals',
    'drops',
    'latencyNs',
    'throughput',
    'traffic',
    'assertions',
    'warnings',
  ],
}

/** Roots that an expression may begin with, and more for those who read whole results: fields that other parts of a result have. */
export function checkFields(expression: Expression, mode: StudyMode, hasLimit: boolean): { message: string; hint: string }[] {
  return pathsOf(expression).flatMap(steps => {
    const [root, name] = steps
    const known = [...COMMON, ...OF_MODE[mode], ...(hasLimit ? ['limit'] : [])]
    if (root === 'limit' && !hasLimit) return [{ message: 'there is no limit without a search', hint: 'add find, or measure maxNodes' }]
    if (mode === 'plan' && !known.includes(String(root)))
      return [{ message: `a point of a plan has no ${steps.join('.')}`, hint: didYouMean(String(root), known) }]
    if (root !== 'resources' || typeof name !== 'string') return []
    const names = [...RESOURCE_NAMES, 'exhausted', 'length']
    return names.includes(name) ? [] : [{ message: `there is no resource ${name}`, hint: didYouMean(name, names) }]
  })
}

function pathsOf(expression: Expression): (readonly (string | number)[])[] {
  switch (expression.kind) {
    case 'value':
      return []
    case 'path':
      return [expression.steps]
    case 'not':
    case 'negative':
      return pathsOf(expression.operand)
    case 'binary':
      return [...pathsOf(expression.left), ...pathsOf(expression.right)]
  }
}
