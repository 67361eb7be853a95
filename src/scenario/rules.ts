// What a scenario must say beyond the form of its parts: which keys belong together, what this version refuses by name, and that
// assertions can be read. Works on a document with holes, like `references.ts`.
import { parseQuantity } from '../base/quantity.js'
import { checkAddressing } from './check-addressing.js'
import { parseExpression } from './expression.js'
import { type Issue, issue, warning } from './issue.js'
import { isDnsLabel, isSubdomain } from './policy-rules.js'
import type { Sound, SoundPeer } from './references.js'
import { checkConnections } from './rules-connections.js'
import { PEER_KINDS } from './schema-traffic.js'
import { servicePort } from './service-port.js'
import type { Shape } from './shape.js'

type Path = Issue['path']
type Entry = NonNullable<NonNullable<Sound['traffic']>[number]>

/** `cut` tells which values stand in the file but were cut out because they are wrong: they are not missing. */
export function checkRules(document: Sound, shape: Shape): Issue[] {
  const wrong = new Set(shape.issues.map(({ path }) => path.join('/')))
  const isCut = (path: Path): boolean => wrong.has(path.join('/'))
  const issues = checkAddressing(document)
  issues.push(...checkPolicyNames(document))
  document.traffic?.forEach((entry, i) => {
    if (!entry) return
    const path = ['traffic', i]
    if (entry.replay !== undefined) checkReplay(entry, path, issues)
    else if (!['connections', 'protocol', 'replay'].some(key => isCut([...path, key]))) {
      if (entry.connections !== undefined) checkConnections(entry, path, issues)
      else checkDatagrams(entry, path, isCut, issues)
      checkEnds(document, entry, path, isCut, issues)
    }
  })
  document.capture?.forEach((capture, i) => {
    if (capture) checkCapture(capture, ['capture', i], isCut, issues)
  })
  document.assert?.forEach((text, i) => {
    const parsed = text === undefined ? null : parseExpression(text)
    if (parsed && 'message' in parsed)
      issues.push(
        issue(
          ['assert', i],
          'BadExpression',
          `${parsed.message} at character ${parsed.at + 1} of "${text}"`,
          'write it as in drops.total == 0',
        ),
      )
  })
  return issues
}

/** Collections of manifests have names that no API server would take; they change nothing here. */
function checkPolicyNames({ namespaces = [], networkPolicies = [] }: Sound): Issue[] {
  const refused = (path: Path, text: string, what: string): Issue => {
    const message = `Kubernetes would refuse "${text}" as the name of a ${what}`
    return warning(path, 'InvalidName', message, 'use lower-case letters, digits and "-"')
  }
  return [
    ...namespaces.flatMap((item, i) =>
      item?.name === undefined || isDnsLabel(item.name) ? [] : [refused(['namespaces', i, 'name'], item.name, 'namespace')],
    ),
    ...networkPolicies.flatMap((item, i) => {
      const text = item?.metadata?.name
      return text === undefined || isSubdomain(text) ? [] : [refused(['networkPolicies', i, 'metadata', 'name'], text, 'policy')]
    }),
  ]
}

const either = (words: readonly string[]): string => `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

const missing = (path: Path, key: string, example: string): Issue =>
  issue([...path, key], 'MissingKey', `"${key}" is missing`, `add it, as in ${key}: ${example}`)

function needPeer(peer: SoundPeer | undefined, path: Path, isCut: (path: Path) => boolean, issues: Issue[]): void {
  if (!peer || PEER_KINDS.some(kind => peer[kind] !== undefined || isCut([...path, kind]))) return
  issues.push(issue(path, 'MissingKey', 'it does not say who', `name a ${either(PEER_KINDS)}`))
}

function checkDatagrams(entry: Entry, path: Path, isCut: (path: Path) => boolean, issues: Issue[]): void {
  if (entry.protocol === 'tcp') issues.push(missing(path, 'connections', '{ rate: 20/s, hold: 200ms, request: 512B, response: 4KiB }'))
  else {
    if (entry.size === undefined && !isCut([...path, 'size'])) issues.push(missing(path, 'size', '1000B'))
    if (entry.rate === undefined && !isCut([...path, 'rate'])) issues.push(missing(path, 'rate', '100/s'))
  }
  checkSizeBounds(entry.size, [...path, 'size'], issues)
}

/** Who talks to whom, and when. */
function checkEnds(document: Sound, entry: Entry, path: Path, isCut: (path: Path) => boolean, issues: Issue[]): void {
  if (entry.to === undefined && !isCut([...path, 'to'])) issues.push(missing(path, 'to', '{ workload: shop/web, port: 8080 }'))
  needPeer(entry.from, [...path, 'from'], isCut, issues)
  needPeer(entry.to, [...path, 'to'], isCut, issues)
  if (entry.to && entry.to.port === undefined && !isCut([...path, 'to', 'port']) && servicePort(document, entry) === null)
    issues.push(missing([...path, 'to'], 'port', '8080'))
  checkSpan(entry, path, issues)
}

function checkSpan(entry: Entry, path: Path, issues: Issue[]): void {
  if (entry.stop === undefined) return
  const start = parseQuantity(String(entry.start ?? '0s'), 'time') ?? 0
  const stop = parseQuantity(String(entry.stop), 'time') ?? Number.POSITIVE_INFINITY
  if (stop < start)
    issues.push(issue([...path, 'stop'], 'OutOfRange', `stop ${entry.stop} is before start ${entry.start}`, 'write a later one'))
}

function checkSizeBounds(size: Entry['size'], path: Path, issues: Issue[]): void {
  if (typeof size !== 'object' || !('most' in size) || size.most === undefined) return
  const bytes = (given: string | number): number => (typeof given === 'number' ? given : (parseQuantity(given, 'size') ?? 0))
  const low = 'least' in size ? size.least : 'scale' in size ? size.scale : undefined
  if (low !== undefined && bytes(low) > bytes(size.most))
    issues.push(issue([...path, 'most'], 'OutOfRange', `most ${size.most} is below ${low}`, 'write the smaller one first'))
}

/** Keys that say how datagrams are made; a replay has its packets already. */
const DATAGRAM_KEYS = ['to', 'size', 'rate', 'answer', 'stop', 'connections'] as const

function checkReplay(entry: Entry, path: Path, issues: Issue[]): void {
  for (const key of DATAGRAM_KEYS) {
    if (entry[key] !== undefined)
      issues.push(issue([...path, key], 'UnusedKey', `"${key}" means nothing for a replay`, 'take it out; the frames are sent as recorded'))
  }
  const { from } = entry
  if (from && from.pod === undefined && from.endpoint === undefined && from.node === undefined)
    issues.push(issue([...path, 'from'], 'BadValue', 'a replay comes from one place', 'name a pod, an endpoint or a node'))
}

function checkCapture(
  capture: NonNullable<NonNullable<Sound['capture']>[number]>,
  path: Path,
  isCut: (path: Path) => boolean,
  issues: Issue[],
): void {
  const kinds = ['node', 'pod', 'endpoint', 'gateway'] as const
  if (!kinds.some(kind => capture[kind] !== undefined || isCut([...path, kind])))
    issues.push(issue(path, 'MissingKey', 'it does not say where', `name a ${either(kinds)}`))
  if (capture.file !== undefined && (/^([/\\]|[A-Za-z]:)/.test(capture.file) || capture.file.split(/[/\\]/).includes('..')))
    issues.push(issue([...path, 'file'], 'UnsafePath', `${capture.file} lies outside the output folder`, 'write a name relative to --out'))
}
