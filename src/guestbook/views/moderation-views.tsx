import { useContext } from '#jsx'
import { SCANNED } from '../../kit/db/sql/scanned'
import { Waiting } from '../../kit/html/contexts/waiting'
import { Dashboard, Empty } from '../../kit/html/dashboard'
import { ActLink, EmptyList, ListStart, NoMatches, Pages } from '../../kit/html/list'
import { Form, Hidden, Submit } from '../../kit/html/parts/form'
import { UserText } from '../../kit/html/user-text'
import { isId } from '../../kit/lib/ids'
import { spanOf } from '../../kit/lib/time'
import type { BookRow } from '../books/book'
import { settingsPath } from '../books/form'
import type { SpamCount } from '../books/quota/store'
import { SEARCH_MAX } from '../moderation/search'
import type { Seen } from '../reading/seen'
import { SPAM_KEPT_MS } from '../rules/entries/decide'
import type { CommentRow } from '../store'
import { CommentCard } from './moderation-card'
import { ACTION_FOR, type Filter, LABELS, pathOf, queryOf, SECTION, STATUS_LABELS, STATUSES } from './moderation-filter'

/** What has just been done to entries. */
export interface Done {
  status: CommentRow['status']
  was: CommentRow['status']
  ids: string[]
  /** How many entries were left as they are. */
  skipped: number
}

interface CommentsProps {
  entries: Seen[]
  books: BookRow[]
  filter: Filter
  next: string | null
  done: Done | null
  /** What the book has counted today, if the list shows spam. */
  spam: SpamCount | null
  deleted: string | undefined
  now: number
}

export function CommentsPage(props: CommentsProps) {
  const { entries, books, filter, next, done, now } = props
  const isQueue = filter.status !== null
  return (
    <Dashboard title="Entries" section={SECTION}>
      <DeletedNotice deleted={props.deleted} />
      {done && <DoneNotice done={done} filter={filter} />}
      <Search filter={filter} />
      <Filters filter={filter} books={books} />
      {props.spam && props.spam.total > 0 && <SpamOfToday spam={props.spam} />}
      <ListStart />
      {entries.length === 0 && <NoEntries filter={filter} hasMore={next !== null} />}
      {isQueue && entries.length > 0 && <Bulk filter={filter} />}
      <p class="hint" data-keys hidden>
        Keys: <kbd>j</kbd> and <kbd>k</kbd> go to the next and the previous entry, <kbd>a</kbd> publishes it,{' '}
        <kbd>h</kbd> hides it, <kbd>s</kbd> marks it as spam, <kbd>r</kbd> opens the reply.
      </p>
      {entries.map((entry) => (
        <CommentCard entry={entry} filter={filter} now={now} />
      ))}
      <Pages next={next} />
    </Dashboard>
  )
}

/** One entry, where a link in a notification leads. */
export function EntryPage({ entry, now }: { entry: Seen; now: number }) {
  const { comment } = entry
  const filter = { status: null, book: comment.book, cursor: null, q: '' }
  return (
    <Dashboard title={`Entry ${comment.number}`} section={SECTION}>
      <CommentCard entry={entry} filter={filter} isAlone now={now} />
      <p>
        <a href={pathOf({ ...filter, status: 'held' })}>All entries that wait</a> · <a href={SECTION}>All entries</a>
      </p>
    </Dashboard>
  )
}

function Search({ filter: { status, book, q } }: { filter: Filter }) {
  return (
    <search>
      <Form class="inline" method="get" action={SECTION}>
        {status !== null && <Hidden fields={{ status, book }} />}
        <input type="search" name="q" aria-label="Search entries" value={q} maxlength={SEARCH_MAX} />
        <Submit label="Search" />
      </Form>
    </search>
  )
}

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

const SPAM: Record<string, string> = { honeypot: 'hidden field', word: 'blocked text', banned: 'banned guest' }

