// Capture files, read: classic pcap here (draft-ietf-opsawg-pcap), pcapng in its own file; the first four bytes tell which.
//
//   file    | magic 32 | version 16+16 | reserved 64 | snap length 32 | link type 32 |
//   record  | seconds 32 | fraction 32 | captured length 32 | original length 32 | frame |
//
// Both byte orders; the magic also says whether the fraction counts micro- or nanoseconds.
import { type CaptureFile, CaptureFileError, type CaptureFrame, requireEthernet, requireWhole } from './capture-file.js'
import { readPcapng, SECTION_HEADER } from './pcapng.js'

const MICROSECONDS = 0xa1b2c3d4
const NANOSECONDS = 0xa1b23c4d
const LINK_TYPE = 20
const FILE_HEADER_LEN = 24
const RECORD_HEADER_LEN = 16
/** The upper four bits of the link type tell of frame check sequences. */
const LINK_TYPE_MASK = 0x0fffffff

/** Reads a pcap or pcapng file of Ethernet frames. Throws {@link CaptureFileError}, and nothing else, for what it cannot read. */
export function readCapture(file: Uint8Array): CaptureFile {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  // A Buffer's slice would share the file's memory, a Uint8Array's copies.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength)
  if (view.byteLength < 4) throw new CaptureFileError('the file is too short to be a capture', 0)
  if (view.getUint32(0) === SECTION_HEADER) return readPcapng(view, bytes)
  for (const littleEndian of [false, true]) {
    const magic = view.getUint32(0, littleEndian)
    if (magic === MICROSECONDS || magic === NANOSECONDS) return readPcap(view, bytes, littleEndian, magic === NANOSECONDS ? 1 : 1000)
  }
  throw new CaptureFileError('the file is neither pcap nor pcapng: its first bytes are no magic number of either', 0)
}

function readPcap(view: DataView, bytes: Uint8Array, littleEndian: boolean, nsPerUnit: number): CaptureFile {
  if (view.byteLength < FILE_HEADER_LEN) throw new CaptureFileError('the file ends inside the pcap file header', view.byteLength)
  requireEthernet(view.getUint32(LINK_TYPE, littleEndian) & LINK_TYPE_MASK, LINK_TYPE)
  const frames: CaptureFrame[] = []
  let firstSeconds = 0
  let firstFraction = 0
  for (let at = FILE_HEADER_LEN; at < view.byteLength; ) {
    const number = frames.length + 1
    if (view.byteLength - at < RECORD_HEADER_LEN) throw new CaptureFileError(`the file ends inside the header of frame ${number}`, at)
    const seconds = view.getUint32(at, littleEndian)
    const fraction = view.getUint32(at + 4, littleEndian)
    const captured = view.getUint32(at + 8, littleEndian)
    const start = at + RECORD_HEADER_LEN
    if (captured > view.byteLength - start) throw new CaptureFileError(`the file ends inside frame ${number}`, start)
    requireWhole(captured, view.getUint32(at + 12, littleEndian), number, at)
    if (number === 1) {
      firstSeconds = seconds
      firstFraction = fraction
    }
    // Differences first: nanoseconds since 1970 would not fit a double, those since the first frame do.
    const timeNs = (seconds - firstSeconds) * 1e9 + (fraction - firstFraction) * nsPerUnit
    frames.push({ timeNs, bytes: bytes.slice(start, start + captured), interface: null, direction: 0, comment: null })
    at = start + captured
  }
  return { firstNs: BigInt(firstSeconds) * 1_000_000_000n + BigInt(firstFraction * nsPerUnit), frames }
}
