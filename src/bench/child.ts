// The process of one sample: told by its one argument what to do, it does it once, says so in one line of JSON, and ends. What the compiler
// learnt, what the heap holds and which threads run never passes from one sample to the next.
import { isDeepStrictEqual } from 'node:util'
import { invariant } from '../base/invariant.js'
import { VERSION } from '../run/version.js'
import type { Bench, Done, Size } from './bench.js'
import { buildHash } from './build-hash.js'
import { Calibration } from './calibration.js'
import { timed } from './clock.js'
import { type About, type Answer, PROTOCOL, requestSchema } from './protocol.js'
import { SUITE, suiteOf } from './suite.js'

const about = (size: Size): About => ({
  protocol: PROTOCOL,
  suite: suiteOf(size),
  engine: { version: VERSION, node: process.version, build: buildHash() },
  names: SUITE.map(({ name }) => name),
})

async function sample({ load, warmUps }: Bench, size: Size): Promise<Answer> {
  const work = (await load()).prepare(size)
  const before: Done[] = []
  for (let i = 0; i < warmUps; i++) before.push(await work())
  const calibration = new Calibration()
  // What preparing left behind is collected now, not while the clock runs.
  globalThis.gc?.()
  const first = await timed(() => calibration.run())
  const { ns, wallNs, value } = await timed(work)
  const second = await timed(() => calibration.run())
  for (const done of before) invariant(isDeepStrictEqual(done, value), 'the same work done twice in one process gave other counters')
  return { protocol: PROTOCOL, ...value, ns, wallNs, calibrationNs: (first.ns + second.ns) / 2 }
}

async function answer(text: string): Promise<About | Answer> {
  const request = requestSchema.parse(JSON.parse(text))
  if (request.ask === 'about') return about(request.size)
  const bench = SUITE.find(({ name }) => name === request.name)
  if (bench === undefined) throw new Error(`there is no benchmark ${request.name} in this build`)
  return sample(bench, request.size)
}

process.stdout.write(`${JSON.stringify(await answer(process.argv[2] ?? ''))}\n`)
