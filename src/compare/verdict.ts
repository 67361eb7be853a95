// What is said of the times of one workload. A word that fails a pipeline needs three things at once: a test that survives the correction for
// how many were made, a shift that is worth a word, and one that the build does not show against itself.
import type { BenchVerdict } from './benches.js'
import type { LogTimes, Method } from './times.js'

/** Two sittings differ by more than any test within them sees: builds that did not take turns must lie this many floors apart. */
const FLOORS: Readonly<Record<Method, number>> = { paired: 1, apart: 2 }

export function verdictOf(
  { shift, interval, noise, leastP }: LogTimes,
  { pCorrected, method, floor, alpha }: { pCorrected: number; method: Method; floor: number; alpha: number },
): BenchVerdict {
  // Slower by a tenth and faster by a tenth are the same distance in logarithms only.
  const least = Math.log1p(floor) * FLOORS[method]
  const size = Math.abs(shift)
  if (pCorrected <= alpha) {
    if (size < least) return 'changed'
    if (noise === null || size <= noise) return 'inconclusive'
    return shift > 0 ? 'regressed' : 'improved'
  }
  // So few samples that nothing could have been found prove nothing.
  const isTight = -least < interval[0] && interval[1] < least
  return leastP <= alpha && isTight ? 'equal' : 'inconclusive'
}
