import { type Context, Hono } from 'hono'
import { isId } from '../core/lib/ids'
import { batchTogether } from '../db/batch'
import type { HonoEnv } from '../env'
import { publicOrigin } from '../http/origin'
import { toPage } from '../http/pagination'
import { notFound, Refusal } from '../http/problem'
import { withinLimit } from '../http/rate-limit'
import { identifyVisitor } from '../http/visitor'
import { log } from '../log'
import { wakeListeners } from '../outbound/publish/publish'
import { renderPage } from '../ui/render'
import { loadBook, rememberBook } from './book'
import { planComment } from './sign-book'
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
  status?: 200 | 413 | 415 | 422 | 429
}

async function showBook(c: Context<HonoEnv>, { before, signed = null, form = {}, status = 200 }: BookView) {
  const { book, comments } = await readBookPage(c.env, before, PAGE_SIZE + 1)
  const { data, next } = toPage(comments, PAGE_SIZE)
  const view = (
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
  const headers: Record<string, string> = { 'Cache-Control': 'no-cache' }
  if (status === 429) headers['Retry-After'] = '60'
  return renderPage(c, view, status, headers)
}

/** A refused form is shown again as it was submitted, so that guests never lose what they typed. */
guestbookPages.post('/sign', async (c) => {
  const now = Date.now()
  const sent = await readSignForm(c)
  if (!sent.ok) return showBook(c, { form: { notice: sent.error.notice }, status: sent.error.status })
  const { fields, suspicious } = sent.value
  // Read at the same time, because a new isolate has to read both.
  const [visitor] = await Promise.all([identifyVisitor(c, now), loadBook(c.env, now)])
  if (!(await withinLimit(c.env.SIGN_LIMIT, visitor.key))) {
    const notice = 'That is a lot of entries in one minute! Your text is still here: wait a minute, then sign again.'
    return showBook(c, { form: { fields, notice }, status: 429 })
  }
  const entry = await planComment(c.env, { input: fields, visitor, suspicious, origin: publicOrigin(c), now })
  if (!entry.ok) return showBook(c, { form: { fields, errors: entry.error }, status: 422 })
  const { comment, message, statements } = entry.value
  const results = await batchTogether(c)(statements)
  c.executionCtx.waitUntil(wakeListeners(c.env, message, results))
  log('comment.accepted', { id: comment.id, status: comment.status, message_id: message?.id })
  // Spam gets the same response as a held entry, so that bots learn nothing. The response is also true for a person who
  // was mistaken for a bot: the owner can approve the entry.
  return c.redirect(`/?signed=${comment.status === 'published' ? 'published' : 'held'}#thanks`, 303)
})

guestbookPages.get('/comments/:id', async (c) => {
  const comment = await findComment(c.env, c.req.param('id'))
  if (comment?.status !== 'published') throw notFound('entry')
  const book = await loadBook(c.env, Date.now())
  return renderPage(c, <CommentPage book={book} comment={comment} />, 200, { 'Cache-Control': 'no-cache' })
})
