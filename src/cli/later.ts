// Commands that the interface promises and this version does not have. They exist so that typing one gets a straight answer.
import type { Command } from '@commander-js/extra-typings'
import { notSupportedYet } from './text.js'

const LATER: Readonly<Record<string, string>> = {
  bench: 'the benchmark suite',
}

export function registerLater(program: Command): void {
  for (const [name, what] of Object.entries(LATER)) {
    program
      .command(name)
      .summary(`${what} (not supported yet)`)
      .description(`Not supported yet: ${what}.`)
      .argument('[words...]')
      .allowUnknownOption()
      .action(() => {
        process.exitCode = notSupportedYet(`vxlane ${name}`)
      })
  }
}
