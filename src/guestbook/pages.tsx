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
import { needsDispatch } from '../outbound/publish/publish'
import { wakeDispatch } from '../queue/send'
import { renderPage } from '../ui/render'
import { loadBook, rememberBook } from './book'
import { planComment } from './sign-book'
import { readSignForm } from './sign-form'
import { findComment, readBookPage } from './store'
import { CommentPage, EMPTY_FORM, type FormState, GuestbookPage } from './views'

const PAGE_SIZE = 20

/** `/`, `/sign` and permalinks: the guestbook as people see it. */
export const guestbookPages = new Hono<HonoEnv>()

guestbookPages.get('/', async (c) => {
  const before = c.req.query('before')
  if (before !== undefined && !isId('cmt', before)) {
    throw new Refusal(
      400,
      'bad_cursor',
      'That page does not exist. Follow "Older entries" from the first one.'
    )
  }
  return showBook(c, before, EMPTY_FORM, readSigned(c.req.query('signed')))
})

function readSigned(signed: string | undefined): 'published' | 'held' | null {
  return signed === 'published' || signed === 'held' ? signed : null
}

async function showBook(
  c: Context<HonoEnv>,
  before: string | undefined,
  form: FormState,
  signed: 'published' | 'held' | null,
  status: 200 | 413 | 415 | 422 | 429 = 200
): Promise<Response> {
  const page = await readBookPage(c.env, before, PAGE_SIZE + 1, batchTogether(c, 'read'))
  const { data, next } = toPage(page.comments, PAGE_SIZE, (row) => row.id)
  const view = (
    <GuestbookPage
      book={rememberBook(c.env, page.book, Date.now())}
      count={page.book.comment_count}
      comments={data}
      older={next}
      isFirstPage={before === undefined}
      form={form}
      signed={signed}
    />
  )
  const headers: Record<string, string> = { 'Cache-Control': 'no-cache' }
  if (status === 429) headers['Retry-After'] = '60'
  return renderPage(c, view, status, headers)
}

/** Signing never costs a guest what they typed: every refusal is the same page with the form as it was. */
guestbookPages.post('/sign', async (c) => {
  const now = Date.now()
  const form = await readSignForm(c)
  if (!form.ok) {
    return showBook(
      c,
      undefined,
      { ...EMPTY_FORM, notice: form.error.detail },
      null,
      form.error.status
    )
  }
  const { typed, suspicious } = form.value
  const visitor = await identifyVisitor(c, now)
  if (!(await withinLimit(c.env.SIGN_LIMIT, visitor.key))) {
    const notice =
      'That is a lot of entries for one minute. Nothing is lost: wait a minute, then sign again.'
    return showBook(c, undefined, { typed, errors: [], notice }, null, 429)
  }
  const origin = publicOrigin(c)
  const entry = await planComment(c.env, { input: typed, visitor, suspicious, origin, now })
  if (!entry.ok)
    return showBook(c, undefined, { typed, errors: entry.error, notice: null }, null, 422)
  const { comment, message, statements } = entry.value
  const results = await batchTogether(c, 'write')(statements)
  if (message && needsDispatch(results)) c.executionCtx.waitUntil(wakeDispatch(c.env, [message]))
  log('comment.accepted', { id: comment.id, status: comment.status, message_id: message?.id })
  // Spam is told what is held: a bot learns nothing, and a person caught by mistake hears the truth that counts.
  return comment.status === 'published'
    ? c.redirect('/?signed=published#thanks', 303)
    : c.redirect('/?signed=held#thanks', 303)
})

guestbookPages.get('/comments/:id', async (c) => {
  const comment = await findComment(c.env, c.req.param('id'))
  if (comment?.status !== 'published') throw notFound('entry')
  const book = await loadBook(c.env, Date.now())
  return renderPage(c, <CommentPage book={book} comment={comment} />, 200, {
    'Cache-Control': 'no-cache',
  })
})
