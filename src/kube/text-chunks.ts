// The bytes of a text as UTF-8 without a byte order mark. Windows PowerShell writes `kubectl … > file` as UTF-16; that is taken too.

export function* textChunks(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  let convert: ((chunk: Uint8Array) => Uint8Array) | null = null
  let first = Buffer.alloc(0)
  for (const chunk of chunks) {
    if (convert !== null) {
      yield convert(chunk)
      continue
    }
    // The mark may lie across chunks, so nothing is decided before there are three bytes.
    first = Buffer.concat([first, chunk])
    if (first.length < 3) continue
    convert = converterOf(first)
    yield convert(withoutMark(first))
  }
  if (convert === null && first.length > 0) yield withoutMark(first)
}

const withoutMark = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes

function converterOf(first: Uint8Array): (chunk: Uint8Array) => Uint8Array {
  const isLittle = first[0] === 0xff && first[1] === 0xfe
  if (!isLittle && !(first[0] === 0xfe && first[1] === 0xff)) return chunk => chunk
  // The decoder takes the mark away itself.
  const decoder = new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be')
  return chunk => Buffer.from(decoder.decode(chunk, { stream: true }))
}
