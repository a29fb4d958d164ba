import type { BookRow } from '../../books/book'
import type { Answer } from '../../core/guestbook/answers'
import { isId } from '../../core/lib/ids'
import { Dashboard, Empty, NextPage, Status } from '../../ui/dashboard'
import { RelativeTime } from '../../ui/time'
import { UserText } from '../../ui/user-text'
import type { CommentRow } from '../store'

/** Which entries are listed. Without a status, the entries of all books. */
export interface Filter {
  status: CommentRow['status'] | null
  book: string
  cursor: string | null
}

/** What has just been done to entries. */
export interface Done {
  status: CommentRow['status']
  was: CommentRow['status']
  ids: string[]
}

const SECTION = '/admin/comments' as const

export function pathOf({ status, book, cursor }: Filter, more: Record<string, string> = {}): string {
  const query = queryOf({ status, book, cursor }, more)
  return query === '' ? SECTION : `${SECTION}?${query}`
}

function queryOf({ status, book, cursor }: Filter, more: Record<string, string> = {}): string {
  const filter = status === null ? {} : { status, book }
  return new URLSearchParams({ ...filter, ...(cursor !== null && { cursor }), ...more }).toString()
}

interface CommentsProps {
  comments: CommentRow[]
  books: BookRow[]
  filter: Filter
  next: string | null
  done: Done | null
  deleted: string | undefined
  now: number
}

export function CommentsPage(props: CommentsProps) {
  const { comments, books, filter, next, done, now } = props
  const isQueue = filter.status !== null
  return (
    <Dashboard title="Entries" section={SECTION}>
      <DeletedNotice deleted={props.deleted} />
      {done && <DoneNotice done={done} filter={filter} />}
      <Filters filter={filter} books={books} />
      {comments.length === 0 && <NoEntries filter={filter} />}
      {isQueue && comments.length > 0 && <Bulk filter={filter} />}
      <p class="hint" data-keys hidden>
        Keys: <kbd>j</kbd> and <kbd>k</kbd> go to the next and the previous entry, <kbd>a</kbd> publishes it,{' '}
        <kbd>h</kbd> hides it, <kbd>s</kbd> marks it as spam, <kbd>r</kbd> opens the reply.
      </p>
      {comments.map((comment) => (
        <CommentCard comment={comment} filter={filter} now={now} />
      ))}
      <NextPage href={next && pathOf({ ...filter, cursor: next })} />
    </Dashboard>
  )
}

const STATUS_LABELS = { held: 'Waiting', published: 'Published', hidden: 'Hidden', spam: 'Spam' } as const
const STATUSES = Object.keys(STATUS_LABELS) as (keyof typeof STATUS_LABELS)[]

function Filters({ filter, books }: { filter: Filter; books: BookRow[] }) {
  const first = { cursor: null }
  return (
    <>
      <p class="filter">
        <a href={SECTION} aria-current={filter.status === null ? 'true' : undefined}>
          All
        </a>
        {STATUSES.map((status) => (
          <a
            href={pathOf({ ...filter, ...first, status })}
            aria-current={status === filter.status ? 'true' : undefined}
          >
            {STATUS_LABELS[status]}
          </a>
        ))}
      </p>
      {filter.status !== null && books.length > 1 && (
        <p class="filter">
          {books.map(({ slug, title }) => (
            <a
              href={pathOf({ ...filter, ...first, book: slug })}
              aria-current={slug === filter.book ? 'true' : undefined}
            >
              <UserText text={title} />
            </a>
          ))}
        </p>
      )}
    </>
  )
}

