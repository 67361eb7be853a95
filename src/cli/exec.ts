// `vxlane exec`: what one would see inside a pod or on a node.
import type { Command } from '@commander-js/extra-typings'
import { openLab } from '../lab/lab.js'
import { loadAdmitted } from '../run/admitted.js'
import { Exit, report } from './exit.js'
import { collect } from './text.js'

const EXAMPLES = `Examples:
  vxlane exec aks.yaml shop/web/0 -- ip addr show eth0
  vxlane exec aks.yaml shop/web/0 -- ip -j route show
  vxlane exec aks.yaml --node nodepool1/0 -- ip -d link show vxlan0
  vxlane exec aks.yaml --node nodepool1/0 --at 5s -- conntrack -L
`

const NOTES = `
Answered in pods:  ip addr, ip link, ip route, ip rule, ip neigh, cat /etc/resolv.conf
Answered on nodes: these but the last, bridge fdb show, conntrack -L, conntrack -C, nft list ruleset, iptables-save -t nat, iptables-save -t filter (policies)
conntrack shows the connections of the scenario's own run at that time; it runs up to there.`

interface ExecFlags {
  readonly node?: string | undefined
  readonly at?: string | undefined
  readonly set?: readonly string[] | undefined
}

export function registerExec(program: Command): void {
  program
    .command('exec')
    .summary('what one would see inside a pod or on a node')
    .description('Print what a command shows inside a pod, or on a node: addresses, routes, neighbours, the tunnel, connections, rules.')
    .usage('[options] <scenario> <pod> -- <command...>')
    .argument('<scenario>', 'scenario file (YAML or JSON), - for standard input')
    .argument('[words...]', 'the pod (namespace/workload/index) unless --node names a node, then the command')
    .option('--node <name>', 'on this node: pool/index, or its name')
    .option('--at <time>', 'virtual time to look at, such as 30s (default: 0)')
    .option('--set <path=value>', 'replace a value of the scenario; may be given again', collect)
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .action(async (file, words, flags, command) => {
      const [who, argv] = flags.node === undefined ? [words[0], words.slice(1)] : [`node:${flags.node}`, words]
      if (who === undefined || argv.length === 0)
        command.error('error: say who and what, as in: vxlane exec aks.yaml shop/web/0 -- ip addr', { exitCode: Exit.usage })
      else process.exitCode = await execCommand(file, who, argv, flags)
    })
}

async function execCommand(file: string, who: string, argv: readonly string[], { at, set }: ExecFlags): Promise<number> {
  try {
    const lab = await openLab(loadAdmitted(file, { set: set ?? [] }), { at })
    process.stdout.write(lab.exec(who, argv))
    const note = lab.note(who)
    if (note !== null) process.stderr.write(`note: ${note}\n`)
    return Exit.done
  } catch (error) {
    return report(error)
  }
}
