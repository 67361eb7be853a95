// The page of a run that goes on, on this machine: one page, one stream of events, three buttons. Serves nothing else. A reader that
// never reads is left behind, never waited for.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostsOf, isWelcome } from './guard.js'

/** Bytes that may wait for a reader before frames are left out, and before it is given up. */
const SLOW = 256 * 1024
const HOPELESS = 4 * 1024 * 1024

export interface Buttons {
  pause(): void
  resume(): void
  stop(): void
}

export interface LiveServer {
  readonly url: string
  /** Somebody looks on. */
  readonly isWatched: boolean
  /** Sends a record to everybody who looks on; `kind` is the name of the event. */
  tell(kind: 'start' | 'view' | 'nodes' | 'end', data: unknown): void
  /** Says goodbye and stops listening. */
  close(): Promise<void>
}

const HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' }

/** Listens on a host and port (0: any that is free). Rejects with the system's error when it cannot. */
export function serveLive(page: string, host: string, port: number, buttons: Buttons): Promise<LiveServer> {
  const readers = new Set<ServerResponse>()
  // Who comes later is told first what the others were told at the beginning.
  let start: string | null = null
  let hosts: ReadonlySet<string> = new Set()

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url = '/', headers } = request
    request.resume()
    if (!isWelcome({ method, host: headers.host, origin: headers.origin }, hosts)) end(response, 403, 'forbidden')
    else if (method === 'GET' && url === '/') {
      response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/html; charset=utf-8' }).end(page)
    } else if (method === 'GET' && url === '/events') listen(response)
    else if (method === 'POST' && url in ACTS) {
      ACTS[url as keyof typeof ACTS]()
      end(response, 204, '')
    } else end(response, 404, 'not found')
  }

  const ACTS = { '/pause': () => buttons.pause(), '/resume': () => buttons.resume(), '/stop': () => buttons.stop() }

  function listen(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' })
    response.flushHeaders()
    if (start !== null) response.write(start)
    readers.add(response)
    response.on('close', () => readers.delete(response))
    response.on('error', () => readers.delete(response))
  }

  const server = createServer(answer)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const bound = server.address() as AddressInfo
      hosts = hostsOf(host.toLowerCase(), bound.port)
      resolve({
        url: `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}/`,
        get isWatched() {
          return readers.size > 0
        },
        tell(kind, data) {
          const frame = `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`
          if (kind === 'start') start = frame
          for (const reader of readers) deliver(reader, frame, kind === 'end')
        },
        close() {
          for (const reader of readers) reader.end()
          return new Promise(done => {
            server.close(() => done())
            server.closeAllConnections()
          })
        },
      })
    })
  })
}

/** What a slow reader misses is told again by the next frame; the end it is told in any case. */
function deliver(reader: ServerResponse, frame: string, isLast: boolean): void {
  if (reader.writableLength > HOPELESS) reader.destroy()
  else if (isLast || reader.writableLength < SLOW) reader.write(frame)
}

const end = (response: ServerResponse, status: number, words: string): void => {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' }).end(words)
}
