// Cutting a text into objects: at whatever bytes its chunks end, the same objects come out, those that a parser of the whole text sees.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { faultLines, objectsIn, sampleBytes } from './read-text.js'

const cuts = fc.array(fc.nat(), { maxLength: 12 })
/** Any JSON, with the characters that matter to whoever cuts it. */
const text = fc.oneof(
  fc.string(),
  fc.constantFrom('"items": [', '{"', '\\"', '}]', '\\', '\n- a', '---', 'é—🚀', 'kind: List\nitems:\n- x'),
)
const value = fc.letrec(tie => ({
  any: fc.oneof({ depthSize: 'small' }, text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('any')), tie('object')),
  object: fc.dictionary(text, tie('any'), { maxKeys: 4 }),
})).any
const object = fc
  .tuple(fc.constantFrom('Pod', 'Service', 'Thing'), fc.dictionary(text, value, { maxKeys: 4 }))
  .map(([kind, more]) => ({ ...JSON.parse(JSON.stringify(more)), kind }) as Record<string, unknown>)
  .filter(one => !Object.hasOwn(one, '__proto__'))
const list = fc.record({ apiVersion: fc.constant('v1'), kind: fc.constant('List'), items: fc.array(object, { maxLength: 6 }) })

describe('JSON', () => {
  test('lists, single objects and several in a row, at any cuts', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(list, object), { maxLength: 4 }), fc.constantFrom(0, 2, '\t'), cuts, (documents, indent, offsets) => {
        const whole = documents.map(one => JSON.stringify(one, null, indent)).join('\n')
        const { objects, faults } = objectsIn(whole, offsets)
        expect(faults).toEqual([])
        expect(objects).toEqual(documents.flatMap(one => ('items' in one && one.kind === 'List' ? (one.items as object[]) : [one])))
      }),
      { numRuns: 300 },
    )
  })
  test('a list at the top, bare values in it named as mistakes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(object, fc.integer(), fc.boolean(), text), { maxLength: 6 }), cuts, (items, offsets) => {
        const { objects, faults } = objectsIn(JSON.stringify(items), offsets)
        expect(objects).toEqual(items.filter(item => typeof item === 'object'))
        expect(faults).toHaveLength(items.filter(item => typeof item !== 'object').length)
      }),
      { numRuns: 200 },
    )
  })
  test('any bytes: mistakes, never a throw', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ',',
      ':',
      '"items"',
      '0',
      'null',
      ' ',
      '\n',
      '-',
      '{"kind":"Pod"}',
      '\u0000',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), cuts, (parts, offsets) => {
        const whole = `{${parts.join('')}`
        expect(objectsIn(whole, offsets)).toEqual(objectsIn(whole))
      }),
      { numRuns: 500 },
    )
  })
  test('the commas and values of a list are checked though its elements are cut out', () => {
    const pieces = fc.constantFrom('{"kind":"Pod"}', ',', ',', '0', 'null', ' ', '\n', '[', '"a"', ':', '{')
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), cuts, (parts, offsets) => {
        const whole = `{"kind":"List","items":[${parts.join('')}]}`
        const isJson = (() => {
          try {
            return JSON.parse(whole) !== undefined
          } catch {
            return false
          }
        })()
        const { faults } = objectsIn(whole, offsets)
        expect(faults.every(({ code }) => code !== 'JsonSyntax')).toBe(isJson)
      }),
      { numRuns: 1000 },
    )
  })
  test('the sample cluster, byte by byte', () => {
    const bytes = sampleBytes('services.json')
    const offsets = Array.from({ length: bytes.length }, (_, i) => i)
    expect(objectsIn(bytes, offsets)).toEqual(objectsIn(bytes))
    expect(objectsIn(bytes).lines).toEqual([4, 45, 84, 133, 180])
  })
})

