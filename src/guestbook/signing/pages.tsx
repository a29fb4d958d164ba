import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { laterIn } from '../../kit/context'
import { noteDailyLimit } from '../../kit/db/daily-limit'
import { freshId } from '../../kit/db/ids'
import { batchTogether } from '../../kit/db/shared-batch'
import { first } from '../../kit/db/statements'
import { expectRefusal } from '../../kit/http/form'
import { publicOrigin } from '../../kit/http/origin'
import { Refusal, refuseIfNull } from '../../kit/http/problem'
import { identifyVisitor, type Visitor } from '../../kit/http/visitor'
import { type Book, MAIN_BOOK } from '../books/book'
import { requireBook } from '../books/cache'
import { ownLocation } from '../reading/book-views'
import type { ShownEntry } from '../reading/entry-views'
import type { BookLocation } from '../reading/location'
import { outcomePath } from '../reading/pages'
import { languageOf, showBook } from '../reading/render-book'
import { statusForAuthor } from '../rules/entries/statuses'
import type { Translator } from '../rules/languages/index'
import { type CommentRow, extraOf } from '../store'
import { findDroppedOf } from './dropped-spam'
import { FIND_SENT, formUsed, MAX_FORM_AGE_MS, nextStamp, readStamp } from './form-stamp'
import { ownEntries, rememberEntry } from './guest'
import { readEntry } from './judge'
import { noticeOfRefusal } from './notices'
import { requireLook, requireOpenBook } from './require-signing'
import { type EntryDraft, sign } from './sign'
import { type Fields, type FormRefusal, readFields, readSignForm, returnTarget } from './sign-form'

/** `/sign` for the main book, and `/b/{slug}/sign` for the others. */
export const signPages = new Hono<HonoEnv>()

signPages.on('POST', ['/sign', '/b/:slug/sign'], (c) => signAt(c, ownLocation(c.req.param('slug') ?? MAIN_BOOK)))

/** What a guest has sent with a form, and where. */
interface PageDraft extends EntryDraft {
  where: BookLocation
  input: Fields
  form: NonNullable<EntryDraft['form']>
  /** How the form is shown again. */
  again: { fields: Fields; stamp: string }
  translate: Translator
  visitor: Visitor
}

/** Signs a book, or shows a preview. A refused form is shown as it was sent: nothing is lost. @throws Refusal 404 */
export async function signAt(c: Context<HonoEnv>, where: BookLocation): Promise<Response> {
  const sent = await readSignForm(c)
  if (!sent.ok) return refuseUnread(c, where, sent.error)
  const now = c.get('now')
  const { data, action, stamp } = sent.value
  const made = await readStamp(c.env, where.slug, stamp, now)
  const form = { ...sent.value, made }
  const isOld = made !== null && made.ageMs > MAX_FORM_AGE_MS
  // A form that is shown again keeps its stamp, because its guest has had it for a while.
  const kept = isOld ? await nextStamp(c.env, where.slug, made, now) : made ? stamp : ''
  const againIn = ({ questions }: Book) => ({ fields: readFields(data, questions), stamp: kept })
  try {
    // Read at the same time, because a new isolate has to read both.
    const [visitor, book] = await Promise.all([identifyVisitor(c), requireBook(c.env, where.slug, now)])
    const [again, translate] = [againIn(book), await languageOf(c, book)]
    const proof = { entries: () => ownEntries(c) }
    const about = { where, form, again, book, translate, visitor, proof, input: again.fields }
    const draft: PageDraft = { ...about, door: 'page', origin: publicOrigin(c), now, clock: c.get('clock') }
    return action === 'preview' ? await preview(c, draft) : await signOnPage(c, draft)
  } catch (cause) {
    noteDailyLimit(c.env, cause, now)
    const refusal = expectRefusal(cause)
    const { code, headers, status } = refusal
    const book = await requireBook(c.env, where.slug, now)
    const notice = noticeOfRefusal(refusal, await languageOf(c, book))
    const isUsed = code === 'form_used' && made !== null
    const next = isUsed && { stamp: await nextStamp(c.env, where.slug, made, now) }
    const form = { ...againIn(book), ...next, notice }
    return showBook(c, where, { form, status, headers, ...(code === 'too_many_requests' && { isForm: true }) })
  }
}

