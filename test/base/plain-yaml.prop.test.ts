// The fast reader of plain YAML against the full parser: where it gives a value, the full parser gives the same; and on what kubectl
// prints and scenarios are made of it does give one.
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments, parseDocument, stringify } from 'yaml'
import { NOT_READ, readPlainYaml } from '../../src/base/plain-yaml.js'

/** The full parser's value, or undefined where it finds a mistake. */
function full(text: string): unknown {
  try {
    const document = parseDocument(text, { prettyErrors: false, merge: true, logLevel: 'silent' })
    return document.errors.length + document.warnings.length > 0 ? undefined : document.toJS()
  } catch {
    return undefined
  }
}

/** True if it was read; fails if it was read otherwise than the full parser does. */
function agrees(text: string): boolean {
  const value = readPlainYaml(text)
  if (value === NOT_READ) return false
  expect(value).toEqual(full(text))
  return true
}

const scalar = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'a',
    'true',
    'null',
    '~',
    '1',
    '1.5',
    '-0',
    '1e3',
    '0x1f',
    '012',
    'a: b',
    'a #b',
    '- x',
    '{',
    '"',
    "'",
    'line\nline',
    '\n',
    ' x ',
    '#',
    '',
    'a:',
    'é',
    '10.0.0.1',
    '2024-05-14T08:02:11Z',
  ),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
)
const value = fc.letrec(tie => ({
  any: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('any'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('a', 'b', 'kubernetes.io/x', '1', 'true')), tie('any'), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
})).any

describe('agrees with the full parser', () => {
  test('on any values as that library writes them', () => {
    let read = 0
    fc.assert(
      fc.property(value, fc.boolean(), fc.constantFrom(0, 40), (given, indentSeq, lineWidth) => {
        if (agrees(stringify(given, { indentSeq, lineWidth, aliasDuplicateObjects: false }))) read++
      }),
      { numRuns: 1000 },
    )
    expect(read).toBeGreaterThan(500)
  })
  test('on any values in brackets', () => {
    fc.assert(
      fc.property(value, given => {
        agrees(stringify(given, { collectionStyle: 'flow', lineWidth: 0, aliasDuplicateObjects: false }))
        agrees(JSON.stringify(given))
        agrees(`a: ${JSON.stringify(given)} # comment\nb: 1\n`)
      }),
      { numRuns: 500 },
    )
  })
  test('on any lines of the characters that matter', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'b: ',
        'c:',
        ': ',
        '- ',
        '-',
        '  ',
        ' ',
        '    ',
        '\n',
        '\n',
        '\n  ',
        '\n- ',
        '"',
        "'",
        '{',
        '}',
        '[',
        ']',
        ', ',
        ',',
        '#',
        ' #',
        '|',
        '|-',
        '|+',
        '>',
        '&x',
        '*x',
        '!t',
      ],
      ...[
        '---',
        '...',
        '%',
        '@',
        '`',
        '? ',
        '?',
        '<<: ',
        '1',
        '0x1',
        'null',
        'true',
        '~',
        '\\n',
        '\\x',
        '\t',
        '.5',
        '-1',
        ':',
        '::',
        "''",
        '""',
      ],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), pieces => {
        agrees(pieces.join(''))
      }),
      { numRuns: 20_000 },
    )
  })
  test('on texts of several lines', () => {
    const line = fc.constantFrom('x', '  x', '', ' ', '    ', '# x', '- x', 'k: v', '\tx', '   y')
    const lines = fc.array(line, { maxLength: 6 })
    fc.assert(
      fc.property(
        fc.constantFrom('|', '|-', '|+', '| # c', '>', '|2'),
        lines,
        fc.constantFrom('', '\n', 'b: 1\n', '# c\n'),
        fc.nat(3),
        (header, texts, end, indent) => {
          const pad = ' '.repeat(indent)
          agrees(`a: ${header}\n${texts.map(text => pad + text).join('\n')}\n${end}`)
          agrees(`- ${header}\n${texts.map(text => pad + text).join('\n')}\n${end.replace('b: 1', '- 1')}`)
          agrees(`m:\n  a: ${header}\n${texts.map(text => `  ${pad}${text}`).join('\n')}\n${end}`)
        },
      ),
      { numRuns: 3000 },
    )
  })
})

describe('reads', () => {
  test('what kubectl prints', () => {
    const sample = new URL('../golden/sample-cluster/', import.meta.url)
    expect(agrees(readFileSync(new URL('all.yaml', sample), 'utf8'))).toBe(true)
    for (const text of readFileSync(new URL('manifests.yaml', sample), 'utf8').split(/^---$/m)) expect(agrees(text)).toBe(true)
    expect(parseAllDocuments(readFileSync(new URL('manifests.yaml', sample), 'utf8'))).toHaveLength(15)
  })
  test('example scenarios, all but those with brackets over several lines', () => {
    const folder = new URL('../../scenarios/', import.meta.url)
    const names = readdirSync(folder).filter(one => one.endsWith('.yaml'))
    const unread = names.filter(name => !agrees(readFileSync(new URL(name, folder), 'utf8')))
    for (const name of unread) expect(readFileSync(new URL(name, folder), 'utf8')).toMatch(/[[{]\s*$/m)
    expect(unread.length).toBeLessThan(names.length / 2)
  })
})
