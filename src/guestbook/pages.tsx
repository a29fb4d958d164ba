import { type Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { isId } from '../core/lib/ids'
import { batchTogether } from '../db/batch'
import type { HonoEnv } from '../env'
import { publicOrigin } from '../http/origin'
import { toPage } from '../http/pagination'
import { notFound, Refusal, tooMany } from '../http/problem'
import { withinLimit } from '../http/rate-limit'
import { requireStorage } from '../http/storage-limit'
import { identifyVisitor, type Visitor } from '../http/visitor'
import { log } from '../log'
import { wakeListeners } from '../outbound/publish/publish'
import { renderPage } from '../ui/render'
import { loadBook, rememberBook } from './book'
import { withinQuota } from './quota'
import { planComment, type Signing } from './sign-book'
import { readSignForm } from './sign-form'
import { findComment, readBookPage } from './store'
import { CommentPage, EMPTY_FORM, type FormState, GuestbookPage, type Signed } from './views'

const PAGE_SIZE = 20

/** `/`, `/sign` and permalinks. */
export const guestbookPages = new Hono<HonoEnv>()

guestbookPages.get('/', async (c) => {
  const { before, signed } = c.req.query()
  if (before !== undefined && !isId('cmt', before)) {
    const detail = 'That page does not exist. Start at the first page and follow "Older entries".'
    throw new Refusal(400, 'bad_cursor', detail)
  }
  return showBook(c, { before, signed: signed === 'published' || signed === 'held' ? signed : null })
})

interface BookView {
  /** The id of an entry. The page shows entries that are older than this one. */
  before?: string | undefined
  signed?: Signed | null
  form?: Partial<FormState>
  status?: ContentfulStatusCode
  headers?: Record<string, string>
}

async function showBook(c: Context<HonoEnv>, view: BookView) {
  const { before, signed = null, form = {}, status = 200, headers = {} } = view
  const { book, comments } = await readBookPage(c.env, before, PAGE_SIZE + 1)
  const { data, next } = toPage(comments, PAGE_SIZE)
  const page = (
    <GuestbookPage
      book={rememberBook(c.env, book, Date.now())}
      count={book.comment_count}
      comments={data}
      older={next}
      isFirstPage={before === undefined}
      form={{ ...EMPTY_FORM, ...form }}
      signed={signed}
    />
  )
  return renderPage(c, page, status, { 'Cache-Control': 'no-cache', ...headers })
}

/** A refused form is shown again as it was submitted, so that guests never lose what they typed. */
guestbookPages.post('/sign', async (c) => {
  const now = Date.now()
  const sent = await readSignForm(c)
  if (!sent.ok) return showBook(c, { form: { notice: sent.error.notice }, status: sent.error.status })
  const { fields, suspicious } = sent.value
  // Read at the same time, because a new isolate has to read both.
  const [visitor] = await Promise.all([identifyVisitor(c, now), loadBook(c.env, now)])
  try {
    return await sign(c, { input: fields, visitor, suspicious, origin: publicOrigin(c), now })
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause
    const { detail, headers, status } = cause
    return showBook(c, { form: { fields, notice: detail }, status, headers })
  }
})

const TOO_FAST = 'That is a lot of entries in one minute! Your text is still here: wait a minute, then sign again.'
const FULL = 'The guestbook is full at the moment. Your text is still here: keep it, and sign again later.'

type SigningForm = Signing & { input: FormState['fields']; visitor: Visitor }

/** @throws Refusal 429 or 503 */
async function sign(c: Context<HonoEnv>, signing: SigningForm): Promise<Response> {
  const { visitor, now } = signing
  if (!(await withinLimit(c.env.SIGN_LIMIT, visitor.key))) throw tooMany(TOO_FAST)
  requireStorage(c.env, FULL)
  const entry = await planComment(c.env, signing)
  if (!entry.ok) return showBook(c, { form: { fields: signing.input, errors: entry.error }, status: 422 })
  const { comment, message, statements } = entry.value
  const results = await withinQuota(() => batchTogether(c)(statements), now)
  c.executionCtx.waitUntil(wakeListeners(c.env, message, results))
  log('comment.accepted', { id: comment.id, status: comment.status, message_id: message?.id })
  // Spam gets the same response as a held entry, so that bots learn nothing. The response is also true for a person who
  // was mistaken for a bot: the owner can approve the entry.
  return c.redirect(`/?signed=${comment.status === 'published' ? 'published' : 'held'}#thanks`, 303)
}

guestbookPages.get('/comments/:id', async (c) => {
  const comment = await findComment(c.env, c.req.param('id'))
  if (comment?.status !== 'published') throw notFound('entry')
  const book = await loadBook(c.env, Date.now())
  return renderPage(c, <CommentPage book={book} comment={comment} />, 200, { 'Cache-Control': 'no-cache' })
})
