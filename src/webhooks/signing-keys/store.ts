import { randomBytes } from '../../kit/db/ids'
import { portable } from '../../kit/db/portable'
import { resealing } from '../../kit/db/reseal-statements'
import { columnsOf, columnsWithout, type RowOf } from '../../kit/db/rows'
import { seal, unseal } from '../../kit/db/sealing'
import { all, type Bound, batch, statement } from '../../kit/db/statements'
import { type Bytes, fromBase64, toBase64 } from '../../kit/lib/bytes'
import { MINUTE_MS } from '../../kit/lib/time'
import { log, logFault } from '../../log'
import { formatPublicKey, importPrivateKey, keyIdOf, publicKeyOf, SEED_BYTES } from '../rules/signing/ed25519'
import { MAX_FORMER } from '../rules/signing/rotation'
import { signingKeys } from '../tables/outgoing'
import { tooManyRotations } from './too-many-rotations'

/* The deployment's key pairs. The first one is created when needed. During a rotation, the old keys sign, too. */

const CACHE_MS = MINUTE_MS

type SealedRow = typeof signingKeys.$inferSelect
/** `public_key` is base64. `retire_at` is when the key stops signing, in epoch ms; null for the newest key. */
export type KeyPairRow = Omit<SealedRow, 'seed'>
const NEW = columnsWithout(signingKeys, 'retire_at')
type NewKeyPair = RowOf<typeof NEW>

/** There are only a few rows, so they are sorted in memory. */
const LIST_SIGNING = columnsOf(signingKeys).from<{ now: number }>(`
  signing_keys where retire_at is null or retire_at > :now`)

const INSERT_FIRST = NEW.insert<NewKeyPair>({}, 'where not exists (select 1 from signing_keys)')

/** Retires the newest key, or all if the grace period is 0. Changes nothing while too many old keys still sign. */
const RETIRE = statement<{ now: number; grace_ms: number }>(`
  update signing_keys
  set retire_at = :now + :grace_ms
  where :grace_ms = 0
    or (retire_at is null and (select count(*) from signing_keys where retire_at > :now) < ${MAX_FORMER})`)

const REMOVE_RETIRED = statement<{ now: number }>(`
  delete from signing_keys
  where retire_at <= :now`)

/** Inserts a key only if the batch has retired the one before, so that simultaneous requests cannot add too many. */
const INSERT_NEXT = NEW.insert<NewKeyPair>({}, 'where not exists (select 1 from signing_keys where retire_at is null)')

export const RESEAL_SIGNING_KEYS = resealing(signingKeys, 'kid', 'seed')

type OpenKey = { key: CryptoKey; retire_at: number | null }

/** Keys, not promises: the runtime cancels a promise with the request that made it, and others would wait for it. */
const cached = new WeakMap<D1Database, { keys: OpenKey[]; newest_at: number | null; until: number }>()

/** SQL: when the newest key was created. Work orders read it with their deliveries, for `expectKeys`. */
export const NEWEST_KEY_AT = '(select max(created_at) from signing_keys)'

/** Forgets the cached keys if they have been rotated since. @param newest_at what `NEWEST_KEY_AT` is now */
export function expectKeys({ DB }: Env, newest_at: number | null): void {
  if (cached.get(DB)?.newest_at !== newest_at) cached.delete(DB)
}

/** The keys to sign with, newest first, cached for a minute. Work orders find out about a rotation earlier. */
export async function privateKeys(env: Env, now: number): Promise<CryptoKey[]> {
  const keys = await cachedKeys(env, now)
  return keys.filter(({ retire_at }) => retire_at === null || retire_at > now).map(({ key }) => key)
}

async function cachedKeys(env: Env, now: number): Promise<OpenKey[]> {
  const known = cached.get(env.DB)
  // A request that is shown again may need the keys of an earlier time.
  if (known && now < known.until && now >= known.until - CACHE_MS) return known.keys
  try {
    const rows = await readKeyPairs(env, now)
    const keys = (await Promise.all(rows.map((row) => openKey(env, row)))).filter((key) => key !== null)
    const newest_at = Math.max(...rows.map(({ created_at }) => created_at))
    // A request of an earlier time must not replace the keys of today.
    if (!known || now >= known.until) cached.set(env.DB, { keys, newest_at, until: now + CACHE_MS })
    return keys
  } catch (cause) {
    // Deliveries continue, signed only with the endpoint's secret.
    logFault('signing_key.unreadable', cause)
    return []
  }
}

