import { log, logFault } from '../log'
import { seal, sealedPrefix, unseal } from './sealing'

/*
 * Rotating SECRETS_KEY: while SECRETS_KEY_PREVIOUS is set, the sweep seals again, under the current key, what was sealed under another. Then the old one can go.
 * Kept answers to an Idempotency-Key are not: they are gone after a day.
 */

/** Boxes of a table that one sweep seals again: two of WebCrypto's calls each, and an invocation of the Free plan has 10 ms. */
const PAGE = 20
/** As far as it is worth counting. */
const COUNTED = 1_000

interface Box {
  id: string
  sealed: string
}

/** Where boxes are kept. What is gone after a while (answers to an Idempotency-Key, headers of what came in) is not sealed again. */
const COLUMNS = [
  { table: 'endpoints', key: 'id', column: 'secrets' },
  { table: 'sources', key: 'id', column: 'secrets' },
  { table: 'signing_keys', key: 'kid', column: 'seed' },
] as const
type Column = (typeof COLUMNS)[number]

/** Both ranges of the index that are not under the current key; of key pairs there are never many. */
function selectOther({ table, key, column }: Column): string {
  const from = `select ${key} as id, ${column} as sealed from ${table}`
  if (table === 'signing_keys') return `${from} where substr(${column}, 1, 8) <> ?1`
  const indexed = `${from} indexed by ${table}_sealed where ${column} <> ''`
  return `${indexed} and substr(${column}, 1, 8) < ?1
    union all ${indexed} and substr(${column}, 1, 8) > ?1`
}

export function isRotating(env: Env): boolean {
  return Boolean(env.SECRETS_KEY_PREVIOUS)
}

export const RESEAL_QUERIES = 2 * COLUMNS.length

/** While the key is being rotated, in two round trips. @returns how many were sealed again */
export async function resealSecrets(env: Env): Promise<number> {
  const prefix = await sealedPrefix(env)
  const found = await env.DB.batch<Box>(
    COLUMNS.map((column) => env.DB.prepare(`${selectOther(column)} limit ${PAGE}`).bind(prefix))
  )
  const again = await Promise.all(found.map(({ results }) => sealAgain(env, results)))
  const boxes = again.flat().length
  if (boxes === 0) return 0
  await env.DB.batch(
    COLUMNS.map((column, i) => env.DB.prepare(replace(column)).bind(JSON.stringify(again[i])))
  )
  log('secrets.resealed', { boxes })
  return boxes
}

/** One statement for all, since an invocation has few; unless somebody else has changed a box meanwhile, which seals it under the current key. */
function replace({ table, key, column }: Column): string {
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
  if (!isRotating(env)) return null
  const all = COLUMNS.map((column) => `select id from (${selectOther(column)})`).join(' union all ')
  const row = await env.DB.prepare(`select count(*) as boxes from (${all} limit ${COUNTED})`)
    .bind(await sealedPrefix(env))
    .first<{ boxes: number }>()
  return row?.boxes ?? 0
}
