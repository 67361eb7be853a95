// What the library calls `exportStudy`: a study as a manifest of Kubernetes, in text. Nothing is sent anywhere.
import { loadStudy } from '../study/load.js'
import type { Study } from '../study/model.js'
import { jobManifest } from './job.js'
import { checkOptions, type ExportOptions } from './options.js'
import { workersManifest } from './workers.js'

/**
 * The manifest that has a cluster compute the study of this file: YAML for `kubectl apply --server-side -f`. Throws a ScenarioError for
 * mistakes in the study, a StudyError for options that do not go and for files that are too large. `study`: if it is loaded already.
 */
export function exportStudy(file: string, options: ExportOptions, study: Study = loadStudy(file)): string {
  checkOptions(options)
  return options.kind === 'k8s-workers' ? workersManifest(file, options) : jobManifest(file, study, options)
}
