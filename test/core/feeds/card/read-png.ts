/**
 * Reads an indexed PNG with 4 bits for each pixel, and checks its structure.
 * @returns the colors of the pixels, such as `#0b7a75`
 */
export function readPng(png: Uint8Array, inflate: (data: Uint8Array) => Uint8Array) {
  const chunks = chunksOf(png)
  const types = chunks.map(({ type }) => type)
  if (types.join() !== 'IHDR,PLTE,IDAT,IEND') throw new Error(`wrong chunks: ${types}`)
  const [header, palette, image] = chunks.map(({ data }) => data) as [Uint8Array, Uint8Array, Uint8Array]
  const view = new DataView(header.buffer, header.byteOffset)
  const [width, height] = [view.getUint32(0), view.getUint32(4)]
  if (header.slice(8).join() !== '4,3,0,0,0') throw new Error(`wrong header: ${header}`)
  const rows = unfilter(inflate(image), Math.ceil(width / 2))
  if (rows.length !== height) throw new Error(`${rows.length} rows instead of ${height}`)
  const colorOf = (index: number) => `#${Buffer.from(palette.slice(3 * index, 3 * index + 3)).toString('hex')}`
  const colors = Array.from({ length: palette.length / 3 }, (_, index) => colorOf(index))
  const pixels = rows.flatMap((row) =>
    Array.from({ length: width }, (_, x) => colors[((row[x >> 1] ?? 0) >> (x % 2 === 0 ? 4 : 0)) & 15] ?? 'none')
  )
  return { width, height, pixels }
}

function chunksOf(png: Uint8Array): { type: string; data: Uint8Array }[] {
  if (Buffer.from(png.slice(0, 8)).toString('latin1') !== '\x89PNG\r\n\x1a\n') throw new Error('wrong signature')
  const view = new DataView(png.buffer, png.byteOffset, png.length)
  const chunks: { type: string; data: Uint8Array }[] = []
  for (let at = 8; at < png.length; ) {
    const length = view.getUint32(at)
    const content = png.slice(at + 4, at + 8 + length)
    if (view.getUint32(at + 8 + length) !== crc32(content)) throw new Error('wrong checksum')
    chunks.push({ type: Buffer.from(content.slice(0, 4)).toString(), data: content.slice(4) })
    at += 12 + length
  }
  return chunks
}

/** Bit by bit, without a table. */
function crc32(bytes: Uint8Array): number {
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

function unfilter(data: Uint8Array, length: number): Uint8Array[] {
  const rows: Uint8Array[] = []
  for (let at = 0; at < data.length; at += length + 1) {
    const row = data.slice(at + 1, at + 1 + length)
    const above = rows.at(-1)
    if (data[at] === 2) rows.push(row.map((byte, i) => byte + (above?.[i] ?? 0)))
    else if (data[at] === 0) rows.push(row)
    else throw new Error(`unknown filter: ${data[at]}`)
  }
  return rows
}
