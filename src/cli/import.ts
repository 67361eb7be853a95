// `vxlane import`: a scenario out of what made, or describes, a real cluster.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Command } from '@commander-js/extra-typings'
import { whyUnread, whyUnwritten } from '../base/file-words.js'
import { AzCreateError, importAzCreate } from '../import/az-create.js'
import { ImportError } from '../import/az-show.js'
import { scenarioYaml } from '../import/cluster-text.js'
import { mergeAll } from '../import/import-cluster.js'
import type { Merged } from '../import/merged.js'
import { plainOf } from '../import/scenario-text.js'
import { Collector } from '../kube/collect.js'
import type { Fault } from '../kube/fault.js'
import { readObjects } from '../kube/read-objects.js'
import { loadAdmitted } from '../run/admitted.js'
import { ScenarioError } from '../scenario/error.js'
import { Exit } from './exit.js'
import { fileChunks } from './file-chunks.js'

interface Flags {
  readonly azCreate?: string
  readonly azShow?: string
  readonly kubectl?: readonly string[]
  readonly nodepools?: string
  readonly subnets?: string
  readonly output?: string
}

const EXAMPLES = `Examples:
  vxlane import --az-create 'az aks create -g rg -n aks --network-plugin azure --network-plugin-mode overlay' -o aks.yaml
  az aks show -g rg -n aks -o json > show.json
  az network vnet subnet list -g rg --vnet-name vnet -o json > subnets.json
  kubectl get nodes,namespaces,pods,deployments,replicasets,statefulsets,daemonsets,jobs,services,endpointslices,networkpolicies -A -o json > all.json
  vxlane import --az-show show.json --subnets subnets.json --kubectl all.json -o aks.yaml
  kubectl get pods,nodes -A -o yaml | vxlane import --kubectl - | vxlane run -
`

export function registerImport(program: Command): void {
  program
    .command('import')
    .summary('make a scenario out of a cluster')
    .description('Make a scenario out of what az and kubectl print about a cluster, or out of the command line that made it.')
    .option('--az-create <command>', "the whole command line, in quotes: 'az aks create …'; - reads it from standard input")
    .option('--az-show <file>', 'what `az aks show -o json` printed, or ARM; - is standard input')
    .option('--nodepools <file>', 'what `az aks nodepool list -o json` printed, for newer counts than those of --az-show')
    .option('--subnets <file>', 'what `az network vnet subnet list -o json` printed: the ranges, and how many addresses others use')
    .option('--kubectl <file...>', 'what `kubectl get … -o json` or `-o yaml` printed, or manifests; several files count together')
    .option('-o, --output <file>', 'write the scenario there instead of to stdout; as JSON if the name ends in .json (loads faster)')
    .addHelpText('before', EXAMPLES)
    .action(flags => {
      process.exitCode = importCommand(flags)
    })
}

function importCommand(flags: Flags): number {
  const { azCreate, azShow, nodepools, subnets, kubectl } = flags
  const others = [azShow, nodepools, subnets, ...(kubectl ?? [])].filter(file => file !== undefined)
  try {
    if (azCreate !== undefined && others.length > 0)
      return refuse('--az-create stands alone: a command line says less than the cluster itself')
    if (azCreate !== undefined) return fromCommandLine(azCreate, flags.output)
    if (azShow === undefined && nodepools === undefined && kubectl === undefined)
      return refuse("say what to import: --kubectl FILE, --az-show FILE, or --az-create 'az aks create …'")
    if (others.filter(file => file === '-').length > 1) return refuse('standard input can be read only once')
    return fromFiles(flags)
  } catch (error) {
    if (error instanceof ScenarioError) process.stderr.write(`${error.message}\n`)
    else if (error instanceof AzCreateError || error instanceof ImportError) return refuse(error.message)
    else if (error instanceof Error && 'code' in error) return refuse(fileReason(error as NodeJS.ErrnoException))
    else throw error
    return Exit.usage
  }
}

function fromCommandLine(given: string, output: string | undefined): number {
  const { text, notes } = importAzCreate(given === '-' ? readFileSync(0, 'utf8') : given)
  for (const note of notes) process.stderr.write(`${note}\n`)
  write(text, output)
  return Exit.done
}

function fromFiles({ azShow, nodepools, subnets, kubectl = [], output }: Flags): number {
  const faults: Fault[] = []
  const collector = new Collector(faults, false)
  for (const file of kubectl) {
    const shown = file === '-' ? '<stdin>' : file
    for (const found of readObjects(shown, fileChunks(file), faults)) collector.add(found)
  }
  const az = { az: readJson(azShow), nodepools: readJson(nodepools), subnets: readJson(subnets) }
  const merged = mergeAll(az, collector, faults)
  const sources = [azShow, nodepools, subnets, ...kubectl].filter(file => file !== undefined)
  const isJson = output?.endsWith('.json') === true
  const plain = plainOf(merged.entries) as object
  write(isJson ? `${JSON.stringify(plain, null, 1)}\n` : scenarioYaml(merged, sources), output)
  report(merged, collector, plain)
  return Exit.done
}

/** JSON of az; undefined without a file. */
function readJson(file: string | undefined): unknown {
  if (file === undefined) return undefined
  const chunks = [...fileChunks(file)].map(chunk => Buffer.from(chunk))
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\ufeff/, '')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ImportError(`${file === '-' ? '<stdin>' : file}: ${(error as Error).message.split('\n')[0]}; az … -o json prints valid JSON`)
  }
}

function write(text: string, output: string | undefined): void {
  if (output === undefined || output === '-') process.stdout.write(text)
  else keep(text, output)
}

function keep(text: string, output: string): void {
  try {
    writeFileSync(output, text)
  } catch (error) {
    throw new ImportError(`cannot write ${output}: ${whyUnwritten(error)}`)
  }
}

/** What was imported, what was skipped and assumed, and whether the scenario loads as it is. */
function report({ notes, skipped }: Merged, { facts }: Collector, plain: object): void {
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`)
  }
  const kinds = (counts: Iterable<readonly [string, number]>): string => [...counts].map(([kind, count]) => `${kind} ${count}`).join(', ')
  if (facts.counts.size > 0) say(`imported: ${kinds(facts.counts)}`)
  const others = Object.entries(skipped)
  if (others.length > 0) say(`skipped, not about the network: ${kinds(others)}`)
  for (const note of notes) say(note)
  try {
    loadAdmitted(plain)
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    for (const { code, message, hint } of error.issues) say(`warning: does not load as it is: ${code}: ${message}; ${hint}`)
  }
}

/** What went wrong with a file, without the name of the system call. */
function fileReason(error: NodeJS.ErrnoException): string {
  if (error.code === 'EISDIR') return 'a folder stands where a file belongs; name the files in it, as in --kubectl dump/*.json'
  return error.path === undefined ? whyUnread(error) : `${error.path}: ${whyUnread(error)}`
}

function refuse(text: string): number {
  process.stderr.write(`vxlane import: ${text}\n`)
  return Exit.usage
}
