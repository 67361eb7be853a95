// Laws: whatever the input, loading (form, meaning, assertions) returns a scenario or throws a ScenarioError with at least one issue; a scenario's shown
// text loads to the same hash.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadAdmitted } from '../../src/run/admitted.js'
import { formatIssue, ScenarioError } from '../../src/scenario/error.js'
import type { LoadedScenario } from '../../src/scenario/load.js'
import { showScenario } from '../../src/scenario/show.js'
import { FULL, LEAST } from './samples.js'

const RUNS = process.env.VXLANE_LONG ? 20_000 : 300
const folder = mkdtempSync(join(tmpdir(), 'vxlane-'))

/** Loads; null for a refusal, whose issues must be readable. Anything else that is thrown fails the test. */
function attempt(input: string | object, set: string[] = []): LoadedScenario | null {
  try {
    return loadAdmitted(input, { set })
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    expect(error.issues.length).toBeGreaterThan(0)
    for (const found of error.issues) {
      expect(found.code).toMatch(/^[A-Z][A-Za-z]+$/)
      expect(found.message).not.toBe('')
      expect(formatIssue(found)).not.toMatch(/undefined|\[object/)
    }
    return null
  }
}

/** Every place in a value, as paths. */
function pathsOf(value: unknown, before: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [before]
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  return [before, ...keys.flatMap(key => pathsOf((value as Record<string | number, unknown>)[key], [...before, key]))]
}

const PATHS = pathsOf(FULL).filter(path => path.length > 0)

function changed(path: (string | number)[], value: unknown): object {
  const copy = structuredClone(FULL) as Record<string | number, unknown>
  let at = copy
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>
  at[path[path.length - 1]] = value
  return copy
}

test('any JSON value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      attempt({ ...LEAST, ...(value as object) })
      attempt((typeof value === 'object' && value) || [value])
    }),
    { numRuns: RUNS },
  )
})

test('any JSON value at any place of a scenario', () => {
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('', '0', -1, Number.POSITIVE_INFINITY, '10.0.0.0/33', '1e99s', '[', '__proto__', 'NaN', '5%', [], {}),
  )
  fc.assert(
    fc.property(fc.constantFrom(...PATHS), odd, (path, value) => {
      const loaded = attempt(changed(path, value))
      if (loaded) expect(loaded.hash).toMatch(/^[0-9a-f]{64}$/)
    }),
    { numRuns: RUNS * 2 },
  )
})

test('any text as a file', () => {
  const file = join(folder, 'any.yaml')
  const yamlish = fc.array(
    fc.constantFrom(
      'a',
      ': ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&x ',
      '*x',
      '!!set ',
      '|',
      '>',
      '#',
      '%',
      '<<',
      'apiVersion: vxlane/v1\n',
      '\t',
      '?',
      ',',
    ),
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        yamlish.map(list => list.join('')),
      ),
      text => {
        writeFileSync(file, text)
        attempt(file)
      },
    ),
    { numRuns: RUNS },
  )
})

test('a scenario file with some bytes changed', () => {
  const file = join(folder, 'changed.yaml')
  const text = showScenario(loadAdmitted(FULL))
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.nat(6), fc.string({ maxLength: 4 }), (at, cut, put) => {
      writeFileSync(file, text.slice(0, at) + put + text.slice(at + cut))
      attempt(file)
    }),
    { numRuns: Math.floor(RUNS / 3) },
  )
})

test('any text behind --set', () => {
  const path = fc.constantFrom(
    'fabric.latency',
    'workloads[0].name',
    'seed',
    'cluster.networkProfile',
    'vnet.subnets.x',
    'assert[2]',
    'traffic[0].size',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.tuple(path, fc.oneof(fc.string(), fc.json())).map(([p, v]) => `${p}=${v}`),
      ),
      text => {
        attempt(FULL, [text])
      },
    ),
    { numRuns: RUNS },
  )
})

test('hostile nesting and aliases', () => {
  const file = join(folder, 'deep.yaml')
  for (const text of [
    '['.repeat(100_000),
    `a: ${'{a: '.repeat(3000)}`,
    `a: &a [1]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [${`*${i ? `b${i - 1}` : 'a'}, `.repeat(9)}]`).join('\n')}`,
  ]) {
    writeFileSync(file, text)
    expect(attempt(file)).toBeNull()
  }
  writeFileSync(file, 'apiVersion: &a [*a, *a]\nname: &b { x: *b, y: *b }\n')
  expect(attempt(file)).toBeNull()
  let deep: object = {}
  for (let i = 0; i < 5000; i++) deep = { deep }
  expect(attempt({ ...LEAST, fabric: deep })).toBeNull()
})

test('objects that no file can hold', () => {
  const circle: Record<string, unknown> = { ...LEAST }
  Object.assign(circle, {
    fabric: circle,
    workloads: [circle, circle],
    seed: 10n,
    name: () => 1,
    description: Symbol('x'),
    vnet: new Date(),
  })
  expect(attempt(circle)).toBeNull()
})

test('a systematic mistake in a large scenario is refused in reasonable time', () => {
  const nodes = Array.from({ length: 3000 }, (_, i) => ({ name: `node${i}` }))
  const pods = Array.from({ length: 20_000 }, (_, i) => ({ name: `pod${i}`, node: `nod${i}` }))
  const before = performance.now()
  expect(() => loadAdmitted({ ...LEAST, cluster: { agentPoolProfiles: [{ nodes }] }, workloads: [{ name: 'w', pods }] })).toThrow(
    ScenarioError,
  )
  expect(performance.now() - before).toBeLessThan(10_000)
})

test('blanks that are none to YAML stay in a name', () => {
  const file = join(folder, 'blank.yaml')
  for (const name of ['\u00a0', 'a\u00a0', '\ufeff', 'a\u2028', '\u3000b\u3000', 'a\u00a0# b']) {
    const loaded = attempt({ ...LEAST, name })
    writeFileSync(file, showScenario(loaded!))
    expect(loadAdmitted(file).scenario.name).toBe(name)
  }
})

test('what loads is shown as text that loads to the same', () => {
  const file = join(folder, 'shown.yaml')
  const texts = fc.string({ unit: 'grapheme', maxLength: 40 })
  const fields = fc.record({
    name: texts.filter(text => text.length > 0),
    description: texts,
    // The one key that is refused, with a sentence (mistakes.test.ts): no object can hold it safely.
    labels: fc.dictionary(
      texts.filter(text => text !== '__proto__'),
      texts,
      { maxKeys: 3 },
    ),
    latency: fc.integer({ min: 1, max: 1e9 }),
    replicas: fc.nat(50),
  })
  fc.assert(
    fc.property(fields, ({ name, description, labels, latency, replicas }) => {
      const loaded = attempt({
        ...LEAST,
        name,
        description,
        workloads: [{ name: 'w', replicas, labels }],
        fabric: { latency: `${latency}ns` },
      })
      expect(loaded).not.toBeNull()
      writeFileSync(file, showScenario(loaded!))
      expect(loadAdmitted(file).hash).toBe(loaded?.hash)
    }),
    { numRuns: Math.floor(RUNS / 3) },
  )
})
