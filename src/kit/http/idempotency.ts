import type { Context } from 'hono'
import type { HonoEnv } from '../../env'
import { seal, unseal } from '../db/sealing'
import type { Batch } from '../db/shared-batch'
import { columnsOf } from '../db/sql/rows'
import { type Bound, batch, first, isUniqueViolation, statement } from '../db/statements'
import { idempotencyKeys } from '../db/tables'
import { utf8 } from '../lib/bytes'
import { sha256Hex } from '../lib/hmac'
import { DAY_MS } from '../lib/time'
import { keeping } from '../sweep/retention'
import { type JsonText, jsonText } from './openapi'
import { Refusal } from './problem'

const HEADER = 'Idempotency-Key'
export const LIFETIME_MS = DAY_MS

/** `id` is a hash of the scope and the key; `fingerprint` is a hash of the path and the body. */
type Claim = Pick<typeof idempotencyKeys.$inferSelect, 'id' | 'fingerprint'>

/** What is stored as the answer to a stranger: the response is built again instead. */
const MADE_ANEW = 'anew'
/** Roughly the bytes that the key of a stranger takes up, with two indexes, whose pages are not full. */
export const KEY_BYTES = 700

const FIND = columnsOf(idempotencyKeys, 'fingerprint', 'answer', 'subject').from<{ id: string }>(`
  idempotency_keys where id = :id`)

const REMOVE_IF_OLD = statement<{ id: string; old: number }>(`
  delete from idempotency_keys where id = :id and created_at <= :old`)

type Row = typeof idempotencyKeys.$inferSelect

/** A key that exists fails in any case, so a repeat is noticed. */
const INSERT = statement<Row & { if_changed: number }>(`
  insert into idempotency_keys (id, created_at, fingerprint, answer, subject)
  select :id, :created_at, :fingerprint, :answer, :subject
  where :if_changed = 0 or changes() > 0 or exists (select 1 from idempotency_keys where id = :id)`)

const ERASE = statement<{ subjects: string }>(`
  update idempotency_keys indexed by idempotency_keys_subject
  set answer = '', fingerprint = ''
  where subject is not null and subject in (select value from json_each(:subjects))`)

interface Acceptance {
  status: 200 | 201 | 202
  body: object
  /** The id of what the request creates, if it can be deleted for good. */
  subject?: string | null
  /** Statements that run in one batch, all or none. */
  statements: readonly Bound<unknown>[]
  /** For strangers: builds the response to a repeat, so that no text is stored twice. Null if the subject is gone. */
  makeAgain?: (subject: string) => Promise<object | null>
  /** Stores the key only if the last statement has changed a row. */
  ifChanged?: boolean
}

export interface Accepted {
  response: JsonText
  /** The results of the batch. Empty for a repeated request, which writes nothing. */
  results: D1Result[]
}

/**
 * Writes what a request creates, and the response to its Idempotency-Key, in one batch. A repeat violates the
 * unique key of the table, and gets the stored response.
 * @param scope separates calls and visitors @param shared runs the batch if there is no key
 * @throws Refusal 409 if the key has been used with a different body, or 400 if the key is malformed
 */
export async function acceptOnce(
  c: Context<HonoEnv>,
  scope: string,
  acceptance: Acceptance,
  shared: Batch = (statements) => batch(c.env, statements)
): Promise<Accepted> {
  const key = c.req.header(HEADER)
  if (key !== undefined) return acceptWithKey(c, await identify(c, scope, key), acceptance)
  const results = await shared(acceptance.statements)
  return { results, response: jsonText(c, JSON.stringify(acceptance.body), acceptance.status) }
}

/**
 * A repeated request gets the first response, even if a limit would refuse it now. It is read only after a refusal.
 * @param makeAgain as in `Acceptance`
 */
