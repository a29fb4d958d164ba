import type { Context } from 'hono'
import type { HonoEnv } from '../../env'
import { randomBytes } from '../db/ids'
import { columnsOf } from '../db/rows'
import { batch, first, run, statement } from '../db/statements'
import { visitorKeys } from '../db/tables'
import { type Bytes, fromBase64, fromHex, toBase64, toHex, utf8 } from '../lib/bytes'
import { hmacSha256 } from '../lib/hmac'
import { dayOf } from '../lib/time'

export interface Visitor {
  /** Identifies the visitor's network for one day. It is not stored as it is: see `maskNetwork`. */
  key: string
  /** A part of the key that is enough to tell networks apart, for the quota of a day. It is kept for up to two days. */
  network: string
  /** Masks the key in an entry. */
  mask: Bytes
  country: string | null
  /** @returns the hash of the network under an earlier key, in base64; null if the key is malformed */
  hashUnder: (key: string) => Promise<string | null>
}

export async function identifyVisitor(c: Context<HonoEnv>): Promise<Visitor> {
  const { hashing, mask } = await keysOfDay(c.env, dayOf(c.get('now')))
  const country = c.req.raw.cf?.country
  const address = c.req.header('CF-Connecting-IP') ?? 'unknown'
  const key = await hashAddress(address, hashing)
  return {
    key,
    network: key.slice(0, NETWORK_LENGTH),
    mask,
    country: typeof country === 'string' ? country : null,
    hashUnder: async (earlier) => {
      const bytes = fromBase64(earlier)
      return bytes && hashAddress(address, bytes)
    },
  }
}

async function hashAddress(address: string, key: Bytes): Promise<string> {
  return toHex(await hmacSha256(key, utf8(networkOf(address)))).slice(0, HASH_LENGTH)
}

/**
 * Masks the hash of an entry's network, by which the owner can ban it. The key of the mask is deleted after two days,
 * even if a ban keeps the key of the hash: then the entry says nothing about an address. @param id of the entry
 */
export function maskNetwork({ key, mask }: Pick<Visitor, 'key' | 'mask'>, id: string): Promise<string> {
  return masked(key, mask, id)
}

/** @returns the network of an entry, and the key of its hash, in base64; null if the keys of that day were deleted */
export async function findNetwork(env: Env, entry: { id: string; author_key: string; created_at: number }) {
  const row = await first(FIND_KEY(env, { day: dayOf(entry.created_at) }))
  const keys = row && split(fromBase64(row.key))
  if (!keys) return null
  return { value: await masked(entry.author_key, keys.mask, entry.id), key: toBase64(keys.hashing) }
}

/** Masking a masked hash restores it. */
async function masked(hash: string, mask: Bytes, id: string): Promise<string> {
  const pad = await hmacSha256(mask, utf8(id))
  return toHex((fromHex(hash) ?? new Uint8Array()).map((byte, i) => byte ^ (pad[i] ?? 0)))
}

/** A household has a whole /64 of IPv6 addresses and can use a new one for each request, so only the network counts. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = ''] = address.split('::')
  return [...head.split(':'), '0', '0', '0', '0'].slice(0, 4).join(':')
}

const MAKE_KEY = statement<typeof visitorKeys.$inferSelect>(`
  insert or ignore into visitor_keys (day, key)
  values (:day, :key)`)

const FIND_KEY = columnsOf(visitorKeys, 'key').from<{ day: number }>('visitor_keys where day = :day')

const REMOVE_OLD_KEYS = statement<{ day: number }>(`
  delete from visitor_keys where day < :day`)

const KEY_BYTES = 32
/** In hexadecimal digits. */
const HASH_LENGTH = 32
const NETWORK_LENGTH = 8

interface DayKeys {
  /** Addresses are hashed under it. */
  hashing: Bytes
  /** Hashes in entries are masked with it. */
  mask: Bytes
}

/** The keys of the current day for each database, so that a request needs a round trip only in a new isolate. */
const remembered = new WeakMap<D1Database, DayKeys & { day: number }>()

function split(key: Bytes | null): DayKeys | null {
  if (key?.length !== KEY_BYTES) return null
  return { hashing: key.slice(0, KEY_BYTES / 2), mask: key.slice(KEY_BYTES / 2) }
}

/**
 * Addresses are hashed under a random key of the day, which is deleted after two days: from then on, nobody can find
 * out an address by hashing all. If several isolates make it at once, all get the one that was stored first.
 */
async function keysOfDay(env: Env, day: number): Promise<DayKeys> {
  const known = remembered.get(env.DB)
  if (known?.day === day) return known
  const fresh = toBase64(randomBytes(KEY_BYTES))
  const [, found] = await batch(env, [MAKE_KEY(env, { day, key: fresh }), FIND_KEY(env, { day })])
  const keys = split(fromBase64(found.results[0]?.key ?? ''))
  if (!keys) throw new Error(`The visitor key of day ${day} is malformed.`)
  remembered.set(env.DB, { day, ...keys })
  return keys
}

/** @param at epoch milliseconds. @returns whether the key of that day still exists */
export const hasVisitorKey = (at: number, now: number): boolean => dayOf(at) >= oldestDay(now)

/** @returns the first day whose key still exists */
export const oldestDay = (now: number): number => dayOf(now) - 1

/** Removes every key except those of today and yesterday. @returns how many keys were removed */
export async function removeOldVisitorKeys(env: Env, now: number): Promise<number> {
  return run(REMOVE_OLD_KEYS(env, { day: oldestDay(now) }))
}
