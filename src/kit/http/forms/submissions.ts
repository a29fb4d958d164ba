import type { Context } from 'hono'
import type { HonoEnv } from '../../../env'
import { logFault } from '../../../log'
import { seal, unseal } from '../../db/sealing'
import { watchWrites } from '../../db/size'
import { columnsOf } from '../../db/sql/rows'
import { batch, first, insist, run, statement } from '../../db/statements'
import { idempotencyKeys } from '../../db/tables'
import { type Bytes, concat, utf8 } from '../../lib/bytes'
import { sha256Hex } from '../../lib/hmac'
import { MINUTE_MS } from '../../lib/time'
import { readAtMost } from '../json-body'
import { Refusal, toRefusal } from '../problem'

/*
 * A form that is submitted twice acts once, and the second request gets the answer of the first. So a double click, or
 * a page that the browser kept, does not make a second API key and hide the first. Every `Form` of the owner and of
 * integrators carries a random token. A claim on the token is stored before the form acts, and its answer afterwards,
 * in the table of the Idempotency-Keys. Reading a page stores nothing.
 */

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

/** Which form was submitted, and what it contained. Both are hashes. */
type Submission = { id: string; fingerprint: string }

const CLAIM = statement<{ id: string; fingerprint: string; now: number; claim: string }>(`
  insert into idempotency_keys (id, fingerprint, created_at, answer) values (:id, :fingerprint, :now, :claim)
  on conflict (id) do update set fingerprint = :fingerprint, created_at = :now, answer = :claim
  where fingerprint <> :fingerprint and answer <> ''`)

const FIND = columnsOf(idempotencyKeys, 'fingerprint', 'created_at', 'answer').from<{ id: string }>(`
  idempotency_keys where id = :id`)

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
export async function readSubmission(c: Context<HonoEnv>, slot?: string): Promise<Submission | null> {
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
export async function wasSubmitted(env: Env, submission: Submission | null): Promise<boolean> {
  const row = submission && (await first(FIND(env, submission)))
  return row !== null && row.fingerprint === submission?.fingerprint
}

/**
 * Acts, unless the same form has been submitted before. @param act if it fails, the form can be sent again. After an
 *   unknown error it cannot, because it may have acted
 * @throws Refusal 409 if the first request has not ended, or nobody knows how it ended; 410 if what it made is deleted
 */
export async function answerOnce(c: Context<HonoEnv>, submission: Submission | null, act: () => Promise<Response>) {
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
function actAndStore(c: Context<HonoEnv>, { id }: Submission, claim: string, act: () => Promise<Response>) {
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

async function answerAgain(c: Context<HonoEnv>, { id }: Submission, answer: string): Promise<Response> {
  c.set('changesNothing', true)
  if (answer === '')
    throw new Refusal(410, 'deleted', 'This form was already submitted, and what it created has been deleted.')
  const { to, page } = JSON.parse(await unseal(c.env, answer, id))
  if (to !== null) return c.redirect(to, 303)
  if (page === '') throw new Refusal(409, 'submitted_twice', 'This form was already submitted and processed.')
  return c.html(page)
}
