// `vxlane worker` as it is, with threads that stop at a gate.
import { Command } from '@commander-js/extra-typings'
import { registerWorker } from '../../../dist/src/cli/worker.js'

const program = new Command()
registerWorker(program, new URL('gated.mjs', import.meta.url))
await program.parseAsync()
