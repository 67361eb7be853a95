// What passed, host by host: a visit is a packet's stay on one host, from how it came in to how it left or ended.
import type { Sighting } from './probe-wire.js'

export interface Visit {
  readonly lp: number
  /** Out of a pod's veth or from the wire; null: the host made the packet itself. */
  readonly entry: Sighting | null
  /** Into a pod's veth, or onto the wire; null where it ended without. */
  readonly exit: Sighting | null
  /** Its end, if it ended here. */
  readonly end: Sighting | null
}

const keyOf = ({ origin, serial }: Sighting): string => `${origin}:${serial}`

/** Visits in the order in which packets came in. */
export function visitsOf(sightings: readonly Sighting[]): Visit[] {
  const place = new Map(sightings.map((sighting, i) => [sighting, i]))
  const beginOf = ({ entry, exit, end }: Visit): number => place.get((entry ?? exit ?? end)!)!
  return collect(sightings).sort((a, b) => beginOf(a) - beginOf(b))
}

function collect(sightings: readonly Sighting[]): Visit[] {
  const open = new Map<string, { lp: number; entry: Sighting | null; exit: Sighting | null }>()
  const visits: Visit[] = []
  const close = (key: string, end: Sighting | null): void => {
    const visit = open.get(key)
    if (visit) visits.push({ ...visit, end })
    open.delete(key)
  }
  for (const sighting of sightings) {
    const key = keyOf(sighting)
    const { kind, lp } = sighting
    if (kind === 'leave' || kind === 'enter') open.set(key, { lp, entry: sighting, exit: null })
    else if (kind === 'end') {
      if (!open.has(key)) open.set(key, { lp, entry: null, exit: null })
      close(key, sighting)
    } else {
      const visit = open.get(key) ?? { lp, entry: null, exit: null }
      visit.exit = sighting
      open.set(key, visit)
      // A frame that the wire took is on its way; one that it refused ends here in a moment.
      if (kind === 'transmit' && sighting.receiver >= 0) close(key, null)
    }
  }
  return visits
}
