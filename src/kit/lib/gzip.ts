import { type Bytes, concat } from './bytes'
import { err, ok, type Result } from './result'

/** @returns whether bytes start as gzip does (RFC 1952, section 2.3.1) */
export const isGzip = ([first, second]: Bytes): boolean => first === 0x1f && second === 0x8b

/** Stops as soon as the result is longer than `maxBytes`, so that a small file cannot become a huge one. */
export async function gunzip(bytes: Bytes, maxBytes: number): Promise<Result<Bytes, 'too_large' | 'not_gzip'>> {
  const pieces: Uint8Array[] = []
  let size = 0
  try {
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader()
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      size += piece.value.length
      if (size > maxBytes) return err('too_large')
      pieces.push(piece.value)
    }
  } catch (cause) {
    // All runtimes throw a TypeError for data that is not gzip.
    if (!(cause instanceof TypeError)) throw cause
    return err('not_gzip')
  }
  return ok(concat(pieces))
}
