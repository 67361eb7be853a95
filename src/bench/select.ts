// Which benchmarks a user means: a set, a name, or several separated by commas.
import { didYouMean } from '../scenario/nearest.js'
import type { Bench } from './bench.js'
import { SUITE } from './suite.js'

/** Sets by name; one without a name of its own is `quick`. */
export const SETS: Readonly<Record<string, (bench: Bench) => boolean>> = {
  quick: ({ isQuick }) => isQuick,
  all: () => true,
  workloads: ({ kind }) => kind === 'workload',
  kernels: ({ kind }) => kind === 'kernel',
}

/** A name that stands for nothing: a mistake of usage. */
export class UnknownBench extends Error {
  override name = 'UnknownBench'
}

/** In the order of the suite, each once. Throws {@link UnknownBench}. */
export function select(words: string): Bench[] {
  const named = words
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '')
  const known = [...Object.keys(SETS), ...SUITE.map(({ name }) => name)]
  const unknown = named.filter(word => !known.includes(word))
  if (unknown.length > 0)
    throw new UnknownBench(unknown.map(word => `there is no benchmark ${word}; ${didYouMean(word, known)}`).join('\n'))
  if (named.length === 0) throw new UnknownBench('no benchmark is named; vxlane bench --list shows what there is')
  const isMeant = (bench: Bench): boolean => named.some(word => word === bench.name || (Object.hasOwn(SETS, word) && SETS[word](bench)))
  return SUITE.filter(isMeant)
}