export async function firstAnswerOr<R extends Response>(
  c: Context<HonoEnv>,
  scope: string,
  work: () => Promise<R>,
  makeAgain?: Acceptance['makeAgain']
) {
  try {
    return await work()
  } catch (cause) {
    const key = c.req.header(HEADER)
    // Whoever may not do it, or whose thing is gone, gets no answer of before.
    if (!(cause instanceof Refusal) || [403, 404].includes(cause.status) || key === undefined) throw cause
    const response = await firstAnswer(c, await identify(c, scope, key), makeAgain)
    if (!response) throw cause
    return response
  }
}

async function acceptWithKey(c: Context<HonoEnv>, claim: Claim, acceptance: Acceptance): Promise<Accepted> {
  const now = c.get('now')
  const { status, body, makeAgain, ifChanged = false, statements } = acceptance
  try {
    const removal = REMOVE_IF_OLD(c.env, { id: claim.id, old: now - LIFETIME_MS })
    const key = await planKey(c.env, claim, acceptance, now)
    const results = await batch(c.env, [removal, ...(ifChanged ? [...statements, key] : [key, ...statements])])
    return { results, response: jsonText(c, JSON.stringify(body), status) }
  } catch (cause) {
    if (!isUniqueViolation(cause, 'idempotency_keys.id')) throw cause
    const response = await firstAnswer(c, claim, makeAgain)
    if (response) return { results: [], response }
    const detail =
      'This Idempotency-Key was already used with a different request body. Use a new key for a new request.'
    throw new Refusal(409, 'key_reused', detail)
  }
}

async function planKey(
  env: Env,
  claim: Claim,
  { status, body, subject = null, makeAgain, ifChanged }: Acceptance,
  now: number
): Promise<Bound<unknown>> {
  const sealed = () => seal(env, JSON.stringify({ status, json: JSON.stringify(body) }), claim.id)
  const answer = makeAgain ? MADE_ANEW : await sealed()
  return INSERT(env, { ...claim, created_at: now, answer, subject, if_changed: Number(ifChanged === true) })
}

/** @returns null if the key is new, or was used for another request. @throws Refusal 410 if the response was erased */
async function firstAnswer(c: Context<HonoEnv>, { id, fingerprint }: Claim, makeAgain?: Acceptance['makeAgain']) {
  const row = await first(FIND(c.env, { id }))
  if (row?.answer === '') throw erased()
  if (row?.fingerprint !== fingerprint) return null
  c.header('Idempotent-Replayed', 'true')
  c.set('changesNothing', true)
  if (row.answer !== MADE_ANEW) {
    const { status, json } = JSON.parse(await unseal(c.env, row.answer, id))
    return jsonText(c, json, status)
  }
  const body = await makeAgain?.(row.subject ?? '')
  if (!body) throw erased()
  return jsonText(c, JSON.stringify(body), 201)
}

function erased(): Refusal {
  return new Refusal(410, 'deleted', 'What was created with this Idempotency-Key has been deleted. Use a new key.')
}

async function identify(c: Context<HonoEnv>, scope: string, key: string): Promise<Claim> {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const detail = 'An Idempotency-Key must be 1 to 255 visible ASCII characters, without spaces.'
    throw new Refusal(400, 'bad_idempotency_key', detail)
  }
  const id = await sha256Hex(utf8(`${scope}\n${key}`))
  // The path is included, because the same body sent to another path is a different request. An API key gets no
  // response that was meant for somebody else: it may contain what its scopes do not allow.
  const actor = c.get('actor')
  const by = actor?.kind === 'key' ? `${actor.id}\n` : ''
  return { id, fingerprint: await sha256Hex(utf8(`${by}${c.req.path}\n${await c.req.text()}`)) }
}

/** Erases responses that contain what is deleted for good. The keys stay: a repeat creates nothing again. */
export function eraseAnswers(env: Env, ...subjects: string[]): Bound<never> {
  return ERASE(env, { subjects: JSON.stringify(subjects) })
}

export const removeOldKeys = keeping(idempotencyKeys, {
  at: 'created_at',
  index: 'idempotency_keys_age',
  kept: LIFETIME_MS,
  limit: { free: 500, paid: 500 },
})
