// `vxlane run --live`: the page of the run while it goes on. Starts the server before the run and feeds it from the run's progress.
import { isLoopback } from '../live/guard.js'
import { livePage } from '../live/page.js'
import { type LiveServer, serveLive } from '../live/server.js'
import { Watcher } from '../live/view.js'
import type { Running, RunProgress } from '../run/run.js'
import { LIVE_COLUMNS } from '../shm/live-sheet.js'

/** Between two pictures of all nodes, ms. */
const NODES_EVERY = 1000

export interface LiveFlags {
  /** Port; 0: any that is free. */
  readonly port: number
  readonly host: string
  /** Hosts that others can reach are meant. */
  readonly isExposed: boolean
}

/** Why the page cannot be served: a sentence for stderr. */
export class LiveError extends Error {
  override name = 'LiveError'
}

export interface Live {
  readonly url: string
  started(running: Running): void
  progress(progress: RunProgress): void
  /** Tells everybody how it ended, and stops. */
  ended(verdict: string, report: string | null): Promise<void>
}

export async function openLive(name: string, { port, host, isExposed }: LiveFlags, stop: () => void): Promise<Live> {
  if (!isLoopback(host) && !isExposed) {
    throw new LiveError(`--live-host ${host} would let other machines watch and stop this run; add --live-exposed if that is meant`)
  }
  let running: Running | null = null
  let watcher: Watcher | null = null
  let nodesAt = 0
  const server = await listen(host, port, {
    pause: () => running?.pause(),
    resume: () => running?.resume(),
    stop: () => {
      running?.resume()
      stop()
    },
  })
  return {
    url: server.url,
    started(begun) {
      running = begun
      watcher = new Watcher(begun, performance.now.bind(performance))
      server.tell('start', { name, nodes: begun.names })
    },
    progress(progress) {
      const view = watcher?.view(progress)
      if (view === undefined || running === null || !server.isWatched) return
      server.tell('view', view)
      const now = performance.now()
      if (now < nodesAt) return
      nodesAt = now + NODES_EVERY
      const begun = running
      server.tell('nodes', { columns: Object.fromEntries(LIVE_COLUMNS.map(column => [column, begun.column(column)])) })
    },
    async ended(verdict, report) {
      server.tell('end', { verdict, report })
      await server.close()
    },
  }
}

async function listen(host: string, port: number, buttons: Parameters<typeof serveLive>[3]): Promise<LiveServer> {
  try {
    return await serveLive(livePage(), host, port, buttons)
  } catch (error) {
    throw new LiveError(`cannot serve the page on ${host}:${port}: ${(error as Error).message}; name another port with --live PORT`)
  }
}
