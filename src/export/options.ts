// What an export may be asked for, and what Kubernetes would not take.
import { StudyError } from '../study/study-error.js'

export interface ExportOptions {
  /** An Indexed Job that computes the study, or workers of a queue as a Deployment. */
  readonly kind: 'k8s-job' | 'k8s-workers'
  /** An image with `vxlane` on its path; without one, a plain image of Node that fetches the package by npx. */
  readonly image?: string | undefined
  /** Threads of a pod; 1 if absent: small pods find a place on any node. */
  readonly workers?: number | undefined
  readonly namespace?: string | undefined
  /** Pods at a time; 8 if absent. */
  readonly parallelism?: number | undefined
  /** Parts of a Job; four times as many as run at once if absent, so that parts that cost more are evened out. */
  readonly completions?: number | undefined
  /** A PersistentVolumeClaim that there is, for the results of a Job; without one, one is part of the manifest. */
  readonly volume?: string | undefined
  /** Class of the claim that is part of the manifest; the cluster's default if absent. */
  readonly storageClass?: string | undefined
  /** Where the manifest will be, for the commands in its head. */
  readonly written?: string | undefined
  /** What made it, for its head. */
  readonly madeBy?: string | undefined
}

const NAME = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/
const IMAGE = /^[a-zA-Z0-9][\w.:/@-]*$/

/** Throws a StudyError that names everything that does not go. */
export function checkOptions(options: ExportOptions): void {
  const { kind, volume, storageClass, image } = options
  const names = ['namespace', 'volume', 'storageClass'] as const
  const counts = ['workers', 'parallelism', 'completions'] as const
  const ofJobs = ['completions', 'volume', 'storageClass'] as const
  const faults = [
    ...names.flatMap(key =>
      NAME.test(options[key] ?? 'a') ? [] : [`${flagOf(key)} "${options[key]}": lower case letters, digits and hyphens, 63 at most`],
    ),
    ...counts.flatMap(key => (isCount(options[key] ?? 1) ? [] : [`${flagOf(key)} ${options[key]}: a whole number from 1 on`])),
    ...(IMAGE.test(image ?? 'a') ? [] : [`--image "${image}": the name of an image, such as registry.example/vxlane:1`]),
    ...(/^emptydir$/i.test(volume ?? '')
      ? ['--volume: an emptyDir is gone with its pod, and the results with it; name a PersistentVolumeClaim']
      : []),
    ...(volume !== undefined && storageClass !== undefined
      ? ['--storage-class is for the claim that the manifest makes; with --volume there is one']
      : []),
    ...(kind === 'k8s-job' ? [] : ofJobs.flatMap(key => (options[key] === undefined ? [] : [`${flagOf(key)} goes with --export k8s-job`]))),
  ]
  if (faults.length > 0) throw new StudyError(faults.join('\n        '))
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0

/** As it is typed. */
export const flagOf = (key: string): string => `--${key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
