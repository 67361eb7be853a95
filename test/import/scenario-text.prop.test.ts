// Whatever is written for people says the same as the data it was written from.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { type Entries, type Entry, Inline, plainOf, yamlBlock } from '../../src/import/scenario-text.js'

const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'true',
    'null',
    'no',
    '1',
    '1.5',
    '10.244.0.0/16',
    'a: b',
    '- a',
    'a #b',
    '{a}',
    'a, b',
    '',
    'line\nline',
    '"',
    'x'.repeat(150),
    'é',
  ),
)
const key = fc
  .oneof(fc.constantFrom('name', 'labels', 'a.b/c', '1', 'true', 'a b'), fc.string({ minLength: 1 }))
  .filter(one => !/^#\d*$/.test(one) && one !== '__proto__' && one !== '<<')
const entries = fc.letrec(tie => ({
  entry: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('entry'), { maxLength: 4 }),
    tie('entry').map(value => new Inline(value as Entry, null)),
    tie('entry').map(value => new Inline(value as Entry, 'a comment')),
    tie('object'),
  ),
  object: fc.dictionary(key, tie('entry'), { maxKeys: 4, noNullPrototype: true }),
})).object as fc.Arbitrary<Entries>

test('lines read back as the data, comments and folding apart', () => {
  fc.assert(
    fc.property(entries, given => {
      const lines = yamlBlock({ '#': 'a comment', root: given, last: 1 }, 0)
      expect(parse(lines.join('\n'))).toEqual({ root: plainOf(given), last: 1 })
    }),
    { numRuns: 1000 },
  )
})

test('what fits stays on one line, what does not goes over several', () => {
  const pod = (name: string) => new Inline({ name, labels: { app: 'web' } })
  expect(yamlBlock({ pods: [pod('a'), pod('b'.repeat(120))] }, 0)).toEqual([
    'pods:',
    '  - { name: a, labels: { app: web } }',
    `  - name: ${'b'.repeat(120)}`,
    '    labels: { app: web }',
  ])
})
