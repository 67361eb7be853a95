// The files of a study as ConfigMaps, and the volume that lays them out in their folders again. A ConfigMap holds 1 MiB and knows no
// folders: files are shared out to as many as it takes, and the volume gives each its path.
import type { ConfigMap, Volume } from 'kubernetes-types/core/v1.js'
import { bytes } from '../base/units.js'
import { StudyError } from '../study/study-error.js'
import type { BundledFile } from './bundle.js'
import { digestOf } from './names.js'

/** Of all values together, as the API server counts. */
const CONFIG_MAP_BYTES = 2 ** 20
/** A pod waits until all of them are on its node; more than so many are a sign that the files belong into an image. */
const MOST_CONFIG_MAPS = 8

/** What the volume is called in pods. */
export const VOLUME = 'study'

interface Load {
  readonly files: BundledFile[]
  bytes: number
}

/** ConfigMaps of the files, and the volume of this name that lays them out. Throws a StudyError for files that are too large. */
export function configMapsOf(
  files: readonly BundledFile[],
  name: string,
): { maps: (ConfigMap & { metadata: { name: string } })[]; volume: Volume } {
  const loads = loadsOf(files).map(({ files: own }) => ({ own, keys: keysOf(own) }))
  const maps = loads.map(({ own, keys }) => {
    const data = own.flatMap(({ content }, i) => (isText(content) ? [[keys[i], content.toString('utf8')]] : []))
    const binary = own.flatMap(({ content }, i) => (isText(content) ? [] : [[keys[i], content.toString('base64')]]))
    return {
      apiVersion: 'v1' as const,
      kind: 'ConfigMap' as const,
      // What it is called changes with what is in it, so that pods of one Job all see the same files.
      metadata: { name: `${name}-${digestOf(own.map(({ path, content }) => `${path}\n${content.toString('base64')}\n`).join(''))}` },
      immutable: true,
      ...(data.length > 0 && { data: Object.fromEntries(data) }),
      ...(binary.length > 0 && { binaryData: Object.fromEntries(binary) }),
    }
  })
  const sources = loads.map(({ own, keys }, i) => ({
    configMap: { name: maps[i].metadata.name, items: own.map(({ path }, at) => ({ key: keys[at], path })) },
  }))
  return { maps, volume: { name: VOLUME, projected: { sources } } }
}

/** First fit, in the order of the files. */
function loadsOf(files: readonly BundledFile[]): Load[] {
  const loads: Load[] = []
  for (const file of files) {
    const size = file.content.length
    if (size > CONFIG_MAP_BYTES) throw new StudyError(`${file.path} is ${bytes(size)}, and a ConfigMap holds 1 MiB; ${OTHERWISE}`)
    const open = loads.find(load => load.bytes + size <= CONFIG_MAP_BYTES)
    if (open) {
      open.files.push(file)
      open.bytes += size
    } else loads.push({ files: [file], bytes: size })
  }
  if (loads.length <= MOST_CONFIG_MAPS) return loads
  const total = files.reduce((sum, { content }) => sum + content.length, 0)
  throw new StudyError(`the study and the files it names are ${bytes(total)}, more than ${MOST_CONFIG_MAPS} ConfigMaps hold; ${OTHERWISE}`)
}

const OTHERWISE =
  'put large files into the image or onto the volume of the results, and name them in the scenario by their absolute paths there'

/** Valid in a ConfigMap and still telling: "k8s/policies.yaml" becomes "k8s.policies.yaml". */
function keysOf(files: readonly BundledFile[]): string[] {
  const taken = new Set<string>()
  return files.map(({ path }) => {
    const plain = path.replace(/[^-._a-zA-Z0-9]+/g, '.').slice(-200)
    const key = taken.has(plain) || /^\.(\.|$)/.test(plain) ? `${taken.size}-${plain}` : plain
    taken.add(key)
    return key
  })
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes that come back the same from a text in YAML. */
function isText(content: Buffer): boolean {
  try {
    return !/[^\t\n\r\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u.test(decoder.decode(content))
  } catch {
    return false
  }
}
