// What reading a capture file yields, and the one error it can end with. Capture files come from outside, so every length in them is
// checked before it is believed; the error says where in the file and which sentence helps.

/** One packet of a capture file. */
export interface CaptureFrame {
  /** Nanoseconds since the file's first frame; negative if the file is not in time order. */
  readonly timeNs: number
  readonly bytes: Uint8Array
  /** Name of the interface, where the file tells one (pcapng). */
  readonly interface: string | null
  /** As pcapng's epb_flags: 0 unknown, 1 inbound, 2 outbound. */
  readonly direction: 0 | 1 | 2
  readonly comment: string | null
}

export interface CaptureFile {
  /** Time of the first frame, ns since the epoch (0 without frames): too large for a double, hence apart from the frames' own times. */
  readonly firstNs: bigint
  readonly frames: readonly CaptureFrame[]
}

/** The only thing thrown for a file that is damaged, cut or of a kind not read here. */
export class CaptureFileError extends Error {
  override name = 'CaptureFileError'
  constructor(
    message: string,
    /** Byte offset in the file at which reading ended. */
    readonly offset: number,
  ) {
    super(`${message} (byte ${offset})`)
  }
}

// https://www.tcpdump.org/linktypes.html, those that tools on Linux write most often.
const LINK_TYPES: Readonly<Record<number, string>> = {
  0: 'NULL (BSD loopback)',
  12: 'RAW (IP without link header)',
  101: 'RAW (IP without link header)',
  105: 'IEEE802_11',
  113: 'LINUX_SLL (capture of "any")',
  127: 'IEEE802_11_RADIOTAP',
  228: 'IPV4',
  276: 'LINUX_SLL2 (capture of "any")',
}

const ETHERNET = 1

/** Refuses every link type but Ethernet: frames are replayed with their link header. */
export function requireEthernet(linkType: number, offset: number): void {
  if (linkType === ETHERNET) return
  const name = LINK_TYPES[linkType] ? `${linkType}, ${LINK_TYPES[linkType]}` : `${linkType}`
  throw new CaptureFileError(`the capture has link type ${name}; only Ethernet (1) is read: capture on one interface`, offset)
}

/** Refuses a frame of which the capture kept only a part: its bytes cannot be replayed. */
export function requireWhole(captured: number, original: number, frameNumber: number, offset: number): void {
  if (captured >= original) return
  throw new CaptureFileError(`frame ${frameNumber} was cut to ${captured} of ${original} bytes; capture with snap length 0`, offset)
}
