// The kernel's drop reasons, as the recordings have them, and the verdicts that correspond. Explicit, one row a reason: a reason that is
// not here fails the test, a verdict that no row allows does too.
import type { VerdictName } from '../../src/datapath/verdict.js'
import type { KernelCase, KernelStep } from './kernel-case.js'
import type { Drops } from './kernel-replay.js'
import type { PodCidrRoute, Stretch } from './kernel-scenario.js'

interface Row {
  /** `reason at function`. */
  readonly drop: string
  /** Where one reason stands for two things: what else must hold of the step. */
  readonly when?: (step: KernelStep, route: PodCidrRoute) => boolean
  /** Any of these; none: the kernel dropped it for want of a listener that the emulator's pods do not need. */
  readonly verdicts: readonly VerdictName[]
}

/** The VXLAN device counted an error: rx_errors and rx_frame_errors. */
const countsFrameError = (step: KernelStep): boolean => Object.values(step.counters ?? {}).some(c => 'dev.vxlan0.rx_frame' in c)

const ROWS: readonly Row[] = [
  { drop: 'UDP_CSUM at __udp4_lib_rcv', verdicts: ['udpChecksum'] },
  { drop: 'PKT_TOO_SMALL at __udp4_lib_rcv', verdicts: ['udpTooShort'] },
  { drop: 'VXLAN_VNI_NOT_FOUND at vxlan_rcv', verdicts: ['vxlanUnknownVni'] },
  { drop: 'VXLAN_INVALID_HDR at vxlan_rcv', when: countsFrameError, verdicts: ['vxlanReservedBits'] },
  { drop: 'VXLAN_INVALID_HDR at vxlan_rcv', verdicts: ['vxlanInvalidHeader'] },
  // An inner Ethernet header without a whole IPv4 header behind it: the device counts it.
  { drop: 'PKT_TOO_SMALL at vxlan_rcv', when: countsFrameError, verdicts: ['vxlanInnerTooShort', 'ipTooShort'] },
  { drop: 'PKT_TOO_SMALL at vxlan_rcv', verdicts: ['vxlanTooShort'] },
  // The inner Ethernet header is cut.
  { drop: 'NOMEM at vxlan_rcv', verdicts: ['vxlanInnerTooShort'] },
  { drop: 'LOCAL_MAC at vxlan_rcv', verdicts: ['vxlanOwnMac'] },
  { drop: 'PKT_TOO_SMALL at ip_rcv_core', verdicts: ['ipTooShort'] },
  { drop: 'IP_CSUM at ip_rcv_core', verdicts: ['ipChecksum'] },
  // A frame with a VLAN tag that no device has is somebody else's, to Linux.
  { drop: 'OTHERHOST at ip_rcv_core', verdicts: ['otherHost', 'unhandledProtocol'] },
  { drop: 'UNHANDLED_PROTO at __netif_receive_skb_core.constprop.0', verdicts: ['unhandledProtocol'] },
  { drop: 'NOT_SPECIFIED at ip_forward', verdicts: ['notForHost'] },
  { drop: 'IP_INHDR at ip_forward', verdicts: ['ttlExceeded'] },
  { drop: 'PKT_TOO_BIG at ip_forward', verdicts: ['fragmentationNeeded'] },
  { drop: 'NO_SOCKET at __udp4_lib_rcv', verdicts: ['portUnreachable'] },
  { drop: 'IP_INADDRERRORS at ip_error', verdicts: ['notAddressed', 'noSuchHost'] },
  { drop: 'NOT_SPECIFIED at ip_error', when: (_, route) => route === 'unreachable', verdicts: ['routeUnreachable'] },
  { drop: 'NOT_SPECIFIED at ip_error', when: (_, route) => route === 'blackhole', verdicts: ['routeBlackhole'] },
  { drop: 'NOT_SPECIFIED at ip_error', when: (_, route) => route === 'prohibit', verdicts: ['routeProhibit'] },
  // Nobody waits for an echo reply in the recorded pods.
  { drop: 'NO_SOCKET at ping_rcv', verdicts: [] },
]

/** Ends that leave no trace in a recording: an ARP probe that asks for no answer, an ICMP error nobody waits for. */
const UNRECORDED: readonly VerdictName[] = ['arpUnanswered']

/** How the drops of a run differ from the recorded ones. Only for a case that runs in one stretch: counters are of the whole run. */
export function dropDifferences(recorded: KernelCase, { podCidrRoute }: Stretch, drops: Drops): string[] {
  const wanted = new Map<Row, number>()
  const differences: string[] = []
  for (const [i, step] of recorded.steps.entries()) {
    for (const drop of step.drops ?? []) {
      const row = ROWS.find(r => r.drop === drop && (r.when?.(step, podCidrRoute) ?? true))
      if (!row) differences.push(`step ${i}: no row for kernel drop "${drop}"`)
      else wanted.set(row, (wanted.get(row) ?? 0) + 1)
    }
  }
  const left: Record<string, number> = { ...drops }
  // Rows with one verdict first, so that a row with a choice takes what they leave.
  for (const [row, count] of [...wanted].sort(([a], [b]) => a.verdicts.length - b.verdicts.length)) {
    let missing = row.verdicts.length === 0 ? 0 : count
    for (const verdict of row.verdicts) {
      const taken = Math.min(missing, left[verdict] ?? 0)
      left[verdict] = (left[verdict] ?? 0) - taken
      missing -= taken
    }
    if (missing > 0) differences.push(`${missing} of ${count} drops "${row.drop}" have no ${row.verdicts.join(' or ')}`)
  }
  for (const [verdict, count] of Object.entries(left)) {
    if (count > 0 && !UNRECORDED.includes(verdict as VerdictName)) differences.push(`${count} drops ${verdict} are not in the recording`)
  }
  return differences
}
