import { type Bytes, concat, utf8 } from '../../lib/bytes'

/* Writes pictures with at most 16 colors as PNG (https://www.w3.org/TR/png-3/). */

/** The pixels of a picture: for each one the index of its color, row by row. */
export interface Picture {
  width: number
  height: number
  pixels: Uint8Array
  /** Up to 16 colors such as `#0b7a75`. */
  colors: readonly string[]
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const BIT_DEPTH = 4
const INDEXED = 3
/** The filter types of section 9.2: a row as it is, or its difference from the row above. */
const FILTER_NONE = 0
const FILTER_UP = 2

/** @param scale how many pixels of the file a pixel of the picture is wide and high */
export async function toPng(picture: Picture, scale: number): Promise<Bytes> {
  const header = new DataView(new ArrayBuffer(13))
  header.setUint32(0, picture.width * scale)
  header.setUint32(4, picture.height * scale)
  header.setUint8(8, BIT_DEPTH)
  header.setUint8(9, INDEXED)
  const palette = picture.colors.flatMap((color) => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)))
  return concat([
    SIGNATURE,
    chunk('IHDR', new Uint8Array(header.buffer)),
    chunk('PLTE', Uint8Array.from(palette)),
    chunk('IDAT', await deflate(rowsOf(picture, scale))),
    chunk('IEND', new Uint8Array()),
  ])
}

/** Repeats each row. The repetitions are the same as the row above, so they consist of zeros. */
function rowsOf({ width, height, pixels }: Picture, scale: number): Bytes {
  const line = new Uint8Array(width * scale + 1)
  const length = 1 + Math.ceil((width * scale) / 2)
  const rows = new Uint8Array(length * height * scale)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) line.fill(pixels[y * width + x] ?? 0, x * scale, (x + 1) * scale)
    const start = y * scale * length
    rows[start] = FILTER_NONE
    // Two pixels in each byte.
    for (let i = 1; i < length; i++) rows[start + i] = ((line[2 * i - 2] ?? 0) << 4) | (line[2 * i - 1] ?? 0)
    for (let i = 1; i < scale; i++) rows[start + i * length] = FILTER_UP
  }
  return rows
}

/** In the format of zlib (RFC 1950). */
async function deflate(bytes: Bytes): Promise<Bytes> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/** Section 5.3: the length of the data, the type, the data, and a checksum of the type and the data. */
function chunk(type: string, data: Uint8Array): Bytes {
  const content = concat([utf8(type), data])
  return concat([uint32(data.length), content, uint32(crc32(content))])
}

function uint32(value: number): Bytes {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, value)
  return new Uint8Array(view.buffer)
}

/** The checksum of each byte (annex D). */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0)
  return (crc ^ 0xffffffff) >>> 0
}
