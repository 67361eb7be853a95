// Who may speak to the page of a running run: a browser on this machine that opened the page from here. A name that leads here from
// elsewhere (DNS rebinding) shows in the Host header, another site's script in the Origin header.
import { isIP } from 'node:net'

/** Whether an address or name means this machine alone. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  if (name === 'localhost' || name === '::1') return true
  return isIP(name) === 4 && name.startsWith('127.')
}

const asHost = (name: string): string => (name.includes(':') && !name.startsWith('[') ? `[${name}]` : name)

/** The values of the Host header that mean this server. */
export const hostsOf = (host: string, port: number): ReadonlySet<string> =>
  new Set([host, 'localhost', '127.0.0.1', '::1'].map(name => `${asHost(name)}:${port}`))

export interface Asked {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
}

/** Whether a request may be answered. What changes something must say that it comes from our own page. */
export function isWelcome({ method, host, origin }: Asked, hosts: ReadonlySet<string>): boolean {
  if (host === undefined || !hosts.has(host.toLowerCase())) return false
  if (origin === undefined) return method === 'GET'
  return origin.toLowerCase().startsWith('http://') && hosts.has(origin.toLowerCase().slice('http://'.length))
}
