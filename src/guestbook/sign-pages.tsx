import { type Context, Hono } from 'hono'
import { type Book, MAIN_BOOK } from '../books/book'
import { requireBook } from '../books/cache'
import type { Translator } from '../core/languages'
import { batchTogether } from '../db/batch'
import { noteDailyLimit } from '../db/daily-limit'
import type { HonoEnv } from '../env'
import { expectRefusal } from '../http/form'
import { publicOrigin } from '../http/origin'
import type { Refusal } from '../http/problem'
import { identifyVisitor, type Visitor } from '../http/visitor'
import { log } from '../log'
import { wakeListeners } from '../outbound/publish/publish'
import { languageOf, outcomePath, showBook } from './pages'
import { isBannedNetwork } from './signing/banned'
import { formAge, ownEntries, rememberEntry } from './signing/guest'
import { findApproved } from './signing/known-guest'
import { NOTICES } from './signing/notices'
import { isSolved } from './signing/puzzle'
import { withinQuota } from './signing/quota'
import { requireLook, requireOpen, requireSigning } from './signing/require-signing'
import { returnTarget } from './signing/return-to'
import { judgeEntry, planComment, type Signing } from './signing/sign-book'
import { type Fields, readSignForm, type SignForm } from './signing/sign-form'
import { isConfirmed } from './signing/turnstile'
import { ownLocation } from './views/book-views'
import type { ShownEntry } from './views/entry-views'
import type { BookLocation } from './views/location'

/** `/sign` for the main book, and `/b/{slug}/sign` for the others. */
export const signPages = new Hono<HonoEnv>()

for (const path of ['/sign', '/b/:slug/sign'] as const) {
  signPages.post(path, (c) => signAt(c, ownLocation(c.req.param('slug') ?? MAIN_BOOK)))
}

/**
 * Signs a book, or shows a preview. A refused form is shown again as it was submitted, so that guests never lose what
 * they typed.
 * @throws Refusal 404
 */
export async function signAt(c: Context<HonoEnv>, where: BookLocation): Promise<Response> {
  const now = Date.now()
  const sent = await readSignForm(c)
  // Read at the same time, because a new isolate has to read both.
  const [visitor, book] = await Promise.all([identifyVisitor(c, now), requireBook(c.env, where.slug, now)])
  const translate = languageOf(c, book)
  if (!sent.ok) {
    await requireLook(c, visitor)
    const { notice, status } = sent.error
    return showBook(c, where, { form: { notice: translate.text(notice) }, status })
  }
  const { fields, action } = sent.value
  const signing = { where, form: sent.value, input: fields, book, translate, visitor, origin: publicOrigin(c), now }
  try {
    return action === 'preview' ? await preview(c, signing) : await sign(c, signing)
  } catch (cause) {
    noteDailyLimit(c.env, cause, now)
    const refusal = expectRefusal(cause)
    const { code, headers, status } = refusal
    const form = { fields, notice: noticeOf(refusal, translate) }
    return showBook(c, where, { form, status, headers, isShort: code === 'too_many_requests' })
  }
}

/** What the form and the request say about the guest. Some of it costs time, so the limits are checked first. */
async function learnFacts(c: Context<HonoEnv>, book: Book, form: SignForm, now: number) {
  const { fields, stamp, proof, token, isTrapped } = form
  const ageMs = await formAge(c.env, stamp, now)
  return {
    isTrapped,
    formAgeMs: ageMs,
    isBanned: await isBannedNetwork(c, book, now),
    hasProof: book.proof_of_work && (await isSolved({ stamp, ageMs, body: fields.body, proof })),
    isConfirmed: book.turnstile && (await isConfirmed(c.env, token)),
  }
}

function noticeOf({ code, detail }: Refusal, { text }: Translator): string {
  return code in NOTICES ? text(NOTICES[code as keyof typeof NOTICES]) : detail
}

type SigningForm = Signing & {
  form: SignForm
  where: BookLocation
  input: Fields
  translate: Translator
  visitor: Visitor
}

/** Shows the entry as it would look, above the form with everything that was typed. */
async function preview(c: Context<HonoEnv>, signing: SigningForm): Promise<Response> {
  const { where, book, input: fields, visitor } = signing
  requireOpen(book)
  await requireLook(c, visitor)
  const entry = judgeEntry(c.env, { ...signing, isPreview: true })
  if (!entry.ok) return showBook(c, where, { form: { fields, errors: entry.error }, status: 422 })
  const shown: ShownEntry = { ...entry.value, number: 0, edited_at: null, edited_by: null, reply: null }
  return showBook(c, where, { form: { fields }, preview: shown })
}

/** @throws Refusal 403, 429 or 503 */
async function sign(c: Context<HonoEnv>, signing: SigningForm): Promise<Response> {
  const { where, book, input: fields, visitor, now } = signing
  await requireSigning(c, book, visitor)
  const facts = await learnFacts(c, book, signing.form, now)
  const known_by = await findApproved(c.env, book, await ownEntries(c))
  const entry = await planComment(c.env, { ...signing, facts, known_by })
  if (!entry.ok) return showBook(c, where, { form: { fields, errors: entry.error }, status: 422 })
  const { comment, message, statements } = entry.value
  const results = await withinQuota(() => batchTogether(c)(statements), now)
  c.executionCtx.waitUntil(wakeListeners(c.env, message, results))
  log('comment.accepted', { id: comment.id, status: comment.status, message_id: message?.id })
  await rememberEntry(c, comment.id, known_by)
  const target = returnTarget(book, fields.return_to)
  // Spam gets the same response as a held entry, so that bots learn nothing. The response is also true for a person who
  // was mistaken for a bot: the owner can approve the entry.
  const waiting = comment.is_private ? 'private' : 'held'
  const outcome = comment.status === 'published' ? 'published' : waiting
  return c.redirect(target ?? outcomePath(where, outcome), 303)
}