/** @returns null if the key cannot be unsealed. A rotation replaces such a key */
async function openKey(env: Env, { kid, seed, retire_at }: SealedRow): Promise<OpenKey | null> {
  try {
    const bytes = fromBase64(await unseal(env, seed, kid))
    if (!bytes) throw new Error(`The seed of ${kid} is malformed.`)
    return { key: await importPrivateKey(bytes), retire_at }
  } catch (cause) {
    logFault('signing_key.unreadable', cause, { kid })
    return null
  }
}

/** @returns the public halves of the keys that are active at `now`, newest first */
export async function listKeyPairs(env: Env, now: number): Promise<KeyPairRow[]> {
  return publicHalves(await readKeyPairs(env, now))
}

function publicHalves(rows: SealedRow[]): KeyPairRow[] {
  return rows.toSorted(newestFirst).map(({ seed, ...row }) => row)
}

const newestFirst = (a: SealedRow, b: SealedRow) => (b.retire_at ?? Infinity) - (a.retire_at ?? Infinity)

/** @returns at least one key pair; the newest comes first */
async function readKeyPairs(env: Env, now: number): Promise<SealedRow[]> {
  const rows = await all(LIST_SIGNING(env, { now }))
  return rows.length === 0 ? createFirst(env, now) : rows.toSorted(newestFirst)
}

/** Whether a key was created after a time, in epoch milliseconds. */
export const isNewerKey = async (env: Env, at: number): Promise<boolean> =>
  (await readKeyPairs(env, at)).some(({ created_at }) => created_at > at)

/** If two requests create the first pair at the same time, only one row is written, and both requests read that row. */
async function createFirst(env: Env, now: number): Promise<SealedRow[]> {
  const [, read] = await batch(env, [await ensureKeyPair(env, now), LIST_SIGNING(env, { now })])
  return read.results
}

/** Plans the first pair, if there is none, for the batch that registers an endpoint, so that deliveries find a key. */
export async function ensureKeyPair(env: Env, now: number): Promise<Bound<never>> {
  return INSERT_FIRST(env, await newKeyPair(env, now))
}

async function newKeyPair(env: Env, now: number): Promise<NewKeyPair> {
  const seed = randomBytes(SEED_BYTES)
  const publicKey = await publicKeyOf(seed)
  const kid = await keyIdOf(publicKey)
  return { kid, public_key: toBase64(publicKey), created_at: now, seed: await seal(env, toBase64(seed), kid) }
}

/**
 * Creates a pair. The current key signs for `grace_ms` more; if that is 0, only the new one signs.
 * @returns the public halves that are active, newest first. @throws Refusal 409 if too many old keys still sign
 */
export async function rotateKeyPair(env: Env, grace_ms: number, now: number): Promise<KeyPairRow[]> {
  // The list belongs to the batch: if it could not be read, the rotation would seem to have failed.
  const [, , inserted, { results }] = await batch(env, [
    RETIRE(env, { now, grace_ms }),
    REMOVE_RETIRED(env, { now }),
    INSERT_NEXT(env, await newKeyPair(env, now)),
    LIST_SIGNING(env, { now }),
  ])
  const pairs = publicHalves(results)
  if (inserted.meta.changes === 0) throw tooManyRotations('key', firstRetirement(pairs))
  cached.delete(env.DB)
  log('signing_key.rotated', { grace_ms })
  return pairs
}

function firstRetirement(pairs: KeyPairRow[]): number {
  return Math.min(...pairs.map(({ retire_at }) => retire_at ?? Infinity))
}

/** @returns the public half of the newest key as text, `whpk_...` */
export async function currentPublicKey(env: Env, now: number): Promise<string> {
  const [newest] = await listKeyPairs(env, now)
  if (!newest) throw new Error('There is no signing key.')
  return formatPublicKey(publicBytes(newest))
}

/** @returns the 32 bytes of a stored public key */
export function publicBytes({ kid, public_key }: KeyPairRow): Bytes {
  const bytes = fromBase64(public_key)
  if (!bytes) throw new Error(`The public key of ${kid} is malformed.`)
  return bytes
}

export const PORTABLE_SIGNING_KEYS = portable(signingKeys, ['kid', 'public_key', 'created_at', 'retire_at'], {
  hidden: ['seed'],
})

/** Removes the key pairs of a new deployment, which nobody knows yet. @param kids a JSON list of those to keep */
export const REMOVE_OTHERS = statement<{ kids: string }>(`
  delete from signing_keys
  where kid > '' and kid not in (select value from json_each(:kids))`)