/** All spam is counted, but a part of a flood is not kept: see `COUNT_SPAM`. */
function SpamOfToday({ spam: { total, kept = total, reasons } }: { spam: SpamCount }) {
  const counts = Object.entries(reasons).map(
    ([reason, count]) => `${count.toLocaleString('en')} ${SPAM[reason] ?? reason}`
  )
  return (
    <p class="hint">
      Spam today (UTC): {total.toLocaleString('en')} ({counts.join(', ')}).{' '}
      {total > kept && `${kept} of them are kept, because a flood of spam would fill the database. `}
      Spam is deleted after {spanOf(SPAM_KEPT_MS)}.
    </p>
  )
}

function NoEntries({ filter, hasMore }: { filter: Filter; hasMore: boolean }) {
  if (filter.q !== '' && hasMore)
    return <Empty>No matches in these {SCANNED} entries. Use the link below to search older ones.</Empty>
  if (filter.q !== '') return <NoMatches what="entries" href={pathOf({ ...filter, q: '', cursor: null })} />
  if (filter.status === 'held') return <NoneWaiting book={filter.book} />
  if (filter.status !== null) return <Empty>{NONE[filter.status]}</Empty>
  return (
    <EmptyList title="No entries yet." act={<ActLink href="/#sign">Sign the guestbook</ActLink>}>
      The entries of all your books appear here. You can publish, answer, hide or delete each one.
    </EmptyList>
  )
}

const NONE = {
  published: 'No entries are published in this book. Those that you or the rules publish appear here and on its page.',
  hidden: 'No entries are hidden. A hidden entry is kept, but nobody else can see it.',
  spam: `No spam. Entries that a rule of the book recognizes as spam are kept here for ${spanOf(SPAM_KEPT_MS)}, in case the rule was wrong.`,
}

/** The number in the menu counts the entries of all books. */
function NoneWaiting({ book }: { book: string }) {
  if (useContext(Waiting) > 0)
    return (
      <Empty>
        No entries are waiting for approval in this book. Those that wait are in another book: choose it above.
      </Empty>
    )
  return (
    <EmptyList
      title="No entries are waiting for approval."
      act={<ActLink href={rulesPath(book)}>Choose which entries wait</ActLink>}
    >
      If a book holds new entries for approval, they wait here until you publish them.
    </EmptyList>
  )
}

function rulesPath(book: string): string {
  return `${settingsPath(book)}#moderation`
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

const WORDS = { published: 'published', held: 'held', hidden: 'hidden', spam: 'marked as spam' } as const

function DoneNotice({ done: { status, was, ids, skipped }, filter }: { done: Done; filter: Filter }) {
  return (
    <>
      {ids.length > 0 && (
        <Form class="notice good" role="status" action={SECTION}>
          {ids.length === 1 ? 'One entry was' : `${ids.length} entries were`} {WORDS[status]}.{' '}
          <Hidden fields={{ ids: ids.join(','), was: status, back: queryOf(filter) }} />
          <Submit kind="link" name="action" value={ACTION_FOR[was]} label="Undo" />
        </Form>
      )}
      {skipped > 0 && (
        <p class="notice" role="status">
          {skipped === 1 ? 'One entry was' : `${skipped} entries were`} edited, changed or deleted in the meantime, and
          {skipped === 1 ? ' was' : ' were'} not {WORDS[status]}. Look at the current text, then try again.
        </p>
      )}
    </>
  )
}

/** The actions for all entries that are selected. The checkboxes belong to this form: see `CommentCard`. */
function Bulk({ filter }: { filter: Filter }) {
  return (
    <Form id="bulk" class="inline" action={SECTION}>
      <Hidden fields={{ back: queryOf(filter), was: filter.status ?? '' }} />
      Selected entries:
      {STATUSES.filter((status) => status !== filter.status && status !== 'held').map((status) => (
        <Submit name="action" value={ACTION_FOR[status]} label={LABELS[status]} />
      ))}
    </Form>
  )
}
