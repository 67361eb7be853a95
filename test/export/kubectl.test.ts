// Manifests as kubectl reads them: its own types of Go, which know no field that Kubernetes does not have. What they leave out or change
// was wrong. Skipped where there is no kubectl; it needs no cluster.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Anything, objectsOf } from '../support/kubelet.js'

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
if (!hasKubectl) console.log('kubectl.test: skipped, there is no kubectl')

/** The object after a way through kubectl's types. "set env" is the command that decodes without asking a server. */
function throughKubectl(object: Anything): Anything {
  const words = ['set', 'env', '--local', '--filename', '-', '--output', 'json', 'ADDED_BY_TEST=1']
  const { stdout, stderr, status } = spawnSync('kubectl', words, { input: JSON.stringify(object), encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  return JSON.parse(stdout)
}
const withoutAdded = (env: Anything[]): Anything[] => env.filter(({ name }) => name !== 'ADDED_BY_TEST')

describe.runIf(hasKubectl)('kubectl knows every field of', () => {
  test.each(['job', 'job-of-an-image', 'workers'])('%s.yaml', name => {
    // "VERSION" and "DIGEST" of golden files are no names; anything else in their place is.
    const golden = readFileSync(fileURLToPath(new URL(`../golden/export/${name}.yaml`, import.meta.url)), 'utf8')
    const objects = objectsOf(golden.replaceAll('DIGEST', '0123abcd').replaceAll('VERSION', '1-2-3'))
    const withPods = objects.filter(({ kind }) => kind === 'Job' || kind === 'Deployment')
    expect(withPods.length).toBeGreaterThan(0)
    for (const object of withPods) {
      const read = throughKubectl(object)
      const [container] = read.spec.template.spec.containers
      container.env = withoutAdded(container.env)
      expect(read).toMatchObject(object)
    }
  })
  test('and a field that there is not would be noticed', () => {
    const [job] = objectsOf(
      'apiVersion: batch/v1\nkind: Job\nmetadata: { name: x }\nspec: { complitions: 3, template: { spec: { containers: [{ name: a, image: b }] } } }\n',
    )
    expect(throughKubectl(job)).not.toMatchObject(job)
  })
})
