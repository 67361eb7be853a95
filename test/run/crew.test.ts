import { describe, expect, it } from 'vitest'
import { runCrew } from '../../src/run/crew.js'
import { RunError } from '../../src/run/run-error.js'
import { createMesh } from '../../src/shm/mesh.js'

const entry = new URL('./threads/dying.mjs', import.meta.url)

const setups = (way: string, shards = 3) => {
  const mesh = createMesh(shards)
  return Array.from({ length: shards }, (_, shard) => ({ image: { params: { seed: 42, way } }, shard, mesh, verify: false })) as never[]
}

async function failureOfWay(way: string) {
  const started = performance.now()
  const error = await runCrew(setups(way), {}, { entry, resourceLimits: { maxOldGenerationSizeMb: 32 } }).then(
    () => expect.fail('the run ended as if nothing had happened'),
    (error: unknown) => error as RunError,
  )
  return { error, seconds: (performance.now() - started) / 1000 }
}

describe('a crew whose shard 1 dies', () => {
  it.each([
    ['throws', 'shard 1 threw RangeError: the slot is gone at 0.000001 s of virtual time, seed 42'],
    ['exits', 'shard 1 exited with code 7 at 0.000001 s of virtual time, seed 42'],
    ['exitsQuietly', 'shard 1 exited with code 0 at 0.000001 s of virtual time, seed 42'],
    ['rejects', 'shard 1 threw Error: later at 0.000001 s of virtual time, seed 42'],
  ])('%s: ends within two seconds and says what happened', async (way, message) => {
    const { error, seconds } = await failureOfWay(way)
    expect(error).toBeInstanceOf(RunError)
    expect(error.message).toBe(message)
    expect(error.where).toEqual({ seed: 42, shard: 1, timeNs: 1000 })
    expect(seconds).toBeLessThan(2)
  })

  it('runs out of memory: says so', async () => {
    const { error } = await failureOfWay('runsOut')
    expect(error.message).toBe('shard 1 ran out of memory (heap of its thread) at 0.000001 s of virtual time, seed 42')
  })

  it('knows its virtual time better than the board, and the others never look up: ended all the same', async () => {
    const { error, seconds } = await failureOfWay('knows')
    expect(error.where).toEqual({ seed: 42, shard: 1, timeNs: 1_500_000 })
    expect(error.detail).toContain('dying.mjs')
    expect(seconds).toBeLessThan(2)
  })

  it('cannot even be loaded: says so', async () => {
    const missing = new URL('./threads/missing.mjs', import.meta.url)
    await expect(runCrew(setups('throws'), {}, { entry: missing })).rejects.toThrow(/missing\.mjs/)
  })
})

describe('a crew', () => {
  it('returns the reports in order of shards', async () => {
    expect(await runCrew(setups('reports', 4), {}, { entry })).toEqual([0, 1, 2, 3].map(shard => ({ shard, seed: 42 })))
  })

  it('stops at a signal and shows its progress until then', async () => {
    const controller = new AbortController()
    let seen = 0
    const onProgress = () => {
      seen++
      controller.abort()
    }
    const reports = await runCrew(setups('stops', 2), { signal: controller.signal, onProgress }, { entry })
    expect(reports).toHaveLength(2)
    expect(seen).toBeGreaterThan(0)
  })

  it('hands back what the progress callback throws', async () => {
    const onProgress = () => {
      throw new TypeError('mine')
    }
    await expect(runCrew(setups('stops', 2), { onProgress }, { entry })).rejects.toThrow(new TypeError('mine'))
  })
})
