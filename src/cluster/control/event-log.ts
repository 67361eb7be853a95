// What `kubectl get events` and the activity log would show: bounded, since a cluster that lacks addresses for a month repeats itself.
// Events of one kind about one object are one entry with a count, as Kubernetes' own events are; when there are too many objects, they
// share an entry with the others of their kind.

export interface ClusterEvent {
  /** When it was first seen, and last. */
  readonly atNs: number
  readonly lastNs: number
  readonly type: 'Normal' | 'Warning'
  /** As Kubernetes and Azure name it: FailedScheduling, SubnetIsFull. */
  readonly reason: string
  /** What it is about: a pool, a node, a workload. */
  readonly object: string
  readonly message: string
  readonly count: number
}

type Entry = { -readonly [Key in keyof ClusterEvent]: ClusterEvent[Key] }

/** Entries kept of one reason; later ones count with the last. */
const MOST_OF_A_REASON = 50

export class EventLog {
  private readonly entries = new Map<string, Entry>()
  private readonly ofReason = new Map<string, Entry[]>()

  /** `key` tells entries of one reason and object apart where their messages should not be one. */
  add(atNs: number, type: ClusterEvent['type'], reason: string, object: string, message: string, count = 1, key = ''): void {
    const name = `${reason} ${object} ${key}`
    const known = this.entries.get(name)
    if (known) {
      repeat(known, atNs, message, count)
      return
    }
    const siblings = this.ofReason.get(reason) ?? []
    if (siblings.length >= MOST_OF_A_REASON) {
      repeat(siblings[siblings.length - 1], atNs, message, count)
      return
    }
    const entry: Entry = { atNs, lastNs: atNs, type, reason, object, message, count }
    this.entries.set(name, entry)
    siblings.push(entry)
    this.ofReason.set(reason, siblings)
  }

  /** The same again, so many times, until this moment: its message stays as it is. */
  again(atNs: number, reason: string, object: string, count: number): void {
    const known = this.entries.get(`${reason} ${object} `) ?? this.ofReason.get(reason)?.at(-1)
    if (known) repeat(known, atNs, known.message, count)
  }

  /** In order of their first time. */
  all(): ClusterEvent[] {
    return [...this.entries.values()].sort((a, b) => a.atNs - b.atNs)
  }
}

/** The latest message speaks: its numbers are those of the moment. */
function repeat(entry: Entry, atNs: number, message: string, count: number): void {
  entry.lastNs = Math.max(entry.lastNs, atNs)
  entry.message = message
  entry.count += count
}
