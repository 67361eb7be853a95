// What all pods of a manifest have in common: which program they run, what it may use, and what it may not do. They hold to the
// "restricted" standard of Kubernetes: no root, nothing to write to but their volumes, no capabilities, no token of the cluster.
import type { Container, EnvVar, PodSpec, Volume, VolumeMount } from 'kubernetes-types/core/v1.js'
import { VERSION } from '../run/version.js'
import type { ExportOptions } from './options.js'

/** Of a container: what is asked for, and packages that npx fetches beside vxlane. */
type PodOptions = Pick<ExportOptions, 'image' | 'workers'> & { readonly packages?: readonly string[] }

const NODE_IMAGE = 'node:20-slim'
export const PACKAGE = `vxlane@${VERSION}`

/** Threads of a pod. */
export const threadsOf = ({ workers = 1 }: Pick<ExportOptions, 'workers'>): number => workers

/** The user "node" of Node's own images. */
const USER = 1000

export function podSpec(
  options: PodOptions,
  parts: { args: string[]; env?: EnvVar[]; volumes: Volume[]; mounts: VolumeMount[]; graceSeconds: number },
): PodSpec {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: parts.graceSeconds,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [containerOf(options, parts)],
    volumes: [...parts.volumes, { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } }],
  }
}

function containerOf(
  options: PodOptions,
  { args, env = [], mounts }: { args: string[]; env?: EnvVar[]; mounts: VolumeMount[] },
): Container {
  const { image } = options
  const workers = threadsOf(options)
  return {
    name: 'vxlane',
    image: image ?? NODE_IMAGE,
    command: image === undefined ? npx(options) : ['vxlane'],
    args,
    env: [{ name: 'HOME', value: '/tmp' }, { name: 'NO_COLOR', value: '1' }, ...(image === undefined ? NPM : []), ...env],
    // The main thread reads points and writes results while the others compute.
    resources: {
      requests: { cpu: String(workers), memory: `${1 + workers}Gi` },
      limits: { cpu: String(workers + 1), memory: `${1 + workers}Gi` },
    },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    volumeMounts: [...mounts, { name: 'tmp', mountPath: '/tmp' }],
  }
}

const NPM: EnvVar[] = [
  { name: 'npm_config_cache', value: '/tmp/npm' },
  { name: 'npm_config_update_notifier', value: 'false' },
]

const npx = ({ packages = [] }: PodOptions): string[] => [
  'npx',
  '--yes',
  ...[PACKAGE, ...packages].flatMap(name => ['--package', name]),
  'vxlane',
]
