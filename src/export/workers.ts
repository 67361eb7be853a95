// Workers of a queue as a Deployment: they compute points of whatever studies go by that queue, as many at a time as there are pods. Where
// the queue is, with its password, they learn from a Secret, which is none of the manifest's business.
import type { Deployment } from 'kubernetes-types/apps/v1.js'
import { counted } from '../base/units.js'
import { VERSION } from '../run/version.js'
import { manifestText } from './manifest.js'
import { quoted, slugOf } from './names.js'
import type { ExportOptions } from './options.js'
import { podSpec, threadsOf } from './pod.js'

const REPLICAS = 8
/** Time for points that have begun; whatever is not finished goes back to the queue. */
const GRACE_SECONDS = 300
/** To say goodbye in. */
const FAREWELL_SECONDS = 30

/** Optional to vxlane; npx fetches them beside it. */
const QUEUE_PACKAGES = ['bullmq@6', 'ioredis@5']

const SECRET = 'vxlane-redis'
const REDIS_URL = 'VXLANE_REDIS_URL'

/** The manifest of workers. `study`: the file of a study, for the reader; the workers need no study of their own. */
export function workersManifest(study: string, options: ExportOptions): string {
  // Workers compute points of their own version only, so those of another may stand beside them.
  const name = `vxlane-workers-${slugOf(VERSION)}`
  const selector = { 'app.kubernetes.io/name': 'vxlane', 'app.kubernetes.io/instance': name }
  const labels = { ...selector, 'app.kubernetes.io/version': VERSION, 'app.kubernetes.io/component': 'worker' }
  const { namespace, written = 'THIS-FILE', madeBy = 'exportStudy()', parallelism: replicas = REPLICAS } = options
  const threads = threadsOf(options)
  const object: Deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...(namespace !== undefined && { namespace }), labels },
    spec: {
      replicas,
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '100%' } },
      template: {
        metadata: { labels },
        spec: podSpec(
          { ...options, packages: QUEUE_PACKAGES },
          {
            args: ['worker', '--concurrency', String(threads), '--grace', `${GRACE_SECONDS}s`],
            env: [{ name: REDIS_URL, valueFrom: { secretKeyRef: { name: SECRET, key: REDIS_URL } } }],
            volumes: [],
            mounts: [],
            graceSeconds: GRACE_SECONDS + FAREWELL_SECONDS,
          },
        ),
      },
    },
  }
  const kubectl = namespace === undefined ? 'kubectl' : `kubectl -n ${namespace}`
  const comment = [
    `Workers for studies that go by a queue in Redis or Valkey: ${counted(replicas, 'pod')}, ${counted(threads, 'point')} at a time each.`,
    `Made by vxlane ${VERSION}: ${madeBy}`,
    '',
    `The address of the queue, with its password, is in a Secret. redis.env holds one line: ${REDIS_URL}=rediss://USER:PASSWORD@HOST:PORT`,
    '',
    `  ${kubectl} create secret generic ${SECRET} --from-env-file=redis.env`,
    `  ${kubectl} apply --server-side -f ${written}`,
    `  set -a; . ./redis.env; vxlane study ${quoted(study)} --executor bullmq`,
    '',
    'The study itself runs where that command is typed; files that its scenario names go by the queue.',
  ]
  return manifestText([{ object, comment, notes: NOTES }])
}

const NOTES = {
  'spec/replicas': `Change it at any time. An autoscaler may do so: KEDA by the length of the list vxlane:points-${VERSION}:wait, an HPA by CPU.`,
  'spec/template/spec/terminationGracePeriodSeconds':
    'A worker that is told to end finishes the points it has begun, and gives the others back.',
}
