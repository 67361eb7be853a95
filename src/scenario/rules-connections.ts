// What `connections:` must say beyond the form of its parts: keys that belong to a stream of packets, keys of one protocol alone, bounds in
// the wrong order.
import { parseQuantity } from '../base/quantity.js'
import { type Issue, issue } from './issue.js'
import type { Sound } from './references.js'

type Path = Issue['path']
type Entry = NonNullable<NonNullable<Sound['traffic']>[number]>
type Connections = NonNullable<Entry['connections']>
type Value = Connections['hold'] | Connections['request']

/** Keys of a stream of packets; a connection makes its segments itself. */
const STREAM_KEYS = {
  size: 'write connections.request and connections.response',
  rate: 'write connections.rate',
  answer: 'write connections.response',
} as const

const TCP_KEYS = ['close', 'keepAlive'] as const

export function checkConnections(entry: Entry, path: Path, issues: Issue[]): void {
  const { connections } = entry
  if (!connections) return
  const inside = [...path, 'connections']
  for (const [key, hint] of Object.entries(STREAM_KEYS)) {
    if (entry[key as keyof typeof STREAM_KEYS] !== undefined)
      issues.push(issue([...path, key], 'UnusedKey', `"${key}" means nothing for connections`, hint))
  }
  if (connections.keepAlive !== undefined) {
    for (const key of ['hold', 'close'] as const) {
      if (connections[key] !== undefined)
        issues.push(issue([...inside, key], 'UnusedKey', `"${key}" means nothing with keepAlive`, 'take it out; the pool keeps them open'))
    }
  }
  checkProtocol(entry, connections, inside, issues)
  for (const key of ['hold', 'request', 'response'] as const) checkBounds(connections[key], [...inside, key], issues)
}

function checkProtocol({ protocol = 'tcp' }: Entry, connections: Connections, inside: Path, issues: Issue[]): void {
  if (protocol === 'tcp' && connections.timeout !== undefined)
    issues.push(issue([...inside, 'timeout'], 'UnusedKey', '"timeout" is of UDP alone', 'set synRetries and dataRetries instead'))
  if (protocol !== 'udp') return
  for (const key of TCP_KEYS) {
    if (connections[key] !== undefined)
      issues.push(issue([...inside, key], 'UnusedKey', `"${key}" is of TCP alone`, 'take it out, or set protocol: tcp'))
  }
}

const amount = (given: string | number): number =>
  typeof given === 'number' ? given : (parseQuantity(given, 'size') ?? parseQuantity(given, 'time') ?? 0)

function checkBounds(given: Value, path: Path, issues: Issue[]): void {
  if (typeof given !== 'object' || !('most' in given) || given.most === undefined) return
  const low = 'least' in given ? given.least : 'scale' in given ? given.scale : undefined
  if (low !== undefined && amount(low) > amount(given.most))
    issues.push(issue([...path, 'most'], 'OutOfRange', `most ${given.most} is below ${low}`, 'write the smaller one first'))
}
