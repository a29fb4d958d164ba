import type { Context } from 'hono'
import type { HonoEnv } from '../../env'
import { logFault } from '../../log'
import { columnsOf } from '../db/rows'
import { seal, unseal } from '../db/sealing'
import type { Batch } from '../db/shared-batch'
import { watchWrites } from '../db/size'
import { type Bound, batch, first, insist, isUniqueViolation, run, statement } from '../db/statements'
import { idempotencyKeys } from '../db/tables'
import { type Bytes, concat, utf8 } from '../lib/bytes'
import { sha256Hex } from '../lib/hmac'
import { DAY_MS, MINUTE_MS } from '../lib/time'
import { keeping } from '../sweep/retention'
import { readAtMost } from './json-body'
import { type JsonText, jsonText } from './openapi'
import { Refusal, toRefusal } from './problem'

/*
 * A request that is sent twice acts once, and the second one gets the answer of the first. One table has the keys.
 *
 *   an API call  with an Idempotency-Key: all that it does is one batch, which also inserts the key, with the answer
 *   a form       with a token in a hidden field: it may do anything, so the key is inserted first, and the answer after it
 *
 * Signing a book is not here: an entry's form is noted in the row of its book, which is written anyway, because a row of
 * its own would make each entry more expensive. See guestbook/signing/form-stamp.ts.
 */

export const LIFETIME_MS = DAY_MS

/**
 * `id` is a hash of the key; `fingerprint` is a hash of what the request contains. The same key with another content is
 * another request.
 */
type Claim = Pick<typeof idempotencyKeys.$inferSelect, 'id' | 'fingerprint'>

const FIND = columnsOf(idempotencyKeys, 'fingerprint', 'created_at', 'answer', 'subject').from<{ id: string }>(`
  idempotency_keys where id = :id`)

const ERASE = statement<{ subjects: string }>(`
  update idempotency_keys indexed by idempotency_keys_subject
  set answer = '', fingerprint = ''
  where subject is not null and subject in (select value from json_each(:subjects))`)

/** Erases answers that contain what is deleted for good. The keys stay: a repeat creates nothing again. */
export function eraseAnswers(env: Env, ...subjects: string[]): Bound<never> {
  return ERASE(env, { subjects: JSON.stringify(subjects) })
}

export const removeOldKeys = keeping(idempotencyKeys, {
  at: 'created_at',
  index: 'idempotency_keys_age',
  kept: LIFETIME_MS,
  limit: { free: 500, paid: 500 },
})

/* Calls of the API. */

const HEADER = 'Idempotency-Key'
/** What is stored as the answer to a stranger: the response is built again instead. */
const MADE_ANEW = 'anew'
/** Roughly the bytes that the key of a stranger takes up, with two indexes, whose pages are not full. */
export const KEY_BYTES = 700

const REMOVE_IF_OLD = statement<{ id: string; old: number }>(`
  delete from idempotency_keys where id = :id and created_at <= :old`)

type Row = typeof idempotencyKeys.$inferSelect

/** A key that exists fails in any case, so a repeat is noticed. */
const INSERT = statement<Row & { if_changed: number }>(`
  insert into idempotency_keys (id, created_at, fingerprint, answer, subject)
  select :id, :created_at, :fingerprint, :answer, :subject
  where :if_changed = 0 or changes() > 0 or exists (select 1 from idempotency_keys where id = :id)`)

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

/* Forms. Every `Form` of the owner and of integrators carries a random token. Reading a page stores nothing. */

/** The hidden field with the token of a page. */
export const TOKEN_FIELD = 'once'

/** A part of an import, which import-page.js sends, has up to a megabyte. All forms are shorter. */
const MAX_FORM_BYTES = 2 * 1_024 * 1_024
/** A long form is compared by its beginning, its end and its length. */
const COMPARED_BYTES = 64 * 1_024
/** A longer page is not stored. Only pages that are too long for the URL of a redirect are stored at all. */
const MAX_STORED_CHARS = 500_000
/** How long the second request waits for the first one: longer than a call to a receiver takes. */
const PAUSES_MS = [100, 200, 400, 800, 1_600, ...Array<number>(11).fill(2_000)]
/** A claim that is older, and still without an answer, belongs to a request that was ended. */
const ABANDONED_MS = MINUTE_MS

const CLAIM = statement<{ id: string; fingerprint: string; now: number; claim: string }>(`
  insert into idempotency_keys (id, fingerprint, created_at, answer) values (:id, :fingerprint, :now, :claim)
  on conflict (id) do update set fingerprint = :fingerprint, created_at = :now, answer = :claim
  where fingerprint <> :fingerprint and answer <> ''`)

const SETTLE = statement<{ id: string; claim: string; answer: string; subject: string | null }>(`
  update idempotency_keys set answer = :answer, subject = :subject where id = :id and answer = :claim`)

const RELEASE = statement<{ id: string; claim: string }>(`
  delete from idempotency_keys where id = :id and answer = :claim`)

/** Nobody need wait for it. */
const ABANDON = statement<{ id: string; claim: string; created_at: number }>(`
  update idempotency_keys set created_at = :created_at where id = :id and answer = :claim`)

const PENDING = 'pending '

/** How browsers send forms. Other bodies, such as the lines of an import, can contain anything. */
const FORM_TYPE = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i

