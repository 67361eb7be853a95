// A scenario that can be run: form and meaning in order. What the library calls `loadScenario`, so that every mistake of a file comes at
// once, whichever stage finds it.
import { admit } from '../cluster/admission.js'
import { type LoadedScenario, type LoadOptions, loadScenario } from '../scenario/load.js'
import { checkAssertions } from './assertions.js'

/** Loads a file, or an object of the same form. Throws a ScenarioError with every mistake located, and nothing else. */
export const loadAdmitted = (input: string | object, options: LoadOptions = {}): LoadedScenario =>
  loadScenario(input, { ...options, also: scenario => [...admit(scenario), ...checkAssertions(scenario)] })
