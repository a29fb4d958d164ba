import type { Bytes } from '../lib/bytes'
import { ID_RANDOM_BYTES, type IdPrefix, newId } from '../lib/ids'

/** Returns random bytes from the runtime. Functions in `core` take random bytes as an argument. */
export const randomBytes = (count: number): Bytes => crypto.getRandomValues(new Uint8Array(count))

export const freshId = (prefix: IdPrefix, now: number): string => newId(prefix, now, randomBytes(ID_RANDOM_BYTES))
