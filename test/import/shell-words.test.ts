import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shellWords } from '../../src/import/shell-words.js'

test.each<[string, string[] | null]>([
  ['az aks create', ['az', 'aks', 'create']],
  ['  a\t b\n', ['a', 'b']],
  ["a 'b c' d", ['a', 'b c', 'd']],
  ['a "b \\" c" d', ['a', 'b " c', 'd']],
  ['a "b \\n c"', ['a', 'b \\n c']],
  ["a 'b \\ c'", ['a', 'b \\ c']],
  ['a b\\ c', ['a', 'b c']],
  ["--x='y z'w", ['--x=y zw']],
  ["'' a", ['', 'a']],
  ['a \\\n  b', ['a', 'b']],
  ['a \\\r\n  b', ['a', 'b']],
  ['a `\n  b', ['a', 'b']],
  ['a ^\r\n  b', ['a', 'b']],
  ['$X "$Y"', ['$X', '$Y']],
  ["a 'b", null],
  ['a "b', null],
  ['', []],
])('%j', (line, words) => {
  expect(shellWords(line)).toEqual(words)
})

test('quoted words come back', () => {
  const words = fc.array(fc.string().filter(word => !/[\r\n]/.test(word)))
  fc.assert(
    fc.property(words, list => {
      expect(shellWords(list.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' '))).toEqual(list)
    }),
  )
})
