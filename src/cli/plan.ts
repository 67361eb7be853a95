// `vxlane plan`: address and port arithmetic, from a scenario or from flags alone.
import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import pc from 'picocolors'
import { ADDRESSING_MODES } from '../base/addressing-mode.js'
import { type CompareRanges, compareModes, rangesFor } from '../limits/compare.js'
import { inputOfFlags, planOfFlags } from '../limits/from-flags.js'
import { inputOf } from '../limits/from-scenario.js'
import type { PlanInput } from '../limits/input.js'
import { loadForPlan, type PlanResult, plan } from '../limits/plan.js'
import { DEFAULT_SURGE, upgradeOf } from '../limits/upgrade.js'
import { toJson } from '../run/json.js'
import { type LocatedIssue, ScenarioError } from '../scenario/error.js'
import { issue } from '../scenario/issue.js'
import { type NodeShare, parseNodeShare } from '../scenario/node-share.js'
import { Exit, report } from './exit.js'
import { planText } from './plan-text.js'
import { collect } from './text.js'

const EXAMPLES = `Examples:
  vxlane plan aks.yaml
  vxlane plan --mode nodeSubnet --subnet 10.1.0.0/24 --max-pods 30 --nodes 8
  vxlane plan --mode overlay --subnet 10.1.0.0/22 --pod-cidr 10.244.0.0/16 --nodes 300 --surge 33%
  vxlane plan aks.yaml --upgrade --surge 33%      does the upgrade fit, and if not, which surge does
  vxlane plan --nodes 50 --pods 1500 --max-pods 30 --surge 1 --compare
`

const EXIT_CODES = `
Exit codes: 0 it fits, 3 it does not, 2 a mistake in the flags or the scenario.
A scenario counts its autoscaler's maxima, and a surge where it names one; --surge replaces it. Flags count what they are given.
What changes over time (growth, churn, the autoscaler's pace) is for "vxlane run" and "vxlane study".`

export function registerPlan(program: Command): void {
  program
    .command('plan')
    .summary('address and port arithmetic without a run')
    .description('Every limit of a cluster: the rule, its arithmetic and source, how far each reaches, and which one binds first.')
    .usage('[options] [scenario]')
    .argument('[scenario]', 'scenario file (YAML or JSON), - for standard input; without one, the flags say it all')
    .addOption(new Option('--mode <mode>', 'how nodes and pods get addresses (default: overlay)').choices(ADDRESSING_MODES))
    .option('--subnet <cidr>', "the nodes' subnet")
    .option('--pod-cidr <cidr>', "overlay and kubenet: range of the nodes' blocks of /24")
    .option('--pod-subnet <cidr>', "pod subnet modes: the pods' subnet")
    .option('--service-cidr <cidr>', 'range of Service addresses')
    .option('--max-pods <n>', "most pods of a node (default: the mode's, see vxlane schema)", parseNumber)
    .option('--nodes <n>', 'nodes, in as many pools as it takes (default: 3, or what --pods needs)', parseNumber)
    .option('--pods <n>', 'pods that want to run', parseNumber)
    .option('--services <n>', 'Services with an address of their own', parseNumber)
    .option('--surge <n|n%>', 'extra nodes of an upgrade: a number, or a percentage, rounded up', parseSurge)
    .option('--outbound-ips <n>', 'frontend addresses of the load balancer (default: 1)', parseNumber)
    .option('--outbound-ports <n>', "SNAT ports of each node (default: Azure's table)", parseNumber)
    .option('--nat-gateway-ips <n>', 'public addresses of a NAT gateway, instead of a load balancer', parseNumber)
    .option('--routes <n>', 'kubenet: routes of the route table, 400 by the AKS page (default: 400)', parseNumber)
    .option('--pods-per-cluster <n>', 'pods that Microsoft supports: one page says 200000, another 250000 (default: 200000)', parseNumber)
    .option('--upgrade', "does an upgrade fit: with --surge, the scenario's own surge, or 10%")
    .option('--compare', 'the five modes side by side')
    .option('--set <path=value>', 'replace a value of the scenario; may be given again', collect)
    .option('--json', 'print the result as JSON')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', EXIT_CODES)
    .action((scenario, flags) => {
      process.exitCode = planCommand(scenario, flags)
    })
}

