// A study as an Indexed Job: every index computes a part of the points into a volume that all share, and a second Job, suspended until
// then, puts the parts together. No broker and no permissions: the Job controller hands out the indexes, and tries again what failed.
import type { Job, PodFailurePolicyRule } from 'kubernetes-types/batch/v1.js'
import type { PersistentVolumeClaim, PodSpec, Volume, VolumeMount } from 'kubernetes-types/core/v1.js'
import { counted } from '../base/units.js'
import { VERSION } from '../run/version.js'
import { cellCount } from '../study/course.js'
import type { Study } from '../study/model.js'
import { StudyError } from '../study/study-error.js'
import { type Bundle, bundleStudy } from './bundle.js'
import { configMapsOf, VOLUME } from './config-maps.js'
import { type Manifest, manifestText } from './manifest.js'
import { digestOf, literal, slugOf } from './names.js'
import type { ExportOptions } from './options.js'
import { podSpec, threadsOf } from './pod.js'

const PARALLELISM = 8
const PARTS_PER_POD = 4
/** Above it Kubernetes has stricter rules for Indexed Jobs. */
const MOST_PARTS = 100_000
const RETRIES = 3
/** Parts that may fail for good before the rest is given up: one in so many. */
const FAILING = 10
/** A week: long enough to read the logs. */
const TTL_SECONDS = 7 * 86_400
const GRACE_SECONDS = 30

/** Exit codes of ours that a further try would not change; see `vxlane --help`. */
const USAGE = 2
const FAILED_POINTS = 5

interface JobPlan {
  readonly name: string
  readonly slug: string
  readonly completions: number
  readonly parallelism: number
  readonly claim: string
}

/** The manifest of the Job of a study. Throws a StudyError for what cannot be. */
export function jobManifest(file: string, study: Study, options: ExportOptions): string {
  const bundle = bundleStudy(file, study)
  const plan = planOf(study, bundle, options)
  const labels = labelsOf(plan)
  const { maps, volume } = configMapsOf(bundle.files, `vxlane-${plan.slug}`)
  const pods = podsOf(bundle, plan, volume, options)
  const metadata = (name: string, component?: string) => ({
    name,
    ...(options.namespace !== undefined && { namespace: options.namespace }),
    labels: { ...labels, ...(component !== undefined && { 'app.kubernetes.io/component': component }) },
  })
  const manifests: Manifest[] = [
    ...maps.map(map => ({ object: { ...map, metadata: metadata(map.metadata.name) } })),
    // A claim is not of one Job: the parts of a changed study find what is the same in it.
    ...(options.volume === undefined ? [claimManifest({ ...metadata(plan.claim), labels: CLAIM_LABELS }, options.storageClass)] : []),
    { object: partsJob(plan, metadata(plan.name, 'part'), pods.part), notes: PARTS_NOTES },
    { object: mergeJob(metadata(`${plan.name}-merge`, 'merge'), pods.merge), notes: MERGE_NOTES },
  ]
  const [first, ...rest] = manifests
  return manifestText([{ ...first, comment: [...introOf(study, plan, options), ...(first.comment ?? [])] }, ...rest])
}

function planOf(study: Study, bundle: Bundle, options: ExportOptions): JobPlan {
  const cells = cellCount(study)
  const { completions = Math.min(cells, MOST_PARTS, (options.parallelism ?? PARALLELISM) * PARTS_PER_POD) } = options
  const what = study.search ? 'searches' : 'points'
  if (completions > cells)
    throw new StudyError(`${completions} parts of ${cells} ${what}: some would be empty; ask for at most ${cells} with --completions`)
  if (completions > MOST_PARTS)
    throw new StudyError(`${completions} parts are more than a Job should have; ask for at most ${MOST_PARTS} with --completions`)
  const slug = slugOf(study.name)
  const claim = options.volume ?? `vxlane-${slug}`
  const parallelism = Math.min(options.parallelism ?? PARALLELISM, completions)
  const { image } = options
  // A Job cannot be changed, so one that would be another has another name.
  const content = JSON.stringify([
    VERSION,
    image,
    threadsOf(options),
    completions,
    claim,
    bundle.study,
    bundle.files.map(({ path, content: data }) => [path, data.toString('base64')]),
  ])
  return { name: `vxlane-${slug}-${digestOf(content)}`, slug, completions, parallelism, claim }
}

const CLAIM_LABELS = { 'app.kubernetes.io/name': 'vxlane' }

const labelsOf = ({ name }: JobPlan): Record<string, string> => ({
  'app.kubernetes.io/name': 'vxlane',
  'app.kubernetes.io/instance': name,
  'app.kubernetes.io/version': VERSION,
})

