// The line of progress of a study: quiet at first, in place on a terminal, in lines elsewhere.
import { expect, test } from 'vitest'
import { studyProgressLine } from '../../src/cli/study-progress.js'

const progress = (cellsDone: number, points: number, more: { reused?: number; failed?: number } = {}) => ({
  cells: 100,
  cellsDone,
  points,
  reused: 0,
  failed: 0,
  ...more,
})

function lineAt(inPlace: boolean) {
  let clock = 0
  const written: string[] = []
  const line = studyProgressLine({ write: text => written.push(text) }, inPlace, () => clock)
  return {
    written,
    line,
    at(ms: number, now: ReturnType<typeof progress>) {
      clock = ms
      line.show(now)
    },
  }
}

test('says nothing of short studies, then where it is and when it should end', () => {
  const { at, written } = lineAt(false)
  at(900, progress(10, 20))
  expect(written).toEqual([])
  // 40 points in 2 s were 20 of 100 combinations: 160 points are left, at 50 ms each.
  at(2000, progress(20, 40))
  expect(written).toEqual(['20 of 100 (20 %), 40 points, ETA 8 s\n'])
  at(5000, progress(40, 80))
  expect(written).toHaveLength(1)
  at(12_100, progress(60, 120, { reused: 20, failed: 1 }))
  expect(written[1]).toMatch(/^60 of 100 \(60 %\), 120 points, 20 known before, 1 failed, ETA /)
})

test('one point is one point', () => {
  const { at, written } = lineAt(false)
  at(2000, progress(1, 1))
  expect(written).toEqual(['1 of 100 (1 %), 1 point, ETA unknown\n'])
})

test('what the journal knew says nothing about the time that is left', () => {
  const { at, written } = lineAt(false)
  at(2000, progress(50, 50, { reused: 50 }))
  expect(written[0]).toContain('ETA unknown')
})

test('on a terminal the line changes in place and is erased in the end', () => {
  const { at, written, line } = lineAt(true)
  at(1500, progress(20, 40))
  expect(written[0].startsWith('\r\u001b[2K20 of 100')).toBe(true)
  line.clear()
  expect(written[1]).toBe('\r\u001b[2K')
})
