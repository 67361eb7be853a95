// What the library calls `plan`: the limits of a scenario, or of an input that flags made, with Azure's own refusals where there are any.
import { admit } from '../cluster/admission.js'
import { limitOfIssue } from '../cluster/limit-of-issue.js'
import type { Issue } from '../scenario/issue.js'
import { type LoadedScenario, type LoadOptions, loadScenario } from '../scenario/load.js'
import { formatPath } from '../scenario/override.js'
import { type InputOptions, inputOf } from './from-scenario.js'
import { PLAN_OPTIONS, type PlanInput } from './input.js'
import { type ClusterLimits, limitsOf } from './limits.js'

export interface PlanError {
  readonly code: string
  readonly message: string
  /** Path in the scenario, or the flag. */
  readonly path: string
}

export interface PlanResult extends Omit<ClusterLimits, 'refusals'> {
  readonly schemaVersion: 1
  readonly kind: 'plan'
  /** The scenario's name; null for flags. */
  readonly scenario: string | null
  readonly errors: readonly PlanError[]
}

/** A scenario that may ask for more than there is: too little of something is an answer here and no mistake. */
export const loadForPlan = (input: string | object, options: LoadOptions = {}): LoadedScenario =>
  loadScenario(input, { ...options, also: scenario => admit(scenario).filter(found => limitOfIssue(found, scenario) === null) })

/** The limits of a scenario: one that {@link loadForPlan} or `loadScenario` returned, the path of a file, or an object of the same form. */
export function plan(scenario: LoadedScenario | string | object, options: InputOptions = {}): PlanResult {
  const loaded = isLoaded(scenario) ? scenario : loadForPlan(scenario)
  const input = inputOf(loaded, options)
  const refused = admit(loaded.scenario).filter(found => {
    const limit = limitOfIssue(found, loaded.scenario)
    // Admission knows the page's 400 routes alone; whoever says another number has it from a later page.
    return limit !== null && (limit !== 'routeTable' || input.options.routes === PLAN_OPTIONS.routes)
  })
  return planOf(input, loaded.scenario.name, refused)
}

/** `refused`: what admission says beyond the arithmetic. The two mostly agree; the arithmetic also counts the surge. */
export function planOf(
  input: PlanInput,
  scenario: string | null,
  refused: readonly Issue[],
  place: (path: Issue['path']) => string = formatPath,
): PlanResult {
  const { refusals, ...limits } = limitsOf(input)
  const own = refusals.map(({ code, message, path }) => ({ code, message, path: place(path) }))
  const more = refused.filter(({ code }) => own.every(error => error.code !== code))
  const errors = [...own, ...more.map(({ code, message, path }) => ({ code, message, path: place(path) }))]
  return { schemaVersion: 1, kind: 'plan', scenario, ...limits, fits: limits.fits && more.length === 0, errors }
}

const isLoaded = (scenario: LoadedScenario | string | object): scenario is LoadedScenario =>
  typeof scenario === 'object' && 'scenario' in scenario && 'hash' in scenario && 'locate' in scenario
