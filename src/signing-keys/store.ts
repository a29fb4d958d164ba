import { type Bytes, fromBase64, toBase64 } from '../core/lib/bytes'
import { formatPublicKey, importPrivateKey, keyIdOf, publicKeyOf } from '../core/signing/ed25519'
import { randomBytes } from '../db/ids'
import { seal, unseal } from '../db/sealing'
import { log, logFault } from '../log'

/*
 * The key pairs of the deployment. There is always a newest one, made when it is first needed; while it rotates, what is sent is signed with the one before as well.
 */

const SEED_BYTES = 32
const CACHE_MS = 60_000

export interface KeyPairRow {
  kid: string
  /** Base64. */
  public_key: string
  created_at: number
  /** Until when it still signs; null for the newest. */
  retire_at: number | null
}

interface SealedRow extends KeyPairRow {
  seed: string
}

/** There are a few rows at most, so they are sorted here. */
const SELECT = `select kid, public_key, created_at, retire_at, seed from signing_keys
  where retire_at is null or retire_at > ?1`

const cached = new WeakMap<D1Database, { keys: Promise<CryptoKey[]>; until: number }>()

/**
 * The keys to sign with, the newest first. Kept in the isolate for a minute, so that deliveries need not ask for them each time.
 * Accepted race: for that minute after a rotation, another isolate signs with the old one alone, which still counts unless it was retired at once.
 */
export async function privateKeys(env: Env, now: number): Promise<CryptoKey[]> {
  const known = cached.get(env.DB)
  if (known && known.until > now) return known.keys
  const keys = openKeys(env, now).catch((cause) => withoutKeys(env, cause))
  cached.set(env.DB, { keys, until: now + CACHE_MS })
  return keys
}

/** A delivery does not fail because the keys cannot be read just now: it is signed with the secret of its endpoint all the same. */
function withoutKeys(env: Env, cause: unknown): CryptoKey[] {
  cached.delete(env.DB)
  logFault('signing_key.unreadable', cause)
  return []
}

/** One that does not open is passed over: what is sent is still signed with the endpoint's own secret, and rotating makes a new one. */
async function openKeys(env: Env, now: number): Promise<CryptoKey[]> {
  const rows = await readKeyPairs(env, now)
  const keys = await Promise.all(rows.map((row) => openKey(env, row)))
  return keys.filter((key) => key !== null)
}

async function openKey(env: Env, { kid, seed }: SealedRow): Promise<CryptoKey | null> {
  try {
    const bytes = fromBase64(await unseal(env, seed, kid))
    if (!bytes) throw new Error(`The seed of ${kid} is malformed.`)
    return await importPrivateKey(bytes)
  } catch (cause) {
    logFault('signing_key.unreadable', cause, { kid })
    return null
  }
}

/** Public halves of those that sign now, the newest first. */
export async function listKeyPairs(env: Env, now: number): Promise<KeyPairRow[]> {
  const rows = await readKeyPairs(env, now)
  return rows.map(({ seed, ...row }) => row)
}

async function readKeyPairs(env: Env, now: number): Promise<SealedRow[]> {
  const { results } = await env.DB.prepare(SELECT).bind(now).all<SealedRow>()
  return results.length > 0 ? newestFirst(results) : makeFirst(env, now)
}

function newestFirst(rows: SealedRow[]): SealedRow[] {
  return rows.toSorted((a, b) => (b.retire_at ?? Infinity) - (a.retire_at ?? Infinity))
}

/** Makes the first pair, unless there is one. Stands in the batch that registers an endpoint, so that deliveries find it. */
export async function ensureKeyPair(env: Env, now: number): Promise<D1PreparedStatement> {
  return insertKeyPair(env, now, 'not exists (select 1 from signing_keys)')
}

/** Two that come first at the same moment get the same one: only one of the rows is written. */
async function makeFirst(env: Env, now: number): Promise<SealedRow[]> {
  const [, read] = await env.DB.batch<SealedRow>([
    await ensureKeyPair(env, now),
    env.DB.prepare(SELECT).bind(now),
  ])
  return read?.results ?? []
}

/** Former pairs that sign on: each is one signature more in every request. */
const MAX_FORMER = 4

/**
 * Makes a new pair; the one before signs for as long as `graceMs`, and those before it for as long as they were promised. With 0, no other signs any more.
 * @returns those that sign now
 */
export async function rotateKeyPair(env: Env, graceMs: number, now: number): Promise<KeyPairRow[]> {
  const surplus = (await listKeyPairs(env, now)).slice(MAX_FORMER).map(({ kid }) => kid)
  await env.DB.batch([
    env.DB.prepare(
      `update signing_keys set retire_at = case when ?2 = 0 then ?1 else coalesce(retire_at, ?1 + ?2) end`
    ).bind(now, graceMs),
    env.DB.prepare(
      `delete from signing_keys where retire_at <= ?1 or kid in (select value from json_each(?2))`
    ).bind(now, JSON.stringify(surplus)),
    await insertKeyPair(env, now, '1'),
  ])
  cached.delete(env.DB)
  log('signing_key.rotated', { grace_ms: graceMs })
  return listKeyPairs(env, now)
}

async function insertKeyPair(env: Env, now: number, condition: string) {
  const seed = randomBytes(SEED_BYTES)
  const publicKey = await publicKeyOf(seed)
  const kid = await keyIdOf(publicKey)
  return env.DB.prepare(
    `insert into signing_keys (kid, public_key, created_at, seed) select ?1, ?2, ?3, ?4 where ${condition}`
  ).bind(kid, toBase64(publicKey), now, await seal(env, toBase64(seed), kid))
}

/** @returns the newest one, as `whpk_...` */
export async function currentPublicKey(env: Env, now: number): Promise<string> {
  const [newest] = await listKeyPairs(env, now)
  if (!newest) throw new Error('There is no signing key.')
  return formatPublicKey(publicBytes(newest))
}

/** @returns the 32 bytes of a stored public key */
export function publicBytes({ kid, public_key: text }: KeyPairRow): Bytes {
  const bytes = fromBase64(text)
  if (!bytes) throw new Error(`The public key of ${kid} is malformed.`)
  return bytes
}
