import { type Bytes, readAll } from './bytes'
import { err, ok, type Result } from './result'

/** @returns whether bytes start as gzip does (RFC 1952, section 2.3.1) */
export const isGzip = ([first, second]: Bytes): boolean => first === 0x1f && second === 0x8b

/** Stops as soon as the result is longer than `maxBytes`, so that a small file cannot become a huge one. */
export async function gunzip(bytes: Bytes, maxBytes: number): Promise<Result<Bytes, 'too_large' | 'not_gzip'>> {
  try {
    const unpacked = await readAll(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')), maxBytes)
    return unpacked ? ok(unpacked) : err('too_large')
  } catch (cause) {
    // All runtimes throw a TypeError for data that is not gzip.
    if (!(cause instanceof TypeError)) throw cause
    return err('not_gzip')
  }
}
