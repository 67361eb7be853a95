// Which bytes of a recorded frame may differ from ours, and how. Nothing is ignored: a free field is *renamed* in the recorded frame to the
// value ours has, the checksums over it follow, and then the frames must be equal byte for byte. The same recorded value must become
// the same value of ours wherever it stands for the same thing.
//
// Free are (facts of Linux): the outer UDP source port, a hash keyed per boot, inside its range; the outer IP ID, a counter from a random
// start; the IP ID of ICMP messages that a kernel made itself; a NAT port or echo id that had to be changed, inside its range.
import { formatIpv4, parseIpv4 } from '../../src/wire/address.js'
import { describeFrame } from '../../src/wire/describe.js'
import * as icmp from '../../src/wire/icmp.js'
import * as ipv4 from '../../src/wire/ipv4.js'
import { isIcmp, type Layer, layersOf, packetOf, portsOf, setField } from './frame-fields.js'
import { fromHex, type KernelCase, type KernelStep, toHex, viewOf } from './kernel-case.js'

const ID = 4
const OUTER_PORT_FIRST = 32768
/** ip_local_port_range ends at 60999, which udp_flow_src_port never gives. */
const OUTER_PORT_LAST = 60998

type Range = readonly [number, number]

/** A source port that a NAT of the recording had to change. */
interface Drawn {
  readonly range: Range
}

/** What is learned from our frames while they are compared with the recording, one a run of a case. */
export class FreeFields {
  /** Drawn ports by external address, protocol and recorded port. */
  private readonly drawn: ReadonlyMap<string, Drawn>
  /** Recorded value to ours, by what it stands for. */
  private readonly renamed = new Map<string, number>()

  constructor(
    recorded: KernelCase,
    private readonly gateway: { readonly publicAddress: string; readonly ports: Range },
  ) {
    this.drawn = this.findDrawn(recorded)
  }

  /** What differs, or null. `ours` is compared with a frame that the recording has at the same place in `step`. */
  difference(recorded: string, ours: Uint8Array, step: number, { send }: KernelStep): string | null {
    const wanted = fromHex(recorded)
    const problems: string[] = []
    if (wanted.length === ours.length) {
      const fields =
        send?.frame === recorded ? this.natFields(wanted) : [...this.natFields(wanted), ...this.kernelFields(wanted, step, send)]
      for (const field of fields) {
        const value = this.learn(field, viewOf(wanted).getUint16(field.at), viewOf(ours).getUint16(field.at), problems)
        setField(viewOf(wanted), field.at, value)
      }
    }
    if (problems.length === 0 && toHex(wanted) === toHex(ours)) return null
    const first = wanted.findIndex((byte, i) => byte !== ours[i])
    const where = first < 0 ? 'length' : `byte ${first}`
    return [
      ...problems,
      `differ at ${where}`,
      `wanted ${describeFrame(wanted)}`,
      `  ours ${describeFrame(ours)}`,
      `  ${toHex(wanted)}`,
      `  ${toHex(ours)}`,
    ].join('\n      ')
  }

  /** A recorded frame that is to be sent, with the ports that our NATs drew in place of those Linux drew. */
  rewrite(recorded: string): Uint8Array {
    const frame = fromHex(recorded)
    for (const field of this.natFields(frame)) {
      const view = viewOf(frame)
      setField(view, field.at, this.renamed.get(field.key) ?? view.getUint16(field.at))
    }
    return frame
  }

  private learn(field: Field, recorded: number, ours: number, problems: string[]): number {
    // Counters are compared by their distance: a burst counts up by one in both.
    const value = field.counter ? (ours - recorded) & 0xffff : ours
    const known = this.renamed.get(field.key)
    if (field.range && (ours < field.range[0] || ours > field.range[1]))
      problems.push(`${field.key}: ${ours} is outside ${field.range.join('-')}`)
    if (known === undefined) this.renamed.set(field.key, value)
    else if (known !== value) problems.push(`${field.key}: was ${known} before, now ${value}`)
    const settled = known ?? value
    return field.counter ? (recorded + settled) & 0xffff : settled
  }

  /** Fields that a kernel fills on its own: outer source port, outer ID, ID of its own ICMP messages. */
  private kernelFields(frame: Uint8Array, step: number, send: KernelStep['send']): Field[] {
    const view = viewOf(frame)
    return layersOf(view).flatMap(layer => {
      const pair = `${formatIpv4(layer.source)}>${formatIpv4(layer.target)}`
      const id = layer.ip + ID
      if (layer.tunnel) {
        const port = { at: layer.l4, key: `outer port ${view.getUint16(layer.l4)}`, range: [OUTER_PORT_FIRST, OUTER_PORT_LAST] as Range }
        return [port, { at: id, key: `outer id of ${pair} in step ${step}`, counter: true }]
      }
      if (layer.quoted || !isMadeHere(view, layer, send)) return []
      return [{ at: id, key: `id ${view.getUint16(id)} of icmp in step ${step}` }]
    })
  }

  /** Ports of either side that a NAT of the recording had drawn. */
  private natFields(frame: Uint8Array): Field[] {
    const view = viewOf(frame)
    return layersOf(view).flatMap(layer => {
      const ports = portsOf(view, layer)
      const sides = [
        { at: ports.source, address: layer.source },
        { at: ports.target, address: layer.target },
      ]
      return sides.flatMap(({ at, address }) => {
        if (at < 0) return []
        const key = keyOf(address, layer.protocol, view.getUint16(at))
        const drawn = this.drawn.get(key)
        return drawn ? [{ at, key, range: drawn.range }] : []
      })
    })
  }

  /** A port is drawn where a packet went out with another source address and another port than it came in with. */
  private findDrawn(recorded: KernelCase): ReadonlyMap<string, Drawn> {
    const drawn = new Map<string, Drawn>()
    for (const { send, seen } of recorded.steps) {
      const sent = send && viewOf(fromHex(send.frame))
      const before = sent && packetOf(sent)
      if (!before) continue
      const original = portsOf(sent, before).source
      for (const { frame } of seen) {
        const view = viewOf(fromHex(frame))
        const after = packetOf(view)
        if (!after || after.protocol !== before.protocol || after.target !== before.target || after.source === before.source) continue
        const at = portsOf(view, after).source
        if (at < 0 || original < 0 || view.getUint16(at) === sent.getUint16(original)) continue
        drawn.set(keyOf(after.source, after.protocol, view.getUint16(at)), { range: this.rangeOf(after, sent.getUint16(original)) })
      }
    }
    return drawn
  }

  private rangeOf(layer: Layer, original: number): Range {
    if (layer.protocol === ipv4.PROTOCOL_ICMP) return [0, 65535]
    if (layer.source === parseIpv4(this.gateway.publicAddress)) return this.gateway.ports
    return original >= 1024 ? [1024, 65535] : original >= 512 ? [600, 1023] : [1, 511]
  }
}

interface Field {
  readonly at: number
  readonly key: string
  readonly range?: Range
  readonly counter?: boolean
}

const keyOf = (address: number, protocol: number, port: number): string => `port ${port} of ${formatIpv4(address)} protocol ${protocol}`

/** Whether a kernel made the packet itself: an ICMP error or echo reply that is not the sent packet on its way. */
function isMadeHere(view: DataView, layer: Layer, send: KernelStep['send']): boolean {
  if (!isIcmp(view, layer, type => type === icmp.ECHO_REPLY || icmp.isError(type))) return false
  const sent = send && viewOf(fromHex(send.frame))
  const type = icmp.type(view, layer.l4)
  return !sent || !isIcmp(sent, packetOf(sent), sentType => sentType === type)
}