describe('YAML', () => {
  const yaml = (one: unknown) => stringify(one, { lineWidth: 60, indentSeq: false, aliasDuplicateObjects: false })
  test('lists and streams, at any cuts', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(list, object), { minLength: 1, maxLength: 3 }), fc.boolean(), cuts, (documents, crlf, offsets) => {
        const texts = documents.map(yaml)
        // What the parser reads back is what is compared with: line ends inside of texts are its own affair.
        const end = crlf ? '\r\n' : '\n'
        const whole = `# first\n${texts.join('---\n')}`.replaceAll('\n', end)
        fc.pre(!texts.some(one => one.includes('\r')))
        const { objects, faults } = objectsIn(whole, offsets)
        expect(faults).toEqual([])
        const parsed = texts.map(one => parse(one))
        expect(objects).toEqual(parsed.flatMap(one => (one.kind === 'List' ? one.items : [one])))
      }),
      { numRuns: 150 },
    )
  })
  test('a list as people indent it, with comments and empty lines', () => {
    const { objects, lines, faults } = objectsIn(`---
apiVersion: v1
items: # all of them

  # the first
  - kind: Pod
    text: |
      - kind: Service

      items:
      - x
  -
    kind: Service
kind: List
---
kind: Namespace
...
--- # comment
kind: Node
`)
    expect(faults).toEqual([])
    expect(objects.map(({ kind }) => kind)).toEqual(['Pod', 'Service', 'Namespace', 'Node'])
    expect(objects[0].text).toBe('- kind: Service\n\nitems:\n- x\n')
    expect(lines).toEqual([6, 12, 15, 18])
  })
  test('the sample cluster is what the parser sees in the whole', () => {
    const [document] = parseAllDocuments(sampleBytes('all.yaml').toString('utf8'))
    expect(objectsIn(sampleBytes('all.yaml'), [1000, 50_000, 99_999]).objects).toEqual(document.toJS().items)
    const manifests = parseAllDocuments(sampleBytes('manifests.yaml').toString('utf8')).map(one => one.toJS())
    expect(objectsIn(sampleBytes('manifests.yaml')).objects).toEqual(manifests)
  })
  test('any lines: mistakes, never a throw, the same at any cuts', () => {
    const lines = fc.constantFrom(
      'kind: Pod',
      'items:',
      '- kind: Pod',
      '  a: b',
      '---',
      '...',
      '- - x',
      '\t',
      '  - "',
      'x: &a [*a]',
      "'",
      '{',
      '!!binary x',
      '? ',
      '- |',
      ' # c',
    )
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 12 }), cuts, (parts, offsets) => {
        const whole = `x: 1\n${parts.join('\n')}`
        expect(objectsIn(whole, offsets)).toEqual(objectsIn(whole))
      }),
      { numRuns: 300 },
    )
  })
})

describe('encodings', () => {
  const whole = '{"kind":"Pod","name":"é—🚀"}'
  const marked = (bytes: Buffer, ...mark: number[]): Buffer => Buffer.concat([Buffer.from(mark), bytes])
  test.each([
    ['UTF-8 with a mark', marked(Buffer.from(whole), 0xef, 0xbb, 0xbf)],
    ['UTF-16 as PowerShell writes it', marked(Buffer.from(whole, 'utf16le'), 0xff, 0xfe)],
    ['UTF-16, the other byte first', marked(Buffer.from(whole, 'utf16le').swap16(), 0xfe, 0xff)],
    ['YAML with a mark', marked(Buffer.from('kind: Pod\nname: "é—🚀"\n'), 0xef, 0xbb, 0xbf)],
  ])('%s', (_name, bytes) => {
    for (let at = 0; at <= bytes.length; at++) expect(objectsIn(bytes, [at, at + 1]).objects).toEqual([{ kind: 'Pod', name: 'é—🚀' }])
  })
})

describe('mistakes have a place', () => {
  test.each([
    ['{"kind":"List","items":{}}', 'in.txt:1:16: WrongType: items: expected a list'],
    ['{"kind":"List","items":7}', 'in.txt:1:24: WrongType: items: expected a list'],
    ['{"kind":"List",\n"items":[\n{"kind":"Pod"},\n7]}', 'in.txt:4:1: NotAnObject: this is no Kubernetes object'],
    ['{"kind":"List","items":[{}\n{}]}', 'in.txt:1:26: JsonSyntax:'],
    ['{"kind":"Pod",\n "a": tru }', 'in.txt:2:'],
    ['{"kind":"List","items":[\n{"kind":"Pod"', 'in.txt:2:'],
    ['kind: List\nitems: 7\n', 'in.txt:2:8: WrongType: items: expected a list'],
    ['kind: Pod\nkind: Pod\n', 'in.txt:2:1: DuplicateKey: this key stands here twice'],
    ['kind: List\nitems:\n- kind: Pod\n- just text\n', 'in.txt:4:3: NotAnObject'],
    ['just text', 'in.txt:1:1: NotAnObject'],
  ])('%s', (given, expected) => {
    expect(faultLines(objectsIn(given).faults).join('\n')).toContain(expected)
  })
  test('aliases that unfold without end are refused, not unfolded', () => {
    const laughs = Array.from({ length: 12 }, (_, i) => `l${i}: &l${i} [${Array(9).fill(i === 0 ? 'lol' : `*l${i - 1}`)}]`)
    const { faults, objects } = objectsIn(`kind: Pod\n${laughs.join('\n')}\n---\nkind: Node\n`)
    expect(faultLines(faults)[0]).toContain('in.txt:1:1: YamlSyntax: Excessive alias count')
    expect(objects).toEqual([{ kind: 'Node' }])
  })
  test('nesting without end is refused', () => {
    for (const deep of [`${'['.repeat(200_000)}`, `a: ${'['.repeat(20_000)}`]) expect(objectsIn(deep).faults.length).toBeGreaterThan(0)
  })
})
