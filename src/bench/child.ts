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

async function sample({ load, warmUps, passes, calibrations }: Bench, size: Size): Promise<Answer> {
  const work = (await load()).prepare(size)
  const done: Done[] = []
  for (let i = 0; i < warmUps; i++) done.push(await work())
  const machine = new Machine(calibrations)
  // What preparing left behind is collected now, not while the clock runs.
  globalThis.gc?.()
  await machine.look()
  let [ns, wallNs] = [0, 0]
  for (let pass = 0; pass < passes; pass++) {
    const took = await timed(work)
    ns += took.ns / passes
    wallNs += took.wallNs / passes
    done.push(took.value)
    await machine.look()
  }
  for (const once of done) invariant(isDeepStrictEqual(once, done[0]), 'the same work done twice in one process gave other counters')
  return { protocol: PROTOCOL, ...done[0], ns, wallNs, calibrationNs: machine.meanNs }
}

/** How fast the machine is, each time one looks. */
class Machine {
  private readonly calibration = new Calibration()
  private ns = 0
  private looks = 0

  constructor(private readonly times: number) {}

  async look(): Promise<void> {
    for (let i = 0; i < this.times; i++) this.ns += (await timed(() => this.calibration.run())).ns
    this.looks += this.times
  }

  get meanNs(): number {
    return this.ns / this.looks
  }
}

async function answer(text: string): Promise<About | Answer> {
  const request = requestSchema.parse(JSON.parse(text))
  if (request.ask === 'about') return about(request.size)
  const bench = SUITE.find(({ name }) => name === request.name)
  if (bench === undefined) throw new Error(`there is no benchmark ${request.name} in this build`)
  return sample(bench, request.size)
}

process.stdout.write(`${JSON.stringify(await answer(process.argv[2] ?? ''))}\n`)
