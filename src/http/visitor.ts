import { eq, lt } from 'drizzle-orm'
import type { Context } from 'hono'
import { type Bytes, fromBase64, toBase64, toHex, utf8 } from '../core/lib/bytes'
import { hmacSha256 } from '../core/lib/hmac'
import { dayOf } from '../core/lib/time'
import { randomBytes } from '../db/ids'
import { visitorKeys } from '../db/schema'
import { batch, columns, compile, first, type Placeholders, query, run, statement } from '../db/statements'
import type { HonoEnv } from '../env'

export interface Visitor {
  /** Identifies the visitor's network for one day: for the rate limits, and so that the owner can ban it. */
  key: string
  country: string | null
}

/** @param now the current time, in epoch milliseconds */
export async function identifyVisitor(c: Context<HonoEnv>, now: number): Promise<Visitor> {
  const country = c.req.raw.cf?.country
  return {
    key: await hashAddress(addressOf(c), await keyOfDay(c.env, dayOf(now))),
    country: typeof country === 'string' ? country : null,
  }
}

async function hashAddress(address: string, key: Bytes): Promise<string> {
  return toHex(await hmacSha256(key, utf8(networkOf(address)))).slice(0, 32)
}

/** @param hash of a network, under `key` (base64). @returns whether a request comes from this network */
export async function isFromNetwork(c: Context<HonoEnv>, hash: string, key: string): Promise<boolean> {
  const bytes = fromBase64(key)
  return bytes !== null && (await hashAddress(addressOf(c), bytes)) === hash
}

/** @returns the key of a day, in base64; null if it was deleted, or if there was none */
export async function findVisitorKey(env: Env, day: number): Promise<string | null> {
  return (await first(FIND_KEY(env, { day })))?.key ?? null
}

function addressOf(c: Context<HonoEnv>): string {
  return c.req.header('CF-Connecting-IP') ?? 'unknown'
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

const FIND_KEY = compile((p: Placeholders<{ day: number }>) =>
  query.select(columns(visitorKeys, 'key')).from(visitorKeys).where(eq(visitorKeys.day, p.day))
)

const REMOVE_OLD_KEYS = compile((p: Placeholders<{ day: number }>) =>
  query.delete(visitorKeys).where(lt(visitorKeys.day, p.day))
)

const KEY_BYTES = 32
/** The key of the current day for each database, so that a request needs a round trip only in a new isolate. */
const remembered = new WeakMap<D1Database, { day: number; key: Bytes }>()

/**
 * The key under which addresses are hashed on one day. It is random and is deleted after two days. From then on, nobody
 * can find out an address by hashing every address, not even with SECRETS_KEY and a copy of the database. The
 * first isolate that needs the key makes it; if several try at once, all of them get the key that was stored first.
 */
async function keyOfDay(env: Env, day: number): Promise<Bytes> {
  const known = remembered.get(env.DB)
  if (known?.day === day) return known.key
  const fresh = toBase64(randomBytes(KEY_BYTES))
  const [, found] = await batch(env, [MAKE_KEY(env, { day, key: fresh }), FIND_KEY(env, { day })])
  const key = fromBase64(found.results[0]?.key ?? '')
  if (key?.length !== KEY_BYTES) throw new Error(`The visitor key of day ${day} is malformed.`)
  remembered.set(env.DB, { day, key })
  return key
}

/** Removes every key except those of today and yesterday. @returns how many keys were removed */
export async function removeOldVisitorKeys(env: Env, now: number): Promise<number> {
  return run(REMOVE_OLD_KEYS(env, { day: dayOf(now) - 1 }))
}
