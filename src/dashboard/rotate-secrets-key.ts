import * as z from 'zod'
import { HEAD_LENGTH } from '../db/reseal-statements'
import { SecretsKeyError, seal, sealedPrefix, unseal } from '../db/sealing'
import { batch } from '../db/statements'
import { readSweepState, saveSweepState } from '../db/sweep-state'
import { RESEAL as ENDPOINTS } from '../endpoints/store'
import { RESEAL as SOURCES } from '../inbound/sources/store'
import { log, logFault } from '../log'
import { RESEAL as SIGNING_KEYS } from '../signing-keys/store'

/*
 * Rotates SECRETS_KEY. While SECRETS_KEY_PREVIOUS is set, the sweep re-encrypts stored secrets under the current key.
 * When none are left, the previous key can be deleted. Secrets that are stored only temporarily are not re-encrypted:
 * responses to requests with an Idempotency-Key, and headers of inbound messages.
 *
 * A secret that neither key decrypts stays as it is. Each sweep therefore continues after the last secret of the sweep
 * before, so that such secrets never hold up the others. After the last page, it starts again.
 */

const TABLES = [
  { kind: 'endpoint', ...ENDPOINTS },
  { kind: 'source', ...SOURCES },
  { kind: 'signing key', ...SIGNING_KEYS },
] as const

/** How many rows per table a sweep re-encrypts. A row takes two WebCrypto calls; the Free plan allows 10 ms of CPU. */
export const RESEALED_PER_SWEEP = 20
/** The count for each table stops at this number. */
const MAX_COUNT = 1_000
/** How many queries re-encryption takes in one sweep, for the sweep's budget: its own state is read and saved. */
export const RESEAL_QUERIES = 2 * TABLES.length + 2

const STATE = 'reseal'
const START = { head: '', id: '' }
const progress = z.object({
  /** Identifies the current key, because another rotation starts from the beginning. */
  prefix: z.string().default(''),
  /** For each table, the secret after which the next page starts. */
  after: z.array(z.object({ head: z.string(), id: z.string() })).default(TABLES.map(() => START)),
  /** How many secrets have been re-encrypted since the first page. */
  resealed: z.int().default(0),
  /** True if all pages have been read and nothing could be re-encrypted: whatever is left, neither key decrypts. */
  is_stuck: z.boolean().default(false),
})
type Progress = z.infer<typeof progress>

interface Sealed {
  id: string
  sealed: string
}

export function isRotating(env: Env): boolean {
  return Boolean(env.SECRETS_KEY_PREVIOUS)
}

async function readProgress(env: Env, prefix: string): Promise<Progress> {
  const stored = await readSweepState(env, STATE, progress)
  return stored.prefix === prefix ? stored : progress.parse({ prefix })
}

/** Re-encrypts the next page of each table, in three round trips. @returns how many secrets were re-encrypted */
export async function resealSecrets(env: Env): Promise<number> {
  const before = await readProgress(env, await sealedPrefix(env))
  const pages = await findPages(env, before)
  const again = await sealAgain(env, pages)
  const boxes = again.flat().length
  const after = advance(before, pages, boxes)
  const isChanged = JSON.stringify(after) !== JSON.stringify(before)
  const replacements = TABLES.map(({ replace }, i) => replace(env, { boxes: JSON.stringify(again[i]) }))
  const statements = [...(boxes > 0 ? replacements : []), ...(isChanged ? [saveSweepState(env, STATE, after)] : [])]
  if (statements.length > 0) await batch(env, statements)
  if (boxes > 0) log('secrets.resealed', { boxes })
  return boxes
}

/** @returns a page of each table with secrets that are not encrypted under the current key */
async function findPages(env: Env, { prefix, after }: Progress): Promise<Sealed[][]> {
  const finds = TABLES.map(({ findPage }, i) =>
    findPage(env, { prefix, ...(after[i] ?? START), limit: RESEALED_PER_SWEEP })
  )
  return (await batch(env, finds)).map(({ results }) => results)
}

function advance(before: Progress, pages: Sealed[][], boxes: number): Progress {
  const { prefix, after, is_stuck } = before
  const resealed = before.resealed + boxes
  const isEnd = pages.every((page) => page.length < RESEALED_PER_SWEEP)
  if (isEnd) return progress.parse({ prefix, is_stuck: resealed === 0 })
  const positions = pages.map((page, i) => positionOf(page.at(-1)) ?? after[i] ?? START)
  return { prefix, after: positions, resealed, is_stuck: is_stuck && resealed === 0 }
}

function positionOf(row: Sealed | undefined) {
  return row && { head: row.sealed.slice(0, HEAD_LENGTH), id: row.id }
}

async function sealAgain(env: Env, pages: Sealed[][]): Promise<(Sealed & { again: string })[][]> {
  const unreadable: { id: string; cause: SecretsKeyError }[] = []
  const one = async ({ id, sealed }: Sealed) => {
    try {
      return [{ id, sealed, again: await seal(env, await unseal(env, sealed, id), id) }]
    } catch (cause) {
      if (!(cause instanceof SecretsKeyError)) throw cause
      unreadable.push({ id, cause })
      return []
    }
  }
  const done = await Promise.all(pages.map(async (page) => (await Promise.all(page.map(one))).flat()))
  const ids = unreadable.map(({ id }) => id)
  if (unreadable[0]) logFault('secrets.unreadable', unreadable[0].cause, { count: ids.length, ids })
  return done
}

export interface RotationState {
  /** How many secrets are not encrypted under the current key, up to 1,000 for each table. */
  stale: number
  /** True if neither key decrypts these secrets. */
  isStuck: boolean
  /** The first of these secrets. */
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
