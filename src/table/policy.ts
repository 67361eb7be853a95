// NetworkPolicies as the data plane asks them. Pods that no policy can tell apart share an identity; addresses outside, those that no ipBlock
// can tell apart, share a class. Identities and then classes are the *peers*, and what a rule allows is a set of peers: one bit each.
//
//   identity and moment  -> program of each direction, or -1: not isolated           programs[(epoch * identities + identity) * 2 + direction]
//   program and protocol -> intervals of ports, each with a row                      first[program * 4 + protocol], ports, rows
//   row                  -> the peers allowed                                        bits[row * width + (peer >> 5)]
//
// A verdict is a search among the intervals of one program and one bit: it costs the same whether there are one or a thousand policies.

export const INGRESS = 0
export const EGRESS = 1

/** Protocols a NetworkPolicy can name, and any other (ICMP): only rules without ports speak of that. */
export const PROTOCOLS = 4
export const OTHER = 3
export const protocolClass = (protocol: number): number => (protocol === 6 ? 0 : protocol === 17 ? 1 : protocol === 132 ? 2 : OTHER)

/** What a direction of a packet's pod allows. */
export interface PolicyIntervals {
  readonly policyFirst: Uint32Array
  /** First port of each interval; the first one of a program and protocol is 0. */
  readonly policyPort: Uint16Array
  readonly policyRow: Uint32Array
  readonly policyBits: Uint32Array
}

/** Whether a program allows this peer on this port. */
export function isAllowed(table: PolicyIntervals, width: number, program: number, protocol: number, port: number, peer: number): boolean {
  const { policyFirst, policyPort } = table
  const slot = program * PROTOCOLS + protocol
  let low = policyFirst[slot]
  let high = policyFirst[slot + 1]
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (policyPort[middle] <= port) low = middle
    else high = middle
  }
  return (table.policyBits[table.policyRow[low] * width + (peer >>> 5)] & (1 << (peer & 31))) !== 0
}
