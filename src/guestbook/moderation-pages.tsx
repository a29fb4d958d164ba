import { Hono } from 'hono'
import { MAIN_BOOK } from '../books/book'
import { isId } from '../core/lib/ids'
import type { HonoEnv } from '../env'
import { readForm } from '../http/form'
import { publicOrigin } from '../http/origin'
import { readCursor, toPage } from '../http/pagination'
import { Refusal } from '../http/problem'
import { Dashboard, Empty, NextPage, Status } from '../ui/dashboard'
import { renderPage } from '../ui/render'
import { RelativeTime } from '../ui/time'
import { UserText } from '../ui/user-text'
import { changeComment, deleteComment } from './moderation/moderate'
import { type CommentRow, listAll, listOfBook } from './store'

const PAGE_SIZE = 20

/** `/admin/comments`: every entry, with its status. */
export const moderationPages = new Hono<HonoEnv>()

moderationPages.get('/', async (c) => {
  const isHeld = c.req.query('status') === 'held'
  const before = readCursor('cmt', c.req.query('cursor'))
  const rows = isHeld
    ? await listOfBook(c.env, MAIN_BOOK, 'held', before, PAGE_SIZE + 1)
    : await listAll(c.env, before, PAGE_SIZE + 1)
  const { data, next } = toPage(rows, PAGE_SIZE)
  return renderPage(
    c,
    <CommentsPage comments={data} isHeld={isHeld} next={next} deleted={c.req.query('deleted')} now={Date.now()} />
  )
})

moderationPages.post('/:id', async (c) => {
  const id = c.req.param('id')
  const action = (await readForm(c)).get('action')
  const origin = publicOrigin(c)
  const now = Date.now()
  if (action === 'publish') await changeComment(c.env, id, { status: 'published' }, origin, now)
  else if (action === 'hide') await changeComment(c.env, id, { status: 'hidden' }, origin, now)
  else if (action === 'delete') return c.redirect(deletedPath(await deleteComment(c.env, id, origin, now)), 303)
  else throw new Refusal(422, 'invalid_input', 'Choose one action: publish, hide or delete the entry.')
  return c.redirect('/admin/comments', 303)
})

/** @param inbound_id the inbound message that created the deleted entry, or null */
function deletedPath(inbound_id: string | null): string {
  return `/admin/comments?deleted=${inbound_id ?? 'yes'}`
}

function DeletedNotice({ deleted }: { deleted: string | undefined }) {
  if (deleted === undefined) return null
  return (
    <p class="notice" role="status">
      The entry is deleted for good, and so is its text in the events about it.
      {isId('in', deleted) && (
        <>
          {' '}
          A webhook created this entry and still contains the text:{' '}
          <a href={`/admin/inbound/${deleted}`}>open the webhook</a> to delete it as well.
        </>
      )}
    </p>
  )
}

interface CommentsProps {
  comments: CommentRow[]
  isHeld: boolean
  next: string | null
  deleted: string | undefined
  now: number
}

function CommentsPage(props: CommentsProps) {
  const isEmpty = props.comments.length === 0
  const filter = props.isHeld ? '&status=held' : ''
  return (
    <Dashboard title="Entries" section="/admin/comments">
      <DeletedNotice deleted={props.deleted} />
      <p class="filter">
        <a href="/admin/comments" aria-current={props.isHeld ? undefined : 'true'}>
          All
        </a>
        <a href="/admin/comments?status=held" aria-current={props.isHeld ? 'true' : undefined}>
          Waiting for approval
        </a>
      </p>
      {isEmpty && props.isHeld && <Empty>No entries are waiting for approval.</Empty>}
      {isEmpty && !props.isHeld && (
        <Empty>
          No entries yet. Share your guestbook, or <a href="/">sign it yourself</a>.
        </Empty>
      )}
      {props.comments.map((comment) => (
        <CommentCard comment={comment} now={props.now} />
      ))}
      <NextPage href={props.next && `/admin/comments?cursor=${props.next}${filter}`} />
    </Dashboard>
  )
}

const REASONS: Record<string, string> = {
  honeypot: 'the hidden field of the form was filled in',
  word: 'contains a blocked word',
  private: 'the guest wrote it only for you',
  links: 'too many links',
  too_fast: 'the form was sent within three seconds, or without our page',
  repeated: 'the same text was sent before',
  first: 'the first entry of this guest',
  moderation: 'every entry waits',
}

function CommentCard({ comment, now }: { comment: CommentRow; now: number }) {
  const { id, status, reason } = comment
  const isPublished = status === 'published'
  return (
    <article class="card entry">
      <p>
        <Status value={status} /> {reason && <span class="small">({REASONS[reason] ?? reason})</span>}{' '}
        <b>
          <UserText text={comment.name} />
        </b>{' '}
        · No. {comment.number} · <RelativeTime at={comment.created_at} now={now} />
        {comment.inbound_id && (
          <>
            {' '}
            · created by <a href={`/admin/inbound/${comment.inbound_id}`}>a webhook</a>
          </>
        )}
      </p>
      {comment.website && (
        <p class="small url">
          <UserText text={comment.website} />
        </p>
      )}
      <p class="words" dir="auto">
        {comment.body}
      </p>
      <form class="inline" method="post" action={`/admin/comments/${id}`}>
        <button type="submit" name="action" value={isPublished ? 'hide' : 'publish'}>
          {isPublished ? 'Hide' : 'Publish'}
        </button>
        <details>
          <summary>Delete…</summary>
          <button class="danger" type="submit" name="action" value="delete">
            Delete permanently
          </button>
        </details>
      </form>
    </article>
  )
}