/**
 * Reads the form, and leaves it to be read again. @returns null if the request is not a form with a token
 * @param slot for forms of strangers: only the last submission with this name is stored, so that they store little
 */
export async function readSubmission(c: Context<HonoEnv>, slot?: string): Promise<Claim | null> {
  const type = c.req.header('Content-Type') ?? ''
  if (c.req.method !== 'POST' || !FORM_TYPE.test(type)) return null
  if (Number(c.req.header('Content-Length') ?? 0) > MAX_FORM_BYTES) return null
  const bytes = await readAtMost(c, MAX_FORM_BYTES)
  c.req.raw = new Request(c.req.raw, { body: bytes })
  const form = comparable(bytes, type)
  if (!new RegExp(`(^|&)${TOKEN_FIELD}=|name="${TOKEN_FIELD}"`).test(form)) return null
  const actor = c.get('actor')
  const who = actor === undefined ? '' : JSON.stringify(actor)
  const fingerprint = await sha256Hex(utf8(`${who}\n${c.req.url}\n${bytes.length}\n${form}`))
  return { id: await sha256Hex(utf8(`form ${slot ?? fingerprint}`)), fingerprint }
}

/** @returns the form without what differs each time that it is submitted */
function comparable(bytes: Bytes, type: string): string {
  const isShort = bytes.length <= 2 * COMPARED_BYTES
  const parts = isShort ? bytes : concat([bytes.slice(0, COMPARED_BYTES), bytes.slice(-COMPARED_BYTES)])
  const text = new TextDecoder('latin1').decode(parts)
  const [, boundary] = /boundary="?([^";]+)/i.exec(type) ?? []
  return boundary === undefined ? text : text.replaceAll(boundary, '')
}

/** @returns whether the same form has been submitted before, with the same content */
export async function wasSubmitted(env: Env, submission: Claim | null): Promise<boolean> {
  const row = submission && (await first(FIND(env, submission)))
  return row !== null && row.fingerprint === submission?.fingerprint
}

/**
 * Acts, unless the same form has been submitted before. @param act if it fails, the form can be sent again. After an
 *   unknown error it cannot, because it may have acted
 * @throws Refusal 409 if the first request has not ended, or nobody knows how it ended; 410 if what it made is deleted
 */
export async function answerOnce(c: Context<HonoEnv>, submission: Claim | null, act: () => Promise<Response>) {
  if (submission === null) return act()
  const claim = PENDING + crypto.randomUUID()
  for (const pause of PAUSES_MS) {
    const now = c.get('clock')()
    // A form that had to wait gets the time at which its turn came.
    c.set('now', now)
    const statements = [CLAIM(c.env, { ...submission, now, claim }), FIND(c.env, submission)] as const
    const [, found] = await insist(() => batch(c.env, statements))
    const row = found.results[0]
    if (row?.answer === claim) return actAndStore(c, submission, claim, act)
    if (row && !row.answer.startsWith(PENDING)) return answerAgain(c, submission, row.answer)
    if (row && row.created_at < now - ABANDONED_MS) break
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  throw new Refusal(409, 'submitted_twice', UNKNOWN)
}

const UNKNOWN = 'This form was already submitted, and its result is not known yet. Open the page again.'

/** A browser that sends the second request cancels the first one, which must finish anyway. */
function actAndStore(c: Context<HonoEnv>, { id }: Claim, claim: string, act: () => Promise<Response>) {
  const mayHaveActed = watchWrites(c.env.DB)
  const end = async (status: number, response?: Response) => {
    const isDone = response && status < 400 && !c.get('changesNothing')
    const isUnsure = mayHaveActed(status)
    c.set('isUnsure', isUnsure)
    const statement = isDone
      ? await settled(c, id, claim, response)
      : isUnsure
        ? ABANDON(c.env, { id, claim, created_at: c.get('now') - ABANDONED_MS - 1 })
        : RELEASE(c.env, { id, claim })
    await insist(() => run(statement)).catch((cause) => logFault('form.fault', cause))
  }
  const work = act().then(
    async (response) => {
      await end(response.status, response)
      return response
    },
    async (cause) => {
      await end(toRefusal(cause)?.status ?? 500)
      throw cause
    }
  )
  c.executionCtx.waitUntil(work.catch(() => {}))
  return work
}

/** The answer is erased with what it is about: see `eraseAnswers`. */
async function settled(c: Context<HonoEnv>, id: string, claim: string, response: Response) {
  const to = response.headers.get('Location')
  const page = to === null ? await response.clone().text() : ''
  const answer = await seal(c.env, JSON.stringify({ to, page: page.length > MAX_STORED_CHARS ? '' : page }), id)
  const subject = c.get('subject') ?? /[a-z]+_[0-9A-Z]{26}/.exec(c.req.path)?.[0] ?? null
  return SETTLE(c.env, { id, claim, answer, subject })
}

async function answerAgain(c: Context<HonoEnv>, { id }: Claim, answer: string): Promise<Response> {
  c.set('changesNothing', true)
  if (answer === '')
    throw new Refusal(410, 'deleted', 'This form was already submitted, and what it created has been deleted.')
  const { to, page } = JSON.parse(await unseal(c.env, answer, id))
  if (to !== null) return c.redirect(to, 303)
  if (page === '') throw new Refusal(409, 'submitted_twice', 'This form was already submitted and processed.')
  return c.html(page)
}
