import { describe, expect, it } from 'vitest'
import { isAnimated, progressLine } from '../../src/cli/progress.js'

const progress = { timeNs: 2.5e9, durationNs: 10e9, sent: 4_000_000, delivered: 3_999_000, dropped: 1000, events: 1e7 }

function onStream(inPlace: boolean) {
  let now = 5000
  let text = ''
  const line = progressLine({ write: more => (text += more) }, inPlace, () => now)
  return { line, at: (ms: number) => (now = 5000 + ms), text: () => text }
}

describe('the progress line', () => {
  it('says nothing in the first second', () => {
    const { line, at, text } = onStream(true)
    at(900)
    line.show(progress)
    line.clear()
    expect(text()).toBe('')
  })

  it('changes in place on a terminal and leaves it clean', () => {
    const { line, at, text } = onStream(true)
    at(2000)
    line.show(progress)
    at(2200)
    line.show({ ...progress, timeNs: 5e9 })
    line.clear()
    const erase = '\r\u001b[2K'
    expect(text().split(erase).slice(1, 2)).toEqual(['2.5 s of 10 s (25 %), 2 M packets/s, 1 k dropped, ETA 6 s'])
    expect(text().endsWith(erase)).toBe(true)
  })

  it('is a line every ten seconds elsewhere', () => {
    const { line, at, text } = onStream(false)
    for (let ms = 0; ms <= 25_000; ms += 200) {
      at(ms)
      line.show(progress)
    }
    line.clear()
    expect(text().match(/\n/g)).toHaveLength(3)
    expect(text()).not.toContain('\u001b')
  })

  it('does not know when a run that has not moved will end', () => {
    const { line, at, text } = onStream(false)
    at(1000)
    line.show({ ...progress, timeNs: 0 })
    expect(text()).toContain('ETA unknown')
  })
})

it('animates only where somebody looks', () => {
  expect(isAnimated({ isTTY: true }, {})).toBe(true)
  expect(isAnimated({ isTTY: true }, { CI: '1' })).toBe(false)
  expect(isAnimated({ isTTY: true }, { TERM: 'dumb' })).toBe(false)
  expect(isAnimated({}, {})).toBe(false)
})
