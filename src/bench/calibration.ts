// The calibration kernel: integer arithmetic and memory, the same instructions in every build. It runs right before and right after each
// sample and takes longer when the machine is slower at that moment: another clock rate, a neighbour in the same cache. Times divided
// by it can be compared across moments, and less surely across machines.
//
// Half of its steps stay in 512 KiB (a core's own cache), half go all over 8 MiB (what cores share), about as a run's tables do. It imports
// nothing of the program it stands beside; a change here is a change of the suite (`suite.ts`).

const NEAR_WORDS = 1 << 17
const FAR_WORDS = 1 << 21
const STEPS = 1_500_000
/** Until the compiler has done with it. */
const WARM_UPS = 20

export class Calibration {
  private readonly near = new Int32Array(NEAR_WORDS)
  private readonly far = new Int32Array(FAR_WORDS)

  constructor() {
    for (let i = 0; i < WARM_UPS; i++) this.run(STEPS / 50)
  }

  /** Returns a sum over what was read, so that nothing of it can be left out. */
  run(steps = STEPS): number {
    const { near, far } = this
    let x = 88_172_645
    let sum = 0
    for (let i = 0; i < steps; i++) {
      x ^= x << 13
      x ^= x >>> 17
      x ^= x << 5
      const close = x & (NEAR_WORDS - 1)
      sum = (Math.imul(sum, 0x9e3779b1) + near[close]) | 0
      near[close] = sum ^ x
      const away = (x >>> 11) & (FAR_WORDS - 1)
      sum = (Math.imul(sum, 0x85ebca77) + far[away]) | 0
      far[away] = sum ^ i
    }
    return sum
  }
}
