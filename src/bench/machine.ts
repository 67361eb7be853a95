// The machine as a saved benchmark names it: enough to see that two files come from different ones.
import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os'
import type { SavedBench } from './saved.js'

export const machineHere = (): SavedBench['machine'] => ({
  cpu: cpus()[0]?.model.trim() || 'unknown',
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  os: `${type()} ${release()} ${arch()}`,
})
