import { Hono } from 'hono'
import type { HonoEnv } from '../env'
import { readForm } from '../http/form'
import { publicOrigin } from '../http/origin'
import { readCursor, toPage } from '../http/pagination'
import { Refusal } from '../http/problem'
import { Dashboard, Empty, NextPage, Status } from '../ui/dashboard'
import { renderPage } from '../ui/render'
import { RelativeTime } from '../ui/time'
import { changeComment, deleteComment } from './moderate'
import { type CommentRow, listAll, listHeld } from './store'

const PAGE_SIZE = 20

/** `/admin/comments`: every entry, and whether it is on the page. */
export const moderationPages = new Hono<HonoEnv>()

moderationPages.get('/', async (c) => {
  const held = c.req.query('status') === 'held'
  const list = held ? listHeld : listAll
  const rows = await list(c.env, readCursor('cmt', c.req.query('cursor')), PAGE_SIZE + 1)
  const { data, next } = toPage(rows, PAGE_SIZE, (row) => row.id)
  return renderPage(c, <CommentsPage comments={data} held={held} next={next} now={Date.now()} />)
})

moderationPages.post('/:id', async (c) => {
  const id = c.req.param('id')
  const action = (await readForm(c)).get('action')
  const now = Date.now()
  if (action === 'publish')
    await changeComment(c.env, id, { status: 'published' }, publicOrigin(c), now)
  else if (action === 'hide')
    await changeComment(c.env, id, { status: 'hidden' }, publicOrigin(c), now)
  else if (action === 'delete') await deleteComment(c.env, id, publicOrigin(c), now)
  else throw new Refusal(422, 'invalid_input', 'An entry can be published, hidden or deleted.')
  return c.redirect('/admin/comments', 303)
})

function CommentsPage(props: {
  comments: CommentRow[]
  held: boolean
  next: string | null
  now: number
}) {
  const filter = props.held ? '&status=held' : ''
  return (
    <Dashboard title="Entries" section="/admin/comments">
      <p class="filter">
        <a href="/admin/comments" aria-current={props.held ? undefined : 'true'}>
          all
        </a>
        <a href="/admin/comments?status=held" aria-current={props.held ? 'true' : undefined}>
          waiting for you
        </a>
      </p>
      {props.comments.length === 0 && (
        <Empty>{props.held ? 'Nothing waits for you.' : 'Nobody has signed yet.'}</Empty>
      )}
      {props.comments.map((comment) => (
        <CommentCard comment={comment} now={props.now} />
      ))}
      <NextPage href={props.next && `/admin/comments?cursor=${props.next}${filter}`} />
    </Dashboard>
  )
}

function CommentCard({ comment, now }: { comment: CommentRow; now: number }) {
  const published = comment.status === 'published'
  return (
    <article class="card entry">
      <p>
        <Status value={comment.status} />{' '}
        {comment.reason && <span class="small">({comment.reason})</span>}{' '}
        <b>
          <bdi>{comment.name}</bdi>
        </b>{' '}
        · No. {comment.number} · <RelativeTime at={comment.created_at} now={now} />
      </p>
      {comment.website && <p class="small url">{comment.website}</p>}
      <p class="words" dir="auto">
        {comment.body}
      </p>
      <form class="inline" method="post" action={`/admin/comments/${comment.id}`}>
        <button type="submit" name="action" value={published ? 'hide' : 'publish'}>
          {published ? 'Hide' : 'Publish'}
        </button>
        <details>
          <summary>Delete…</summary>
          <button class="danger" type="submit" name="action" value="delete">
            Delete for good
          </button>
        </details>
      </form>
    </article>
  )
}
