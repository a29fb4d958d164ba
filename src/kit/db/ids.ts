import type { Bytes } from '../lib/bytes'
import { ID_RANDOM_BYTES, type IdPrefix, newId } from '../lib/ids'

/** Returns random bytes from the runtime. Functions in `core` take random bytes as an argument. */
export function randomBytes(count: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(count))
}

export function freshId(prefix: IdPrefix, now: number): string {
  return newId(prefix, now, randomBytes(ID_RANDOM_BYTES))
}
