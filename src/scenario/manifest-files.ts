// Reads the files that the key `manifests` names: Kubernetes objects as people apply them or as kubectl prints them. A folder means the
// files in it, as `kubectl apply -f FOLDER` takes them.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { whyUnread } from '../base/file-words.js'
import type { ClusterFacts } from '../kube/cluster-facts.js'
import { Collector } from '../kube/collect.js'
import type { Fault } from '../kube/fault.js'
import { readObjects } from '../kube/read-objects.js'
import { type Issue, issue, warning } from './issue.js'

export interface ManifestFiles {
  readonly facts: ClusterFacts
  /** Mistakes inside of the files. */
  readonly faults: readonly Fault[]
  /** Files that cannot be read, and warnings, at the key `manifests`. */
  readonly issues: readonly Issue[]
}

export function readManifestFiles(names: readonly string[], folder: string): ManifestFiles {
  const faults: Fault[] = []
  const issues: Issue[] = []
  const collector = new Collector(faults, true)
  names.forEach((name, i) => {
    const path = ['manifests', i]
    try {
      for (const file of filesOf(resolve(folder, name), name)) {
        for (const found of readObjects(file.shown, [readFileSync(file.path)], faults)) collector.add(found)
      }
    } catch (error) {
      issues.push(issue(path, 'FileNotRead', `${name}: ${whyUnread(error)}`, 'the path counts from the folder of the scenario'))
    }
  })
  for (const { name, place, first } of collector.repeated) {
    const message = `${name} stands in ${first.file}:${first.line} already`
    faults.push({
      file: place.file,
      position: place.locate(['metadata', 'name']),
      code: 'DuplicateName',
      message,
      hint: 'keep one of them',
    })
  }
  if (collector.facts.skipped.size > 0) {
    const kinds = [...collector.facts.skipped].map(([kind, count]) => `${kind} ${count}`).join(', ')
    issues.push(warning(['manifests'], 'ObjectsSkipped', `objects of kinds that are not read: ${kinds}`, ''))
  }
  return { facts: collector.facts, faults, issues }
}

/** A file itself; of a folder those that kubectl would take, in order of their names. */
export function filesOf(path: string, shown: string): { path: string; shown: string }[] {
  if (!statSync(path).isDirectory()) return [{ path, shown }]
  const names = readdirSync(path).filter(name => /\.(ya?ml|json)$/.test(name))
  return names.sort().map(name => ({ path: join(path, name), shown: join(shown, name) }))
}
