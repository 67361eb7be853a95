// `vxlane study --export`: what makes a cluster compute a study, as a manifest on stdout. Nothing is sent anywhere.
import { InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { jobManifest } from '../export/job.js'
import { quoted } from '../export/names.js'
import { PACKAGE } from '../export/pod.js'
import { workersManifest } from '../export/workers.js'
import { writeWhole } from '../run/output.js'
import type { Study } from '../study/model.js'
import { StudyError } from '../study/study-error.js'
import { Exit } from './exit.js'

const KINDS = ['k8s-job', 'k8s-workers'] as const

export interface ExportFlags {
  readonly export?: (typeof KINDS)[number]
  readonly image?: string
  readonly completions?: number
  readonly parallelism?: number
  readonly volume?: string
  readonly storageClass?: string
  readonly namespace?: string
  readonly output?: string
}

/** Options that go with `--export` alone. */
export const EXPORT_OPTIONS = [
  new Option('--export <kind>', 'print a manifest for Kubernetes instead of computing: an Indexed Job, or workers of a queue')
    .choices(KINDS)
    .conflicts(['shard', 'points', 'mergeOnly', 'dryRun', 'json', 'out', 'executor', 'redis']),
  new Option('--image <image>', 'image with vxlane on its path (default: node:20-slim, which fetches the package by npx)').argParser(
    parseImage,
  ),
  new Option('--completions <n>', 'parts of the Job (default: four for each pod)').argParser(parseCount),
  new Option('--parallelism <n>', 'pods at a time (default: 8)').argParser(parseCount),
  new Option('--volume <claim>', 'PersistentVolumeClaim for the results (default: the manifest makes one)').argParser(parseVolume),
  new Option('--storage-class <name>', 'class of the claim that the manifest makes; on AKS azurefile-csi').argParser(parseName),
  new Option('--namespace <name>', 'namespace of everything').argParser(parseName),
  new Option('-o, --output <file>', 'where to write the manifest (default: stdout)'),
]

/** Threads of a pod; small pods find a place on any node. */
const WORKERS = 1

/** Writes the manifest; says what has to be there before it works. */
export function exportCommand(loaded: Study, file: string, workers: number | 'solo' | undefined, flags: ExportFlags): number {
  const { namespace, parallelism, image } = flags
  if (workers === 'solo' || workers === 0) throw new StudyError('pods have at least one thread: give --workers a number, or leave it out')
  const toFile = flags.output !== undefined && flags.output !== '-'
  const written = toFile ? quoted(flags.output ?? '') : 'THIS-FILE'
  const common = { namespace, parallelism, image, written, workers: workers ?? WORKERS }
  if (flags.export === 'k8s-workers') refuse(flags, ['completions', 'volume', 'storageClass'], 'goes with --export k8s-job')
  if (flags.volume !== undefined && flags.storageClass !== undefined)
    throw new StudyError('--storage-class is for the claim that the manifest makes; with --volume there is one')
  const text =
    flags.export === 'k8s-workers'
      ? workersManifest(file, common, commandOf())
      : jobManifest(
          file,
          loaded,
          { ...common, completions: flags.completions, volume: flags.volume, storageClass: flags.storageClass },
          commandOf(),
        )
  if (image === undefined)
    process.stderr.write(
      `the pods fetch ${PACKAGE} by npx from npm's registry; where they cannot, build an image and name it with --image\n`,
    )
  if (toFile) writeWhole(flags.output ?? '', Buffer.from(text))
  else process.stdout.write(text)
  return Exit.done
}

/** Throws a StudyError for options that go with `--export` alone. */
export function refuseWithoutExport(flags: ExportFlags): void {
  refuse(flags, ['image', 'completions', 'parallelism', 'volume', 'storageClass', 'namespace', 'output'], 'goes with --export')
}

function refuse(flags: ExportFlags, names: readonly (keyof ExportFlags)[], why: string): void {
  const given = names.find(name => flags[name] !== undefined)
  if (given !== undefined) throw new StudyError(`--${given.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)} ${why}`)
}

/** As it was typed, for the head of the manifest. */
const commandOf = (): string => ['vxlane', ...process.argv.slice(2)].map(quoted).join(' ')

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1 on.')
  return Number(text)
}

function parseImage(text: string): string {
  if (!/^[a-zA-Z0-9][\w.:/@-]*$/.test(text)) throw new InvalidArgumentError('Give the name of an image, such as registry.example/vxlane:1.')
  return text
}

function parseName(text: string): string {
  if (!/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/.test(text))
    throw new InvalidArgumentError('Kubernetes takes lower case letters, digits and hyphens here, 63 at most.')
  return text
}

function parseVolume(text: string): string {
  if (text.toLowerCase() === 'emptydir')
    throw new InvalidArgumentError('An emptyDir is gone with its pod, and the results with it: name a PersistentVolumeClaim.')
  return parseName(text)
}
