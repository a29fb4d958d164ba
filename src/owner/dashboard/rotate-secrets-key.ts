import * as z from 'zod'
import { HEAD_LENGTH } from '../../kit/db/reseal-statements'
import { SecretsKeyError, seal, sealedPrefix, unseal } from '../../kit/db/sealing'
import { all, batch, batchNamed } from '../../kit/db/statements'
import { readSweepState, saveSweepState } from '../../kit/db/sweep-state'
import type { Chore } from '../../kit/sweep/subrequest-budget'
import { log, logFault } from '../../log'
import { RESEAL_ENDPOINTS as ENDPOINTS } from '../../webhooks/endpoints/store'
import { RESEAL_SIGNING_KEYS as SIGNING_KEYS } from '../../webhooks/signing-keys/store'
import { RESEAL_SOURCES as SOURCES } from '../../webhooks/sources/store'

/*
 * Rotates SECRETS_KEY. While SECRETS_KEY_PREVIOUS is set, the sweep re-encrypts stored secrets under the current key.
 * When none are left, the previous key can be deleted. Secrets that are stored only temporarily are not re-encrypted:
 * responses to requests with an Idempotency-Key, and headers of inbound messages.
 *
 * A secret that neither key decrypts stays as it is. Each sweep therefore reads the next page, table by table, so that
 * such secrets never block the others. After the last page, it starts again.
 */

const TABLES = [
  { kind: 'endpoint', ...ENDPOINTS },
  { kind: 'source', ...SOURCES },
  { kind: 'signing key', ...SIGNING_KEYS },
] as const

/** How many secrets a sweep re-encrypts. Each takes two WebCrypto calls; the Free plan allows 10 ms of CPU. */
export const RESEALED_PER_SWEEP = 20
/** The count for each table stops at this number. */
const MAX_COUNT = 1_000
/** How many queries re-encryption takes in one sweep: two to read, two to write. */
const RESEAL_QUERIES = 4

const STATE = 'reseal'
const progress = z.object({
  /** Identifies the current key, because another rotation starts from the beginning. */
  prefix: z.string().default(''),
  /** The table of the next page, and the secret after which the page starts. */
  table: z.int().default(0),
  head: z.string().default(''),
  id: z.string().default(''),
  /** How many secrets have been re-encrypted since the first page. */
  resealed: z.int().default(0),
  /** True if all pages have been read and nothing could be re-encrypted, so neither key decrypts what is left. */
  is_stuck: z.boolean().default(false),
})
type Progress = z.infer<typeof progress>
type Sealed = { id: string; sealed: string }

const isRotating = (env: Env): boolean => Boolean(env.SECRETS_KEY_PREVIOUS)

async function readProgress(env: Env, prefix: string): Promise<Progress> {
  const stored = await readSweepState(env, STATE, progress)
  return stored.prefix === prefix ? stored : progress.parse({ prefix })
}

export const sweepSecrets: Chore = async (env, _, budget) =>
  isRotating(env) && budget.take(RESEAL_QUERIES) ? resealSecrets(env) : 0

/** Re-encrypts the next page, in three round trips. @returns how many secrets were re-encrypted */
export async function resealSecrets(env: Env): Promise<number> {
  const before = await readProgress(env, await sealedPrefix(env))
  const { findPage, replace } = TABLES[before.table] ?? TABLES[0]
  const { prefix, head, id } = before
  const page = await all(findPage(env, { prefix, head, id, limit: RESEALED_PER_SWEEP }))
  const boxes = await sealAgain(env, page)
  const replacement = boxes.length > 0 ? replace(env, { boxes: JSON.stringify(boxes) }) : null
  await batchNamed(env, { replacement, state: saveSweepState(env, STATE, advance(before, page, boxes.length)) })
  if (boxes.length > 0) log('secrets.resealed', { boxes: boxes.length })
  return boxes.length
}

function advance(before: Progress, page: Sealed[], boxes: number): Progress {
  const { prefix, table } = before
  const resealed = before.resealed + boxes
  const is_stuck = before.is_stuck && resealed === 0
  const last = page.at(-1)
  if (last && page.length === RESEALED_PER_SWEEP)
    return { ...before, head: last.sealed.slice(0, HEAD_LENGTH), id: last.id, resealed, is_stuck }
  if (table + 1 < TABLES.length) return progress.parse({ prefix, table: table + 1, resealed, is_stuck })
  return progress.parse({ prefix, is_stuck: resealed === 0 })
}

async function sealAgain(env: Env, page: Sealed[]): Promise<(Sealed & { again: string })[]> {
  const unreadable: { id: string; cause: SecretsKeyError }[] = []
  const done = page.map(async ({ id, sealed }) => {
    try {
      return [{ id, sealed, again: await seal(env, await unseal(env, sealed, id), id) }]
    } catch (cause) {
      if (!(cause instanceof SecretsKeyError)) throw cause
      unreadable.push({ id, cause })
      return []
    }
  })
  const boxes = (await Promise.all(done)).flat()
  const ids = unreadable.map(({ id }) => id)
  if (unreadable[0]) logFault('secrets.unreadable', unreadable[0].cause, { count: ids.length, ids })
  return boxes
}

export interface RotationState {
  /** How many secrets are not encrypted under the current key, up to 1,000 for each table. */
  stale: number
  /** True if neither key decrypts these secrets. */
  isStuck: boolean
  first: { kind: (typeof TABLES)[number]['kind']; id: string }[]
}

const FIRST_SHOWN = 20

/** @returns null if no rotation is under way */
export async function readRotation(env: Env): Promise<RotationState | null> {
  if (!isRotating(env)) return null
  const prefix = await sealedPrefix(env)
  const finds = TABLES.map(({ find }) => find(env, { prefix, limit: MAX_COUNT }))
  const [{ is_stuck }, found] = await Promise.all([readProgress(env, prefix), batch(env, finds)])
  const stale = TABLES.flatMap(({ kind }, i) => (found[i]?.results ?? []).map(({ id }) => ({ kind, id })))
  return { stale: stale.length, isStuck: is_stuck, first: stale.slice(0, FIRST_SHOWN) }
}
