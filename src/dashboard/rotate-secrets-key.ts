import { seal, sealedPrefix, unseal } from '../db/sealing'
import { batch } from '../db/statements'
import { RESEAL as ENDPOINTS } from '../endpoints/store'
import { RESEAL as SOURCES } from '../inbound/sources/store'
import { log, logFault } from '../log'
import { RESEAL as SIGNING_KEYS } from '../signing-keys/store'

/*
 * Rotates SECRETS_KEY. While SECRETS_KEY_PREVIOUS is set, the sweep re-encrypts stored secrets under the current key.
 * When none are left, the previous key can be deleted. Secrets that are stored only temporarily are not re-encrypted:
 * responses to requests with an Idempotency-Key, and headers of inbound messages.
 */

const TABLES = [ENDPOINTS, SOURCES, SIGNING_KEYS]

/** How many rows per table a sweep re-encrypts. A row takes two WebCrypto calls; the Free plan allows 10 ms of CPU. */
export const RESEALED_PER_SWEEP = 20
/** The count for each table stops at this number. */
const MAX_COUNT = 1_000
/** How many queries re-encryption takes in one sweep, for the sweep's budget. */
export const RESEAL_QUERIES = 2 * TABLES.length

export function isRotating(env: Env): boolean {
  return Boolean(env.SECRETS_KEY_PREVIOUS)
}

/** @returns up to `limit` secrets for each table that are not yet encrypted under the current key */
async function findStale(env: Env, limit: number) {
  const prefix = await sealedPrefix(env)
  const finds = TABLES.map(({ find }) => find(env, { prefix, limit }))
  return batch(env, finds)
}

/** Re-encrypts a page of each table, in two round trips. @returns how many secrets were re-encrypted */
export async function resealSecrets(env: Env): Promise<number> {
  const found = await findStale(env, RESEALED_PER_SWEEP)
  const pages = await Promise.all(found.map(({ results }) => sealAgain(env, results)))
  const boxes = pages.flat().length
  if (boxes === 0) return 0
  const replacements = TABLES.map(({ replace }, i) => replace(env, { boxes: JSON.stringify(pages[i]) }))
  await batch(env, replacements)
  log('secrets.resealed', { boxes })
  return boxes
}

async function sealAgain(env: Env, page: { id: string; sealed: string }[]) {
  const done: { id: string; sealed: string; again: string }[] = []
  for (const { id, sealed } of page) {
    try {
      done.push({ id, sealed, again: await seal(env, await unseal(env, sealed, id), id) })
    } catch (cause) {
      // Neither key can decrypt this secret, which must not hold up the others.
      logFault('secrets.unreadable', cause, { id })
    }
  }
  return done
}

/** @returns how many secrets are not yet encrypted under the current key, or null if no rotation is under way */
export async function countToReseal(env: Env): Promise<number | null> {
  if (!isRotating(env)) return null
  const found = await findStale(env, MAX_COUNT)
  return found.flatMap(({ results }) => results).length
}
