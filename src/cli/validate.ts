// `vxlane validate`: form and meaning of scenarios, without a run.
import type { Command } from '@commander-js/extra-typings'
import { admit } from '../cluster/admission.js'
import { loadAdmitted } from '../run/admitted.js'
import { formatIssue, type LocatedIssue, ScenarioError } from '../scenario/error.js'
import type { LoadedScenario } from '../scenario/load.js'
import { showScenario } from '../scenario/show.js'
import { Exit } from './exit.js'
import { collect } from './text.js'

interface Verdict {
  readonly file: string
  readonly loaded: LoadedScenario | null
  readonly issues: readonly LocatedIssue[]
}

export function registerValidate(program: Command): void {
  program
    .command('validate')
    .summary('check scenarios without running them')
    .description(
      'Check the form and the meaning of scenarios; every mistake is reported at once, as FILE:LINE:COLUMN: CODE: what; what to do.',
    )
    .argument('<scenario...>', 'scenario files (YAML or JSON), - for standard input')
    .option('--show', 'print the scenario with every default and where each value came from')
    .option('--set <path=value>', 'replace a value of the scenario; may be given again', collect)
    .option('--strict', 'warnings count as mistakes')
    .option('--json', 'print the findings as JSON')
    .addHelpText('before', 'Examples:\n  vxlane validate aks.yaml\n  vxlane validate aks.yaml --show --set fabric.mtu=9000\n')
    .action((files, { show, set, strict, json }) => {
      const verdicts = files.map(file => check(file, set ?? []))
      const isFine = strict ? ({ issues }: Verdict): boolean => issues.length === 0 : isValid
      process.exitCode = verdicts.every(isFine) ? Exit.done : Exit.usage
      if (json) process.stdout.write(`${JSON.stringify({ schemaVersion: 1, kind: 'validate', files: verdicts.map(asJson) }, null, 2)}\n`)
      else for (const verdict of verdicts) print(verdict, show === true)
    })
}

const isValid = ({ issues }: Verdict): boolean => issues.every(({ severity }) => severity !== 'error')

function check(file: string, set: readonly string[]): Verdict {
  try {
    const loaded = loadAdmitted(file, { set })
    return { file, loaded, issues: [...loaded.warnings, ...admit(loaded.scenario)].map(loaded.located) }
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    return { file, loaded: null, issues: error.issues }
  }
}

function print(verdict: Verdict, show: boolean): void {
  for (const found of verdict.issues) process.stderr.write(`${formatIssue(found)}\n`)
  if (!isValid(verdict) || !verdict.loaded) return
  if (show) process.stdout.write(showScenario(verdict.loaded))
  else process.stdout.write(`${verdict.file}: valid, ${describe(verdict.loaded)}\n`)
}

function describe({ scenario, hash }: LoadedScenario): string {
  const nodes = scenario.cluster.agentPoolProfiles.reduce((sum, pool) => sum + pool.count, 0)
  const pods = scenario.workloads.reduce((sum, workload) => sum + workload.replicas, 0)
  const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`
  return `${plural(nodes, 'node')}, ${plural(pods, 'pod')}, hash ${hash.slice(0, 12)}`
}

function asJson(verdict: Verdict): object {
  const issues = verdict.issues.map(({ code, severity, message, hint, path, position }) => ({
    code,
    severity,
    message,
    hint,
    path,
    line: position?.line ?? null,
    column: position?.column ?? null,
  }))
  return { file: verdict.file, valid: isValid(verdict), hash: verdict.loaded?.hash ?? null, issues }
}