function podsOf(bundle: Bundle, plan: JobPlan, study: Volume, options: ExportOptions): { part: PodSpec; merge: PodSpec } {
  const volumes: Volume[] = [study, { name: 'results', persistentVolumeClaim: { claimName: plan.claim } }]
  const mounts: VolumeMount[] = [
    { name: VOLUME, mountPath: '/study', readOnly: true },
    { name: 'results', mountPath: '/results' },
  ]
  const words = ['study', literal(`/study/${bundle.study}`), '--out', `/results/${plan.slug}`, '--workers', String(threadsOf(options))]
  const pod = (args: string[]): PodSpec => ({
    restartPolicy: 'Never',
    ...podSpec(options, { args, volumes, mounts, graceSeconds: GRACE_SECONDS }),
  })
  return {
    part: pod([...words, '--shard', `$(JOB_COMPLETION_INDEX)/${plan.completions}`]),
    merge: pod([...words, '--json', '--quiet']),
  }
}

interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly labels: Record<string, string>
}

/** Pods that the cluster itself takes away do not count as failures. */
const DISRUPTED: PodFailurePolicyRule = { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }
const endsJob = (values: number[]): PodFailurePolicyRule => ({
  action: 'FailJob',
  onExitCodes: { containerName: 'vxlane', operator: 'In', values },
})

function partsJob({ completions, parallelism }: JobPlan, metadata: Metadata, pod: PodSpec): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      completionMode: 'Indexed',
      completions,
      parallelism,
      backoffLimitPerIndex: RETRIES,
      maxFailedIndexes: Math.ceil(completions / FAILING),
      podReplacementPolicy: 'Failed',
      podFailurePolicy: { rules: [DISRUPTED, endsJob([USAGE])] },
      ttlSecondsAfterFinished: TTL_SECONDS,
      template: { metadata: { labels: metadata.labels }, spec: pod },
    },
  }
}

const PARTS_NOTES = {
  'spec/backoffLimitPerIndex': 'Each index is tried again on its own, and goes on where it was: what is finished lies in the volume.',
  'spec/podReplacementPolicy': 'Never two pods of one index at a time: they would write to one file.',
  'spec/podFailurePolicy': 'Evicted pods do not count. Exit code 2 is a mistake in the study or the volume, the same in every index.',
}

function mergeJob(metadata: Metadata, pod: PodSpec): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      suspend: true,
      backoffLimit: RETRIES,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: { rules: [DISRUPTED, endsJob([USAGE, FAILED_POINTS])] },
      ttlSecondsAfterFinished: TTL_SECONDS,
      template: { metadata: { labels: metadata.labels }, spec: pod },
    },
  }
}

const MERGE_NOTES = {
  'spec/suspend': 'Begins when it is told to, as written at the top. It computes what is in no part, and writes the results.',
  'spec/podFailurePolicy': 'Exit code 5: the results are written, and tell of points that failed.',
}

function claimManifest(metadata: Metadata, storageClassName: string | undefined): Manifest {
  const object: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    spec: {
      accessModes: ['ReadWriteMany'],
      ...(storageClassName !== undefined && { storageClassName }),
      resources: { requests: { storage: '1Gi' } },
    },
  }
  const note =
    'All pods write to it, from all nodes: files, not disks. On AKS the default class gives disks; take --storage-class azurefile-csi.'
  return { object, notes: { 'spec/accessModes': note } }
}

function introOf(
  { name, search }: Study,
  plan: JobPlan,
  { namespace, volume, written: file = 'THIS-FILE', madeBy = 'exportStudy()' }: ExportOptions,
): string[] {
  const kubectl = namespace === undefined ? 'kubectl' : `kubectl -n ${namespace}`
  const what = search ? 'searches' : 'points'
  return [
    `The study ${name} as an Indexed Job: ${what} in ${counted(plan.completions, 'part')}, ${counted(plan.parallelism, 'pod')} at a time. Needs Kubernetes 1.29 or later.`,
    `Made by vxlane ${VERSION}: ${madeBy}`,
    '',
    `  ${kubectl} apply --server-side -f ${file}`,
    `  ${kubectl} wait --for=condition=complete --timeout=24h job/${plan.name}`,
    `  ${kubectl} patch job/${plan.name}-merge --type=merge -p '{"spec":{"suspend":false}}'`,
    `  ${kubectl} wait --for=condition=complete --timeout=1h job/${plan.name}-merge`,
    `  ${kubectl} logs job/${plan.name}-merge > summary.json`,
    '',
    `The volume keeps all of it, in ${plan.slug}/: summary.json, report.html, points.csv, points.parquet, and the parts.`,
    ...(volume === undefined ? [`"${kubectl} delete -f ${file}" deletes the volume, too.`] : []),
  ]
}