function NoEntries({ filter }: { filter: Filter }) {
  if (filter.status === 'held') return <Empty>No entries are waiting for approval.</Empty>
  if (filter.status !== null) return <Empty>No entries here.</Empty>
  return (
    <Empty>
      No entries yet. Share your guestbook, or <a href="/">sign it yourself</a>.
    </Empty>
  )
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

const ACTION_FOR = { published: 'publish', held: 'hold', hidden: 'hide', spam: 'spam' } as const
const WORDS = { published: 'published', held: 'held', hidden: 'hidden', spam: 'marked as spam' } as const

function DoneNotice({ done: { status, was, ids }, filter }: { done: Done; filter: Filter }) {
  return (
    <form class="notice good" role="status" method="post" action={SECTION}>
      {ids.length === 1 ? 'One entry was' : `${ids.length} entries were`} {WORDS[status]}.{' '}
      <input type="hidden" name="ids" value={ids.join(',')} />
      <input type="hidden" name="was" value={status} />
      <input type="hidden" name="back" value={queryOf(filter)} />
      <button class="link" type="submit" name="action" value={ACTION_FOR[was]}>
        Undo
      </button>
    </form>
  )
}

/** The actions for all entries that are selected. The checkboxes belong to this form: see `CommentCard`. */
function Bulk({ filter }: { filter: Filter }) {
  return (
    <form id="bulk" class="inline" method="post" action={SECTION}>
      <input type="hidden" name="back" value={queryOf(filter)} />
      <input type="hidden" name="was" value={filter.status ?? ''} />
      Selected entries:
      {STATUSES.filter((status) => status !== filter.status && status !== 'held').map((status) => (
        <button type="submit" name="action" value={ACTION_FOR[status]}>
          {LABELS[status]}
        </button>
      ))}
    </form>
  )
}

const LABELS = { published: 'Publish', held: 'Hold', hidden: 'Hide', spam: 'Spam' } as const

/** Why an entry was held up, and what the owner can do about it. */
const REASONS: Record<string, string> = {
  honeypot: 'the hidden field of the form was filled in',
  word: 'contains one of the blocked texts of the book',
  private: 'the guest wrote it only for you',
  links: 'more links than the book allows',
  too_fast: 'the form was sent within three seconds, or its time was forged',
  repeated: 'the same text was sent within the last hour',
  first: 'the first entry of this guest',
  moderation: 'every entry waits in this book',
}

function CommentCard({ comment, filter, now }: { comment: CommentRow; filter: Filter; now: number }) {
  const { id, book, reason, number } = comment
  return (
    <article class="card entry" id={id} data-entry tabindex={-1}>
      <p>
        {filter.status !== null && (
          <input type="checkbox" form="bulk" name="ids" value={id} aria-label={`Select entry ${number}`} />
        )}{' '}
        <Status value={comment.status} /> {reason && <span class="small">({REASONS[reason] ?? reason})</span>}{' '}
        <b>
          <UserText text={comment.name} />
        </b>{' '}
        · No. {number} in <a href={`/admin/books/${book}`}>{book}</a> ·{' '}
        <RelativeTime at={comment.created_at} now={now} />
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
      <Answers answers={JSON.parse(comment.answers)} />
      <Actions comment={comment} filter={filter} />
      <Reply comment={comment} filter={filter} />
    </article>
  )
}

function Answers({ answers }: { answers: Answer[] }) {
  return (
    <>
      {answers.map(({ question, answer }) => (
        <p class="small">
          <UserText text={question} /> <UserText text={answer} />
        </p>
      ))}
    </>
  )
}

function Actions({ comment: { id, status, is_private }, filter }: { comment: CommentRow; filter: Filter }) {
  const possible = STATUSES.filter((one) => one !== status && one !== 'held' && (one !== 'published' || !is_private))
  return (
    <form class="inline" method="post" action={`${SECTION}/${id}`}>
      <input type="hidden" name="back" value={queryOf(filter)} />
      <input type="hidden" name="was" value={status} />
      {possible.map((one) => (
        <button type="submit" name="action" value={ACTION_FOR[one]} data-key={KEYS[one]}>
          {LABELS[one]}
        </button>
      ))}
      <details>
        <summary>Delete…</summary>
        <button class="danger" type="submit" name="action" value="delete">
          Delete permanently
        </button>
      </details>
    </form>
  )
}

/** The keys for actions, in public/dashboard.js. */
const KEYS = { published: 'a', hidden: 'h', spam: 's', held: undefined } as const

function Reply({ comment: { id, reply }, filter }: { comment: CommentRow; filter: Filter }) {
  return (
    <details class="reply">
      <summary data-key="r">{reply === null ? 'Reply…' : 'Your reply'}</summary>
      <form method="post" action={`${SECTION}/${id}/reply`}>
        <input type="hidden" name="back" value={queryOf(filter)} />
        <textarea name="reply" rows={3} aria-label="Your reply">{`\n${reply ?? ''}`}</textarea>
        <button type="submit">Save the reply</button>
        <p class="hint">An empty reply removes it.</p>
      </form>
    </details>
  )
}
