// `vxlane import`: a scenario out of what made, or describes, a real cluster.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Command } from '@commander-js/extra-typings'
import { AzCreateError, importAzCreate } from '../import/az-create.js'
import { Exit } from './exit.js'
import { notSupportedYet } from './text.js'

interface Flags {
  readonly azCreate?: string
  readonly azShow?: string
  readonly kubectl?: readonly string[]
  readonly subnets?: string
  readonly output?: string
}

export function registerImport(program: Command): void {
  program
    .command('import')
    .summary('make a scenario out of a cluster')
    .description('Make a scenario out of the command line that made a cluster.')
    .option('--az-create <command>', "the whole command line, in quotes: 'az aks create …'; - reads it from standard input")
    .option('--az-show <file>', 'what `az aks show -o json` printed (not supported yet)')
    .option('--kubectl <file...>', 'what `kubectl get … -o json` printed (not supported yet)')
    .option('--subnets <file>', 'what `az network vnet subnet list -o json` printed (not supported yet)')
    .option('-o, --output <file>', 'write the scenario there instead of to stdout')
    .addHelpText(
      'before',
      "Examples:\n  vxlane import --az-create 'az aks create -g rg -n aks --network-plugin azure --network-plugin-mode overlay' -o aks.yaml\n",
    )
    .action(flags => {
      process.exitCode = importCommand(flags)
    })
}

function importCommand(flags: Flags): number {
  if (flags.azShow !== undefined) return notSupportedYet('vxlane import --az-show')
  if (flags.kubectl !== undefined) return notSupportedYet('vxlane import --kubectl')
  if (flags.subnets !== undefined) return notSupportedYet('vxlane import --subnets')
  if (flags.azCreate === undefined) return refuse("say what to import, as in --az-create 'az aks create …'")
  try {
    const command = flags.azCreate === '-' ? readFileSync(0, 'utf8') : flags.azCreate
    const { text, notes } = importAzCreate(command)
    for (const note of notes) process.stderr.write(`${note}\n`)
    if (flags.output === undefined || flags.output === '-') process.stdout.write(text)
    else writeFileSync(flags.output, text)
    return Exit.done
  } catch (error) {
    if (error instanceof AzCreateError) return refuse(error.message)
    if (error instanceof Error && 'code' in error && flags.output !== undefined) return refuse(`${flags.output}: ${error.message}`)
    throw error
  }
}

function refuse(text: string): number {
  process.stderr.write(`vxlane import: ${text}\n`)
  return Exit.usage
}
