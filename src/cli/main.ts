#!/usr/bin/env node
// The command line: names and help. One file a command; each does its work by the library and sets the exit code.
import { Command, CommanderError } from '@commander-js/extra-typings'
import { VERSION } from '../run/version.js'
import { registerBench } from './bench.js'
import { registerCompare } from './compare.js'
import { registerCompletion } from './completion.js'
import { registerDoctor } from './doctor.js'
import { registerExamples } from './examples.js'
import { registerExec } from './exec.js'
import { Exit, report } from './exit.js'
import { registerImport } from './import.js'
import { registerPlan } from './plan.js'
import { registerReport } from './report.js'
import { registerRun } from './run.js'
import { registerSchema } from './schema.js'
import { registerStudy } from './study.js'
import { survivePipes } from './text.js'
import { registerTrace } from './trace.js'
import { registerValidate } from './validate.js'
import { registerWorker } from './worker.js'

const EXAMPLES = `Examples:
  vxlane examples                                    the scenarios that come with vxlane
  vxlane examples vxlan-two-nodes > two.yaml         one of them, to start from
  vxlane run two.yaml --out results/two              run it; captures and result.json go to results/two
  vxlane validate two.yaml --show                    every value and where it came from
  vxlane import --az-create 'az aks create …'        a scenario out of a command line
`

const EXIT_CODES = `
Exit codes:
  0    done
  1    a fault of ours
  2    usage, or a file with mistakes
  3    an assertion of the scenario failed, or a plan does not fit
  4    a regression was found
  5    a study with failed points
  130  interrupted; what was finished is saved

Data goes to stdout, everything else to stderr; "-" is stdin or stdout.
NO_COLOR and FORCE_COLOR are honoured; VXLANE_WORKERS stands for --workers, VXLANE_DEBUG=1 for --debug.`

function makeProgram(): Command {
  const program = new Command('vxlane')
    .description('Emulates AKS-style pod networking: every packet as bytes, on all cores, the same every time.')
    .version(VERSION)
    .option('--debug', 'show stack traces of our own faults (also VXLANE_DEBUG=1)')
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', EXIT_CODES) as Command
  registerRun(program)
  registerReport(program)
  registerCompare(program)
  registerValidate(program)
  registerTrace(program)
  registerExec(program)
  registerPlan(program)
  registerStudy(program)
  registerWorker(program)
  registerBench(program)
  registerImport(program)
  registerExamples(program)
  registerSchema(program)
  registerCompletion(program)
  registerDoctor(program)
  return program
}

async function main(): Promise<void> {
  survivePipes()
  // Wherever it stands among the words of a command.
  const words = process.argv.filter(word => word !== '--debug')
  if (words.length < process.argv.length) process.env.VXLANE_DEBUG = '1'
  try {
    await makeProgram().parseAsync(words)
  } catch (error) {
    // Commander has already said what is wrong; its own exit code for mistakes of usage is 1, ours is 2.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? Exit.done : Exit.usage
    else process.exitCode = report(error)
  }
}

await main()