/** Nothing of the form could be read. */
async function refuseUnread(c: Context<HonoEnv>, where: BookLocation, { notice, status }: FormRefusal) {
  const book = await requireBook(c.env, where.slug, c.get('now'))
  await requireLook(c.env, await identifyVisitor(c))
  return showBook(c, where, { form: { notice: (await languageOf(c, book)).text(notice) }, status })
}

/** Shows the entry as it would look, above the form with everything that was typed. */
async function preview(c: Context<HonoEnv>, draft: PageDraft): Promise<Response> {
  const { where, book, again, visitor, now } = draft
  requireOpenBook(book)
  await requireLook(c.env, visitor)
  const entry = readEntry(draft)
  if (!entry.ok) return showBook(c, where, { form: { ...again, errors: entry.error }, status: 422 })
  const times = { created_at: now, edited_at: null, edited_by: null }
  const shown: ShownEntry = { ...entry.value, ...times, id: freshId('cmt', now), number: 0, reply: null }
  return showBook(c, where, { form: again, preview: shown })
}

/** @throws Refusal 403, 409, 429 or 503 */
async function signOnPage(c: Context<HonoEnv>, draft: PageDraft): Promise<Response> {
  const { where, again, form } = draft
  try {
    const signed = await sign(
      c.env,
      draft,
      async ({ statements }) => {
        if (form.made && findDroppedOf(c.env, form.made.form_id)) throw formUsed()
        return { results: await refuseIfNull({ 'books.sent_forms': formUsed }, () => batchTogether(c)(statements)) }
      },
      laterIn(c)
    )
    if (!signed.ok) return showBook(c, where, { form: { ...again, errors: signed.error }, status: 422 })
    return thank(c, draft, signed.value.row)
  } catch (cause) {
    const isAgain = cause instanceof Refusal && AFTER_THE_FIRST.includes(cause.code)
    const first = isAgain ? await findFirst(c.env, draft) : null
    if (first) return thank(c, draft, first)
    throw cause
  }
}

/** How the second click on a form is refused: the form was sent, or the first click has used up a limit. */
const AFTER_THE_FIRST = ['form_used', 'daily_quota', 'too_many_requests']

type Stored = Pick<CommentRow, 'name' | 'website' | 'body' | 'answers' | 'extra' | 'is_private' | 'pre' | 'drawing'>

/** A double click sends the form twice, and each gets the answer of the first. @returns the entry of the first click */
async function findFirst(env: Env, draft: PageDraft): Promise<CommentRow | null> {
  const { made } = draft.form
  const sent = made && (await findSent(env, draft.book.slug, made.form_id))
  const entry = readEntry(draft)
  if (!sent || !entry.ok) return null
  const is_private = Number(draft.input.is_private)
  return textOf(sent) === textOf({ ...entry.value, is_private }) ? sent : null
}

async function findSent(env: Env, book: string, form_id: string): Promise<CommentRow | null> {
  return findDroppedOf(env, form_id) ?? (await first(FIND_SENT(env, { book, form_id })))
}

function textOf({ name, website, body, answers, is_private, pre, drawing, ...row }: Stored): string {
  const { mood, place } = extraOf(row)
  return JSON.stringify([name, website, body, answers, mood, place, is_private, pre, drawing])
}

type Signed = Pick<CommentRow, 'id' | 'status' | 'is_private' | 'known_by'>

async function thank(c: Context<HonoEnv>, { where, book, input }: PageDraft, entry: Signed): Promise<Response> {
  // A form of another site comes without the cookie, so its entry would replace those that the cookie names.
  const isForeign = c.req.header('Sec-Fetch-Site') === 'cross-site'
  if (!isForeign) await rememberEntry(c, entry.id, entry.known_by)
  const target = returnTarget(book, input.return_to)
  const waiting = entry.is_private ? 'private' : 'held'
  const outcome = statusForAuthor(entry) === 'published' ? 'published' : waiting
  return c.redirect(target ?? outcomePath(where, outcome, isForeign ? entry.id : undefined), 303)
}
