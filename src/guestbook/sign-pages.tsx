import { type Context, Hono } from 'hono'
import { MAIN_BOOK } from '../books/book'
import { requireBook } from '../books/cache'
import type { Translator } from '../core/languages'
import { batchTogether } from '../db/batch'
import { noteDailyLimit } from '../db/daily-limit'
import type { HonoEnv } from '../env'
import { expectRefusal } from '../http/form'
import { publicOrigin } from '../http/origin'
import { Refusal, refuseIfNull } from '../http/problem'
import { identifyVisitor, type Visitor } from '../http/visitor'
import { log } from '../log'
import { wakeListeners } from '../outbound/publish/publish'
import { languageOf, outcomePath, showBook } from './pages'
import { type CommentOut, toComment } from './schemas'
import { isBannedNetwork } from './signing/banned'
import { findSent, formUsed, MAX_FORM_AGE_MS, readStamp, type SentForm } from './signing/form-stamp'
import { ownEntries, rememberEntry } from './signing/guest'
import { findApproved } from './signing/known-guest'
import { noticeOf } from './signing/notices'
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
  const { fields, action, stamp } = sent.value
  const made = await readStamp(c.env, book.slug, stamp, now)
  // A form that is shown again keeps its stamp, because its guest has had it for a while.
  const again = { fields, stamp: made && made.ageMs <= MAX_FORM_AGE_MS ? stamp : '' }
  const about = { where, form: sent.value, made, again, book, translate, visitor }
  const signing = { ...about, input: fields, origin: publicOrigin(c), now }
  try {
    return action === 'preview' ? await preview(c, signing) : await sign(c, signing)
  } catch (cause) {
    noteDailyLimit(c.env, cause, now)
    const refusal = expectRefusal(cause)
    const { code, headers, status } = refusal
    const form = { ...again, ...(code === 'form_used' && { stamp: '' }), notice: noticeOf(refusal, translate) }
    return showBook(c, where, { form, status, headers, isShort: code === 'too_many_requests' })
  }
}

/** What the form and the request say about the guest. Some of it costs time, so the limits are checked first. */
async function learnFacts(c: Context<HonoEnv>, { book, form, made, now }: SigningForm) {
  const { fields, stamp, proof, token, isTrapped } = form
  return {
    isTrapped,
    formAgeMs: made?.ageMs ?? 0,
    isBanned: await isBannedNetwork(c, book, now),
    hasProof: book.proof_of_work && made !== null && (await isSolved({ stamp, body: fields.body, proof })),
    isConfirmed: book.turnstile && (await isConfirmed(c.env, token)),
  }
}

type SigningForm = Signing & {
  form: SignForm
  /** What the stamp of the form says, or null if it is not ours. */
  made: SentForm | null
  /** How the form is shown again. */
  again: { fields: Fields; stamp: string }
  where: BookLocation
  input: Fields
  translate: Translator
  visitor: Visitor
}

/** Shows the entry as it would look, above the form with everything that was typed. */
async function preview(c: Context<HonoEnv>, signing: SigningForm): Promise<Response> {
  const { where, book, again, visitor } = signing
  requireOpen(book)
  await requireLook(c, visitor)
  const entry = judgeEntry(c.env, { ...signing, isPreview: true })
  if (!entry.ok) return showBook(c, where, { form: { ...again, errors: entry.error }, status: 422 })
  const shown: ShownEntry = { ...entry.value, number: 0, edited_at: null, edited_by: null, reply: null }
  return showBook(c, where, { form: again, preview: shown })
}

/** @throws Refusal 403, 409, 429 or 503 */
async function sign(c: Context<HonoEnv>, signing: SigningForm): Promise<Response> {
  const { where, book, made, again, visitor, now } = signing
  await requireSigning(c, book, visitor)
  if (made && made.ageMs > MAX_FORM_AGE_MS) throw formUsed()
  const facts = await learnFacts(c, signing)
  const known_by = await findApproved(c.env, book, await ownEntries(c))
  const entry = await planComment(c.env, { ...signing, facts, known_by, form_id: made?.form_id ?? null })
  if (!entry.ok) return showBook(c, where, { form: { ...again, errors: entry.error }, status: 422 })
  const { comment, message, statements } = entry.value
  try {
    const store = () => refuseIfNull({ 'books.sent_forms': formUsed }, () => batchTogether(c)(statements))
    const results = await withinQuota(c.env, comment, store, now)
    c.executionCtx.waitUntil(wakeListeners(c.env, message, results))
    log('comment.accepted', { id: comment.id, status: comment.status, message_id: message?.id })
    return thank(c, signing, comment, known_by)
  } catch (cause) {
    if (!made || !(cause instanceof Refusal)) throw cause
    // A second click sends the same form once more, and gets the answer of the first one, even if the quota is now used up.
    const first = await findSent(c.env, book.slug, made.form_id)
    const accepted = first && toComment(first, signing.origin)
    if (accepted && sameText(accepted, comment)) return thank(c, signing, accepted, known_by)
    throw cause
  }
}

function sameText(one: CommentOut, other: CommentOut): boolean {
  const textOf = ({ name, website, body, answers, mood, place, is_private }: CommentOut) =>
    JSON.stringify([name, website, body, answers, mood, place, is_private])
  return textOf(one) === textOf(other)
}

/** @param known_by the approved entry that shows that the guest is known */
async function thank(c: Context<HonoEnv>, signing: SigningForm, comment: CommentOut, known_by: string | null) {
  const { where, book, input } = signing
  await rememberEntry(c, comment.id, known_by)
  const target = returnTarget(book, input.return_to)
  // Spam gets the same response as a held entry, so that bots learn nothing. The response is also true for a person who
  // was mistaken for a bot: the owner can approve the entry.
  const waiting = comment.is_private ? 'private' : 'held'
  const outcome = comment.status === 'published' ? 'published' : waiting
  return c.redirect(target ?? outcomePath(where, outcome), 303)
}
