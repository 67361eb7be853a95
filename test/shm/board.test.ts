// The board: everybody leaves a meeting with the least proposal, meeting after meeting; a request to stop is seen, an abort ends every
// wait at once. Shards are threads here, as in a run.
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { AbortedError, createBoard, openBoard } from '../../src/shm/board.js'

const SCRIPT = `
  import { parentPort, workerData } from 'node:worker_threads'
  const { Board } = await import(workerData.url)
  const { buffer, shard, shards, meetings } = workerData
  const board = new Board(buffer)
  const wrong = []
  let waits = 0
  try {
    for (let i = 0; i < meetings; i++) {
      // Each shard proposes something else each time; all know what the least must be.
      const proposals = Array.from({ length: shards }, (_, s) => (i * 7 + s * 13) % 101)
      const least = board.meet(shard, proposals[shard], () => waits++)
      if (least !== Math.min(...proposals)) wrong.push([i, least])
      board.report(shard, i, 1, 2, 3, i)
    }
    parentPort.postMessage({ wrong, waits })
  } catch (error) {
    parentPort.postMessage({ error: error.name })
  }
`

interface Answer {
  readonly wrong?: unknown[]
  readonly error?: string
}

describe('board', () => {
  const workers: Worker[] = []
  afterEach(async () => {
    await Promise.all(workers.splice(0).map(worker => worker.terminate()))
  })

  function start(buffer: SharedArrayBuffer, shard: number, shards: number, meetings: number): Promise<Answer> {
    const url = new URL('../../dist/src/shm/board.js', import.meta.url).href
    const script = new URL(`data:text/javascript,${encodeURIComponent(SCRIPT)}`)
    const worker = new Worker(script, { workerData: { buffer, shard, shards, meetings, url } })
    workers.push(worker)
    return new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
  }

  it('is met alone without waiting', () => {
    const board = openBoard(createBoard(1))
    for (const proposal of [3, 0, Number.POSITIVE_INFINITY, -1]) {
      expect(
        board.meet(0, proposal, () => {
          throw new Error('waited')
        }),
      ).toBe(proposal)
    }
  })

  it.each([2, 3, 5])('gives the least proposal to all of %i shards, every time', async shards => {
    const buffer = createBoard(shards)
    const meetings = 500
    const answers = await Promise.all(Array.from({ length: shards }, (_, shard) => start(buffer, shard, shards, meetings)))
    expect(answers.map(({ wrong }) => wrong)).toEqual(answers.map(() => []))
    const sums = { sent: shards, delivered: 2 * shards, dropped: 3 * shards, events: (meetings - 1) * shards }
    expect(openBoard(buffer).progress()).toEqual({ timeNs: meetings - 1, ...sums })
  })

  it('ends every wait when the run is aborted', async () => {
    const buffer = createBoard(3)
    const board = openBoard(buffer)
    const waiting = [0, 1].map(shard => start(buffer, shard, 3, 1))
    await new Promise(resolve => setTimeout(resolve, 150))
    board.abort()
    const aborted = performance.now()
    expect(await Promise.all(waiting)).toEqual([{ error: 'AbortedError' }, { error: 'AbortedError' }])
    expect(performance.now() - aborted).toBeLessThan(1000)
    expect([board.aborted, board.stopRequested]).toEqual([true, true])
  })

  it('does not wait at all once it is aborted', () => {
    const board = openBoard(createBoard(2))
    board.abort()
    expect(() => board.meet(0, 1, () => {})).toThrow(AbortedError)
  })

  it('keeps a request to stop, and an abort goes before it', () => {
    const board = openBoard(createBoard(2))
    expect([board.stopRequested, board.aborted]).toEqual([false, false])
    board.requestStop()
    expect([board.stopRequested, board.aborted]).toEqual([true, false])
    board.abort()
    board.requestStop()
    expect([board.stopRequested, board.aborted]).toEqual([true, true])
  })

  it('lets waiters work while they wait, for a writer may need them to drain', async () => {
    const buffer = createBoard(2)
    const late = start(buffer, 1, 2, 1)
    let looks = 0
    openBoard(buffer).meet(0, 0, () => looks++)
    expect(looks).toBeGreaterThan(0)
    expect(await late).toMatchObject({ wrong: [] })
  })
})
