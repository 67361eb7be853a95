// `vxlane doctor`: whether this machine can do what a run needs. Nothing is changed and nothing reaches the network.
import { spawnSync } from 'node:child_process'
import { availableParallelism, freemem } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Command } from '@commander-js/extra-typings'
import { bytes } from '../base/units.js'
import { memoryHere } from '../run/memory.js'
import { MAX_WORKERS } from '../run/workers.js'
import { Exit } from './exit.js'
import { alignRows } from './table.js'

interface Finding {
  readonly what: string
  readonly found: string
  readonly state: 'ok' | 'missing' | 'optional'
}

const LEAST_NODE = [20, 19] as const

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('check what this machine can do')
    .description('Check what a run needs: Node.js, cores, memory, threads; and tshark, which reads captures.')
    .option('--json', 'print the findings as JSON')
    .action(async ({ json }) => {
      const findings = [node(), cores(), memory(), await threads(), tshark()]
      const rows = findings.map(({ what, found, state }) => [state, what, found])
      if (json) process.stdout.write(`${JSON.stringify({ schemaVersion: 1, kind: 'doctor', findings }, null, 2)}\n`)
      else process.stdout.write(`${alignRows(rows, ['left', 'left', 'left']).join('\n')}\n`)
      process.exitCode = findings.every(({ state }) => state !== 'missing') ? Exit.done : Exit.fault
    })
}

function node(): Finding {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const isEnough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])
  return { what: 'Node.js', found: `${process.version}, ${LEAST_NODE.join('.')} or later is needed`, state: isEnough ? 'ok' : 'missing' }
}

const cores = (): Finding => ({
  what: 'cores',
  found: `${availableParallelism()}; a run takes as many workers, ${MAX_WORKERS} at most`,
  state: 'ok',
})

const memory = (): Finding => ({ what: 'memory', found: `${bytes(memoryHere())}, of which ${bytes(freemem())} are free`, state: 'ok' })

/** A thread must start and answer; what it shares with this one comes with every Node.js that is new enough. */
async function threads(): Promise<Finding> {
  const what = 'threads'
  try {
    const program = `require('node:worker_threads').parentPort.once('message', m => m.postMessage('here'))`
    const worker = new Worker(program, { eval: true })
    const { port1, port2 } = new MessageChannel()
    const answered = await new Promise<boolean>(resolve => {
      worker.once('error', () => resolve(false))
      port1.once('message', () => resolve(true))
      worker.postMessage(port2, [port2])
      setTimeout(() => resolve(false), 5000).unref()
    })
    port1.close()
    await worker.terminate()
    return { what, found: answered ? 'start and answer' : 'a thread did not answer within 5 s', state: answered ? 'ok' : 'missing' }
  } catch (error) {
    return { what, found: (error as Error).message, state: 'missing' }
  }
}

function tshark(): Finding {
  const { stdout, status } = spawnSync('tshark', ['--version'], { encoding: 'utf8' })
  const version = status === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined
  return { what: 'tshark', found: version ?? 'not found; only needed to read captures in a terminal', state: version ? 'ok' : 'optional' }
}
