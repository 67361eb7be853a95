// `vxlane trace`: one probe through the data plane of a scenario, told step by step. A packet that is dropped is an answer, not an error.
import { type Command, Option } from '@commander-js/extra-typings'
import pc from 'picocolors'
import { type Lab, openLab, type TraceRequest } from '../lab/lab.js'
import { traceText } from '../lab/trace-text.js'
import { loadAdmitted } from '../run/admitted.js'
import { toJson } from '../run/json.js'
import { writeWhole } from '../run/output.js'
import { Exit, report } from './exit.js'
import { collect } from './text.js'

interface TraceFlags extends TraceRequest {
  readonly set?: readonly string[] | undefined
  readonly json?: true | undefined
  readonly pcap?: string | undefined
  readonly expect?: string | undefined
}

const EXAMPLES = `Examples:
  vxlane trace aks.yaml --from shop/web/0 --to shop/db/0:5432
  vxlane trace aks.yaml --from shop/web/0 --to 203.0.113.10:443 --at 30s
  vxlane trace aks.yaml --from node:nodepool1/0 --to shop/web/3 --protocol icmp
  vxlane trace aks.yaml --from shop/web/0 --to shop/db/0:5432 --expect delivered --json
`

const NOTES = `
FROM and TO are pods (namespace/workload/index, or namespace/name), node:NAME, endpoints, or addresses.
A TCP probe is its SYN and, if that arrives, the SYN-ACK; an ICMP probe an echo request and its reply.

Exit codes: 0 also when the packet is dropped; 2 for unknown names; 3 when --expect is not met.`

export function registerTrace(program: Command): void {
  program
    .command('trace')
    .summary("follow one packet's way, step by step")
    .description(
      'Send one probe through the data plane of a scenario and tell its way: routes, translations, encapsulation, what the VNet sees.',
    )
    .argument('<scenario>', 'scenario file (YAML or JSON), - for standard input')
    .requiredOption('--from <who>', 'who sends')
    .requiredOption('--to <whom[:port]>', 'to whom')
    .option('--protocol <p>', 'tcp, udp, sctp or icmp', 'tcp')
    .option('--port <n>', 'destination port, if TO does not say it', Number)
    .option('--source-port <n>', 'source port, or echo id (default: the first ephemeral one)', Number)
    .option('--at <time>', 'virtual time at which the probe is sent, such as 30s (default: 0)')
    .option('--set <path=value>', 'replace a value of the scenario; may be given again', collect)
    .option('--pcap <file>', 'write the frames as pcapng, each with what happened to it as its comment')
    .addOption(new Option('--expect <outcome>', 'exit with 3 unless this is the outcome').choices(['delivered', 'dropped']))
    .option('--json', 'print the trace as JSON')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(async (file, flags) => {
      process.exitCode = await traceCommand(file, flags)
    })
}

async function traceCommand(file: string, flags: TraceFlags): Promise<number> {
  try {
    const lab = await openLab(loadAdmitted(file, { set: flags.set ?? [] }))
    const { from, to, port, protocol, sourcePort, at } = flags
    return show(lab, { from, to, port, protocol, sourcePort, at }, flags)
  } catch (error) {
    return report(error)
  }
}

function show(lab: Lab, request: TraceRequest, { json, pcap, expect }: TraceFlags): number {
  const trace = lab.trace(request)
  if (pcap !== undefined) writeWhole(pcap, lab.capture(request))
  const colors = pc.createColors(pc.isColorSupported && process.stdout.isTTY === true)
  const paint = { good: colors.green, bad: (text: string) => colors.bold(colors.red(text)), title: colors.bold }
  process.stdout.write(json ? toJson({ schemaVersion: 1, kind: 'trace', ...trace }) : traceText(trace, paint))
  for (const who of new Set([request.from, request.to])) {
    const note = lab.note(who, { at: request.at })
    if (note !== null) process.stderr.write(`note: ${note}\n`)
  }
  const outcome = trace.delivered ? 'delivered' : 'dropped'
  return expect === undefined || expect === outcome ? Exit.done : Exit.assertionFailed
}
