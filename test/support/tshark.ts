// tshark as a second opinion on our captures. Tests that need it are skipped, with one line, where it is not installed.
import { spawnSync } from 'node:child_process'

export const hasTshark: boolean = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).status === 0
if (!hasTshark) console.log('tshark is not installed: what it says about captures is not tested')

/** Checksums are verified, and names are never looked up. */
const OPTIONS = ['-n', ...['ip', 'udp', 'tcp'].flatMap(protocol => ['-o', `${protocol}.check_checksum:TRUE`])]

/** Packets that pass a display filter, as rows of the given fields. Whatever tshark complains about on stderr is an error. */
export function fieldsOf(file: string, filter: string, fields: readonly string[]): string[][] {
  const names = fields.flatMap(field => ['-e', field])
  const done = spawnSync(
    'tshark',
    [...OPTIONS, '-r', file, '-Y', filter, '-T', 'fields', '-E', 'occurrence=a', '-E', 'separator=/t', ...names],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  )
  const complaints = done.stderr.split('\n').filter(line => line !== '' && !line.startsWith('Running as user'))
  if (done.status !== 0 || complaints.length > 0) throw new Error(`tshark on ${file}: ${complaints.join(' ')}`)
  return done.stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split('\t'))
}

/** Expert information of warning or error, malformed packets, and checksums that are wrong, each as one line. */
export function complaintsOf(file: string): string[] {
  const wrong = ['ip', 'udp', 'tcp', 'icmp'].map(protocol => `${protocol}.checksum.status == 0`).join(' || ')
  const rows = fieldsOf(file, `_ws.malformed || _ws.short || ${wrong}`, ['frame.number', 'frame.protocols', '_ws.expert.message'])
  return rows.map(row => row.join(' '))
}