interface Flags extends Omit<Parameters<typeof inputOfFlags>[0], 'compare'> {
  readonly upgrade?: true
  readonly compare?: true
  readonly set?: readonly string[]
  readonly json?: true
}

interface Asked {
  readonly result: PlanResult
  readonly input: PlanInput
  /** The same with the surge of an upgrade, where nobody named one. */
  readonly upgrading: PlanInput
  readonly ranges: CompareRanges | null
}

function planCommand(scenario: string | undefined, flags: Flags): number {
  try {
    const asked = scenario === undefined ? askedByFlags(flags) : askedByScenario(scenario, flags)
    const upgrade = flags.upgrade ? upgradeOf(asked.upgrading) : null
    const compare = asked.ranges ? compareModes(asked.input, asked.ranges) : null
    if (flags.json) process.stdout.write(toJson({ ...asked.result, ...(upgrade && { upgrade }), ...(compare && { compare }) }))
    else process.stdout.write(planText(asked.result, { upgrade, compare }, paint()))
    return asked.result.fits && (upgrade?.fits ?? true) ? Exit.done : Exit.assertionFailed
  } catch (error) {
    if (flags.json && error instanceof ScenarioError) process.stdout.write(toJson(refusalOf(error, flags)))
    return report(error)
  }
}

/** With `--json`, a question with a mistake in it has an answer of the same shape. */
const refusalOf = ({ issues }: ScenarioError, { mode = 'overlay' }: Flags) => ({
  schemaVersion: 1,
  kind: 'plan',
  mode,
  fits: false,
  maxNodes: 0,
  maxPods: 0,
  bindingResource: null,
  limits: [],
  errors: issues.map(({ code, message, file, path }) => ({ code, message, path: file.startsWith('--') ? file : path.join('.') })),
})

function askedByFlags(flags: Flags): Asked {
  if (flags.set !== undefined) throw atFlag('--set', 'there is no scenario to change', 'name a scenario, or use the other flags')
  const { input, ranges } = inputOfFlags(flags)
  const surge = flags.surge ?? DEFAULT_SURGE
  return { result: planOfFlags(input), input, upgrading: { ...input, pools: input.pools.map(pool => ({ ...pool, surge })) }, ranges }
}

/** Flags that say what a scenario says itself. */
const OWN = [
  'mode',
  'subnet',
  'podSubnet',
  'podCidr',
  'serviceCidr',
  'maxPods',
  'nodes',
  'pods',
  'services',
  'outboundIps',
  'outboundPorts',
  'natGatewayIps',
] as const

function askedByScenario(file: string, flags: Flags): Asked {
  const own = OWN.filter(name => flags[name] !== undefined)
  if (own.length > 0) {
    const flag = `--${own[0].replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
    throw atFlag(flag, 'the scenario says this itself', 'leave the flag out, or change the scenario with --set path=value')
  }
  const loaded = loadForPlan(file, { set: flags.set })
  const { surge, routes, podsPerCluster } = flags
  const options = { surge, routes, podsPerCluster }
  const input = inputOf(loaded, options)
  return {
    result: plan(loaded, options),
    input,
    upgrading: inputOf(loaded, { ...options, upgrade: true }),
    ranges: flags.compare ? rangesFor(input) : null,
  }
}

function atFlag(flag: string, message: string, hint: string): ScenarioError {
  const found: LocatedIssue = { ...issue([], 'UnusedFlag', message, hint), file: flag, position: null }
  return new ScenarioError([found])
}

function paint() {
  const colors = pc.createColors(pc.isColorSupported && process.stdout.isTTY === true)
  return {
    good: (text: string) => colors.bold(colors.green(text)),
    bad: (text: string) => colors.bold(colors.red(text)),
    title: colors.bold,
  }
}

function parseNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.')
  return Number(text)
}

function parseSurge(text: string): NodeShare {
  const share = parseNodeShare(text)
  if (share === null) throw new InvalidArgumentError('Give a number of nodes, or a percentage of at most 100%, as in 33%.')
  return share
}
