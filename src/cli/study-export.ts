// `vxlane study --export`: what makes a cluster compute a study, as a manifest on stdout. Nothing is sent anywhere.
import { InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { exportStudy } from '../export/export-study.js'
import { quoted } from '../export/names.js'
import { flagOf } from '../export/options.js'
import { PACKAGE } from '../export/pod.js'
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
  new Option('--image <image>', 'image with vxlane on its path (default: node:20-slim, which fetches the package by npx)'),
  new Option('--completions <n>', 'parts of the Job (default: four for each pod)').argParser(parseCount),
  new Option('--parallelism <n>', 'pods at a time (default: 8)').argParser(parseCount),
  new Option('--volume <claim>', 'PersistentVolumeClaim for the results (default: the manifest makes one)'),
  new Option('--storage-class <name>', 'class of the claim that the manifest makes; on AKS azurefile-csi'),
  new Option('--namespace <name>', 'namespace of everything'),
  new Option('-o, --output <file>', 'where to write the manifest (default: stdout)'),
]

/** Writes the manifest; says what has to be there before it works. */
export function exportCommand(loaded: Study, file: string, workers: number | 'solo' | undefined, flags: ExportFlags): number {
  if (workers === 'solo') throw new StudyError('--workers solo: pods have at least one thread; give a number, or leave it out')
  const { export: kind = 'k8s-job', output = '-', ...asked } = flags
  const written = output === '-' ? undefined : quoted(output)
  const text = exportStudy(file, { ...pick(asked), kind, workers, written, madeBy: commandOf() }, loaded)
  if (asked.image === undefined)
    process.stderr.write(
      `the pods fetch ${PACKAGE} by npx from npm's registry; where they cannot, build an image and name it with --image\n`,
    )
  if (output === '-') process.stdout.write(text)
  else writeWhole(output, Buffer.from(text))
  return Exit.done
}

/** The command has options of other purposes. */
const pick = ({ image, completions, parallelism, volume, storageClass, namespace }: ExportFlags) => ({
  image,
  completions,
  parallelism,
  volume,
  storageClass,
  namespace,
})

/** Throws a StudyError for options that go with `--export` alone. */
export function refuseWithoutExport(flags: ExportFlags): void {
  const given = Object.entries({ ...pick(flags), output: flags.output }).find(([, value]) => value !== undefined)
  if (given !== undefined) throw new StudyError(`${flagOf(given[0])} goes with --export`)
}

/** As it was typed, for the head of the manifest. */
const commandOf = (): string => ['vxlane', ...process.argv.slice(2)].map(quoted).join(' ')

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1 on.')
  return Number(text)
}
