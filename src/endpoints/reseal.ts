import { seal, sealedPrefix, unseal } from '../db/keys'
import { log, logFault } from '../log'

/*
 * Rotating SECRETS_KEY: while SECRETS_KEY_PREVIOUS is set, the sweep seals again, under the current key, what was sealed under another. Then the old one can go.
 * Kept answers to an Idempotency-Key are not: they are gone after a day.
 */

/** Boxes that one sweep seals again: two of WebCrypto's calls each. */
const PAGE = 100
/** As far as it is worth counting. */
const COUNTED = 1_000

interface Box {
  id: string
  sealed: string
}

/** Both ranges of the index that are not under the current key. A deleted endpoint has no secret any more. */
const ENDPOINTS = `select id, secrets as sealed from endpoints indexed by endpoints_sealed
    where secrets <> '' and substr(secrets, 1, 8) < ?1
  union all select id, secrets as sealed from endpoints indexed by endpoints_sealed
    where secrets <> '' and substr(secrets, 1, 8) > ?1`
/** There are never many. */
const KEYS = `select kid as id, seed as sealed from signing_keys where substr(seed, 1, 8) <> ?1`

/** Two round trips, and none unless the key is being rotated. @returns how many were sealed again */
export async function resealSecrets(env: Env): Promise<number> {
  if (!env.SECRETS_KEY_PREVIOUS) return 0
  const prefix = await sealedPrefix(env)
  const [endpoints, keys] = await env.DB.batch<Box>([
    env.DB.prepare(`${ENDPOINTS} limit ${PAGE}`).bind(prefix),
    env.DB.prepare(`${KEYS} limit ${PAGE}`).bind(prefix),
  ])
  const again = [
    await sealAgain(env, endpoints?.results ?? []),
    await sealAgain(env, keys?.results ?? []),
  ] as const
  const boxes = again[0].length + again[1].length
  if (boxes === 0) return 0
  await env.DB.batch([
    env.DB.prepare(replace('endpoints', 'id', 'secrets')).bind(JSON.stringify(again[0])),
    env.DB.prepare(replace('signing_keys', 'kid', 'seed')).bind(JSON.stringify(again[1])),
  ])
  log('secrets.resealed', { boxes })
  return boxes
}

/** One statement for all, since an invocation has few; unless somebody else has changed a box meanwhile, which seals it under the current key. */
function replace(table: string, key: string, column: string): string {
  return `update ${table} set ${column} = j.value ->> 'again' from json_each(?1) j
    where ${table}.${key} = j.value ->> 'id' and ${table}.${column} = j.value ->> 'sealed'`
}

async function sealAgain(env: Env, boxes: Box[]): Promise<(Box & { again: string })[]> {
  const done: (Box & { again: string })[] = []
  for (const box of boxes) {
    try {
      const text = await unseal(env, box.sealed, box.id)
      done.push({ ...box, again: await seal(env, text, box.id) })
    } catch (cause) {
      // It opens with neither key. The others are not to wait for it.
      logFault('secrets.unreadable', cause, { id: box.id })
    }
  }
  return done
}

/** @returns how many boxes are not under the current key yet; null when it is not being rotated */
export async function countToReseal(env: Env): Promise<number | null> {
  if (!env.SECRETS_KEY_PREVIOUS) return null
  const row = await env.DB.prepare(
    `select count(*) as boxes from (select id from (${ENDPOINTS}) union all select id from (${KEYS}) limit ${COUNTED})`
  )
    .bind(await sealedPrefix(env))
    .first<{ boxes: number }>()
  return row?.boxes ?? 0
}
