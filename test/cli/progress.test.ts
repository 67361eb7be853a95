import { describe, expect, it } from 'vitest'
import { isAnimated, progressLine } from '../../src/cli/progress.js'
import { sparkline, statusBlock, statusLines } from '../../src/cli/status-block.js'
import type { LiveView } from '../../src/live/view.js'

const progress = { timeNs: 2.5e9, durationNs: 10e9, sent: 4_000_000, delivered: 3_999_000, dropped: 1000, events: 1e7 }

function onStream() {
  let now = 5000
  let text = ''
  const line = progressLine({ write: more => (text += more) }, () => now)
  return { line, at: (ms: number) => (now = 5000 + ms), text: () => text }
}

describe('the progress line', () => {
  it('says nothing in the first second', () => {
    const { line, at, text } = onStream()
    at(900)
    line.show(progress)
    expect(text()).toBe('')
  })

  it('is a line every ten seconds', () => {
    const { line, at, text } = onStream()
    for (let ms = 0; ms <= 25_000; ms += 200) {
      at(ms)
      line.show(progress)
    }
    expect(text().match(/\n/g)).toHaveLength(3)
    expect(text()).not.toContain('\u001b')
    expect(text()).toContain('2.5 s of 10 s (25 %), 4 M packets/s, 1 k dropped, ETA 3 s')
  })

  it('does not know when a run that has not moved will end', () => {
    const { line, at, text } = onStream()
    at(1000)
    line.show({ ...progress, timeNs: 0 })
    expect(text()).toContain('ETA unknown')
  })
})

const view: LiveView = {
  ...{
    timeNs: 2.5e9,
    durationNs: 10e9,
    sent: 4_000_000,
    delivered: 3_999_000,
    dropped: 1000,
    packetsPerSecond: 2e6,
    leftSeconds: 6,
    paused: false,
  },
  resources: [
    { name: 'podCidr', scope: 'cluster', unit: 'node blocks', capacity: 256, used: 250 },
    { name: 'nodeSubnet', scope: 'aks-nodes', unit: 'addresses', capacity: 251, used: 100 },
  ],
}

describe('the status block', () => {
  it('says how far, how fast and what fills up', () => {
    expect(statusLines('big', view, [1e6, 2e6], 120)).toEqual([
      'big  ━━━━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ 25 %  2.5 s of 10 s, ETA 6 s',
      '2 M packets/s ▅█  1 k dropped',
      '97 % podCidr: 250 of 256 node blocks',
    ])
    expect(statusLines('big', { ...view, paused: true }, [], 120)[0]).toContain('paused')
    expect(statusLines('x'.repeat(200), view, [], 40).every(line => line.length < 40)).toBe(true)
  })

  it('has a spark for each moment, the greatest the highest', () => {
    expect(sparkline([0, 5, 10])).toBe('▁▅█')
    expect(sparkline([])).toBe('')
    expect(sparkline(Array.from({ length: 100 }, () => 1))).toHaveLength(32)
  })

  it('is redrawn in place and leaves nothing behind', () => {
    let now = 0
    let text = ''
    const block = statusBlock('big', { write: more => (text += more), columns: 100 }, () => now)
    block.show(view)
    expect(text).toBe('')
    now = 2000
    block.show(view)
    block.show(view)
    const erase = '\u001b[3A\r\u001b[J'
    expect(text.split(erase)).toHaveLength(2)
    block.clear()
    expect(text.endsWith(erase)).toBe(true)
  })
})

it('animates only where somebody looks', () => {
  expect(isAnimated({ isTTY: true }, {})).toBe(true)
  expect(isAnimated({ isTTY: true }, { CI: '1' })).toBe(false)
  expect(isAnimated({ isTTY: true }, { TERM: 'dumb' })).toBe(false)
  expect(isAnimated({}, {})).toBe(false)
})
