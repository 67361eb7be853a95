// Whether the paths of a scenario's assertions lead anywhere in a result. A misspelled drop reason would otherwise be one that never
// occurs, and its assertion would hold for ever.
import { RESOURCE_NAMES } from '../cluster/resource.js'
import { type Expression, parseExpression } from '../scenario/expression.js'
import { type Issue, issue } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { didYouMean } from '../scenario/nearest.js'
import { resultJsonSchema } from './result-schema.js'

/** The part of a JSON Schema that paths walk along. */
interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
}

type Path = Extract<Expression, { kind: 'path' }>

/** Made once, when a scenario first asserts something: it takes milliseconds. */
let resultShape: Shape | null = null

export function checkAssertions(scenario: Scenario): Issue[] {
  if (scenario.assert.length === 0) return []
  resultShape ??= resultJsonSchema() as Shape
  const result = resultShape
  return scenario.assert.flatMap((text, i) => {
    const parsed = parseExpression(text)
    if ('message' in parsed) return []
    return pathsOf(parsed).flatMap(path => {
      const hint = wrongStep(path.steps, result, scenario)
      return hint === null ? [] : [issue(['assert', i], 'UnknownField', `a result has no ${path.steps.join('.')}`, hint)]
    })
  })
}

function pathsOf(expression: Expression): Path[] {
  switch (expression.kind) {
    case 'value':
      return []
    case 'path':
      return [expression]
    case 'not':
    case 'negative':
      return pathsOf(expression.operand)
    case 'binary':
      return [...pathsOf(expression.left), ...pathsOf(expression.right)]
  }
}

/** What to write instead of the first step that leads nowhere; null for a path that is right. */
function wrongStep(steps: Path['steps'], result: Shape, scenario: Scenario): string | null {
  let at: Shape | undefined = result
  for (const [i, step] of steps.entries()) {
    // What may be null: its other form.
    at = at?.anyOf?.find(({ properties }) => properties !== undefined) ?? at
    const known: readonly string[] = at?.items ? itemsOf(steps[i - 1], scenario) : Object.keys(at?.properties ?? {})
    // Events are looked up by their reason, whatever Azure and Kubernetes call it.
    if (at?.items && (typeof step === 'number' || steps[i - 1] === 'events')) at = at.items
    else if (!known.includes(String(step))) return didYouMean(String(step), known)
    else if (at?.items) at = step === 'length' || step === 'exhausted' ? {} : at.items
    else at = at?.properties?.[step]
  }
  return null
}

/** Names by which the items of a list are looked up. */
function itemsOf(list: string | number | undefined, scenario: Scenario): string[] {
  if (list === 'resources') return [...RESOURCE_NAMES, 'exhausted', 'length']
  return list === 'traffic' ? [...scenario.traffic.map(({ name }) => name), 'length'] : ['length']
}
