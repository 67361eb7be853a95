import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate, parseExpression } from '../../src/scenario/expression.js'

const RESULT = {
  totals: { sent: 1000, delivered: 990, bytesDelivered: 5000 },
  drops: { total: 10, byReason: { nicQueueFull: 10 } },
  latencyNs: { p99: 180_000, min: 50_000 },
  scenario: { name: 'x' },
  traffic: [
    { name: 'east-west', delivered: 7 },
    { name: 'calls', delivered: 8 },
  ],
  resources: [
    { name: 'podCidr', exhausted: false, capacity: 256, timeline: [[0, 3]] },
    { name: 'nodeSubnet', exhausted: true, exhaustedAtNs: null },
  ],
}

describe('evaluate', () => {
  test.each<[string, boolean]>([
    ['drops.total == 10', true],
    ['drops.total == 0', false],
    ['drops.total != 0', true],
    ['drops.byReason.nicQueueFull == 10', true],
    ['drops.byReason.noRoute == 0', true],
    ['drops.byReason.noRoute == none', false],
    ['latencyNs.p99 < 200us', true],
    ['latencyNs.p99 <= 0.18ms', true],
    ['latencyNs.p99 > 180us', false],
    ['latencyNs.p99 >= 180000', true],
    ['totals.bytesDelivered > 4KiB', true],
    ['totals.delivered >= totals.sent * 99%', true],
    ['totals.delivered / totals.sent == 0.99', true],
    ['totals.sent - totals.delivered == drops.total', true],
    ['-drops.total == 0 - 10', true],
    ['1 + 2 * 3 == 7', true],
    ['(1 + 2) * 3 == 9', true],
    ['10 - 2 - 3 == 5', true],
    ['resources.podCidr.exhausted == false', true],
    ['!resources.podCidr.exhausted', true],
    ['resources.podCidr.capacity == 256', true],
    ['resources.podCidr.timeline[0][1] == 3', true],
    ['resources[1].name == "nodeSubnet"', true],
    ['resources.exhausted == "nodeSubnet"', true],
    ['resources.length == 2', true],
    ['resources.nodeSubnet.exhaustedAtNs == none', true],
    ['traffic["east-west"].delivered == 7', true],
    ["traffic.calls.delivered == 8 && scenario.name == 'x'", true],
    ['drops.total == 0 || latencyNs.min == 50us', true],
    ['drops.total == 0 || latencyNs.min == 51us && true', false],
    ['!(drops.total == 0)', true],
    ['nowhere.at.all == none', true],
    ['nowhere < 5', false],
    ['nowhere > 5', false],
    ['nowhere + 1 == none', true],
    ['1 / 0 == null', true],
    ['drops.total', true],
    ['drops.constructor == none', true],
  ])('%s is %s', (text, held) => {
    expect(evaluate(text, RESULT).held).toBe(held)
  })

  test('gives the two sides of a comparison', () => {
    expect(evaluate('latencyNs.p99 < 100us', RESULT)).toEqual({ held: false, left: 180_000, right: 100_000 })
    expect(evaluate('resources.podCidr.exhausted', RESULT)).toEqual({ held: false, left: false, right: null })
  })

  test('nothing exhausted is none', () => {
    expect(evaluate('resources.exhausted == none', { resources: [{ name: 'podCidr', exhausted: false }] }).held).toBe(true)
  })
})

describe('parseExpression', () => {
  test.each<[string, string, number]>([
    ['drops.total = 0', '"=" has no meaning here', 12],
    ['drops.total ==', 'the expression ends too early', 14],
    ['', 'the expression ends too early', 0],
    ['(1 == 1', '")" is missing', 7],
    ['1 == 1)', 'something is left over', 6],
    ['a b', 'something is left over', 2],
    ['5spam > 1', '"5spam" is not a number with a unit', 0],
    ['a == "x', '""" has no meaning here', 5],
    ['* 3', '"*" cannot stand here', 0],
    ['a @ b', '"@" has no meaning here', 2],
    [`${'('.repeat(200)}1`, 'nested too deeply', 100],
    ['1'.repeat(5000), 'longer than 4000 characters', 4000],
  ])('%s: %s at %d', (text, message, at) => {
    expect(parseExpression(text)).toEqual({ message, at })
  })

  test('any text is read or refused, and what is read is judged', () => {
    const words = fc.constantFrom(
      'a',
      'drops.total',
      '1',
      '2us',
      '==',
      '<',
      '&&',
      '||',
      '!',
      '(',
      ')',
      '-',
      '+',
      '/',
      '"x"',
      '[0]',
      '.b',
      ' ',
    )
    const texts = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 30 }).map(list => list.join('')),
    )
    fc.assert(
      fc.property(texts, text => {
        const parsed = parseExpression(text)
        if ('message' in parsed) expect(parsed.at).toBeLessThanOrEqual(text.length)
        else expect(typeof evaluate(parsed, RESULT).held).toBe('boolean')
      }),
      { numRuns: 3000 },
    )
  })
})
