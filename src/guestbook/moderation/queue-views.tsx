import { useContext } from '#jsx'
import { MAX_WAITING, Waiting } from '../../kit/html/contexts/waiting'
import { Dashboard } from '../../kit/html/dashboard'
import { ListStart, Pages } from '../../kit/html/list'
import { Section } from '../../kit/html/parts/card'
import { Select } from '../../kit/html/parts/fields'
import { Form, Hidden, Submit } from '../../kit/html/parts/form'
import { DASHBOARD } from '../../kit/lib/paths'
import { isolated } from '../../kit/lib/text/bidi'
import { MessageTable } from '../../webhooks/send/messages/views'
import type { BookRow } from '../books/book'
import type { SpamCount } from '../books/quota/store'
import type { Seen } from '../reading/entry-context'
import type { CommentRow } from '../store'
import type { EventsOf } from './events-of'
import { CommentCard } from './queue-card'
import {
  ACTION_FOR,
  FILTERED_STATUSES,
  type Filter,
  isQueue,
  LABELS,
  pathOf,
  queryOfFilter,
  STATUS_LABELS,
} from './queue-filter'
import { BannedNotice, DeletedNotice, type Done, DoneNotice, NoEntries, SpamOfToday, TimesShown } from './queue-notices'
import { SEARCH_MAX } from './search'

interface CommentsProps {
  entries: Seen[]
  books: BookRow[]
  filter: Filter
  /** How many entries have each status; at most MAX_WAITING are counted, except of those that are published. */
  counts: Partial<Record<CommentRow['status'], number>>
  next: string | null
  done: Done | null
  /** What has been counted today, if the list shows spam. */
  spam: SpamCount | null
  query: Record<string, string>
  now: number
}

export function CommentsPage(props: CommentsProps) {
  const { entries, books, filter, next, done, query, now } = props
  const { status, book } = filter
  const isSelected = query.select === 'all'
  return (
    <Dashboard title="Entries" section={DASHBOARD.entries} script={QUEUE_SCRIPT} stylesheet="/queue.css">
      <DeletedNotice deleted={query.deleted} />
      {query.banned !== undefined && <BannedNotice />}
      <Tabs {...props} />
      {props.spam && props.spam.total > 0 && <SpamOfToday spam={props.spam} />}
      <ListStart />
      {filter.times && <TimesShown filter={filter} />}
      {entries.length === 0 && <NoEntries filter={filter} next={next} />}
      {entries.length > 0 && <Bulk filter={filter} isSelected={isSelected} />}
      <h2 class="sr">{status === null ? 'All entries' : STATUS_LABELS[status]}</h2>
      <div class="queue" data-status={status ?? undefined}>
        {entries.map((entry, i) => (
          <CommentCard
            {...{ entry, filter, isSelected, now }}
            showsBook={book === null && books.length > 1}
            next={(entries[i + 1] ?? entries[i - 1])?.comment.id}
          />
        ))}
      </div>
      {isQueue(filter) && <NothingLeft filter={filter} next={next} />}
      <Pages next={next} isOldestFirst={filter.isOldestFirst} />
      {done && <DoneNotice done={done} filter={filter} />}
    </Dashboard>
  )
}

const QUEUE_SCRIPT = '/queue.js'

/** On the page of an entry, the types of the events say enough. */
const NO_TITLES = new Map<string, string>()

/** One entry, where a link in a notification leads. */
export function EntryPage({ entry, events, now }: { entry: Seen; events: EventsOf; now: number }) {
  const { comment } = entry
  const filter = { status: null, book: null, cursor: null, q: '' }
  return (
    <Dashboard title={`Entry by ${isolated(comment.name)}`} section={DASHBOARD.entries} stylesheet="/queue.css">
      <h2 class="sr">What it says</h2>
      <CommentCard entry={entry} filter={filter} isAlone showsBook now={now} />
      {events.messages.length > 0 && (
        <Section id="webhooks" title="Events about this entry">
          <MessageTable {...events} titles={NO_TITLES} now={now} />
          {events.hasMore && (
            <p>
              <a href={`${DASHBOARD.messages}?q=${comment.id}`}>All events about this entry</a>
            </p>
          )}
        </Section>
      )}
    </Dashboard>
  )
}

/** The statuses with their counts, and the filter, in one line. */
function Tabs({ filter, books, counts }: CommentsProps) {
  const waiting = useContext(Waiting)
  const shown = filter.book === null ? { ...counts, held: waiting } : counts
  return (
    <div class="queue-head">
      <nav class="filter" aria-label="Status">
        {FILTERED_STATUSES.map((status) => (
          <Tab filter={filter} status={status} label={STATUS_LABELS[status]} count={shown[status] ?? 0} />
        ))}
        <Tab filter={filter} status={null} label="All" />
      </nav>
      <Search filter={filter} books={books} />
    </div>
  )
}

type TabProps = { filter: Filter; status: Filter['status']; label: string; count?: number }

/** Without a number, the stylesheet shows no badge. */
function Tab({ filter, status, label, count }: TabProps) {
  const shown =
    status !== 'published' && count === MAX_WAITING ? `${MAX_WAITING - 1}+` : (count || '').toLocaleString('en')
  return (
    <a href={pathOf({ ...filter, cursor: null, status })} aria-current={status === filter.status ? 'true' : undefined}>
      {label} <span data-count={status}>{shown}</span>
    </a>
  )
}

function Search({ filter, books }: Pick<CommentsProps, 'filter' | 'books'>) {
  const { status, book, q, isOldestFirst, times } = filter
  const choices: [string, string][] = books.map(({ slug, title }) => [slug, isolated(title)])
  return (
    <search>
      <Form class="inline" method="get" action={DASHBOARD.entries}>
        <Hidden fields={{ status: status ?? 'all', ...times }} />
        {books.length > 1 && (
          <Select name="book" label="Book" choices={[['', 'All books'], ...choices]} value={book ?? ''} />
        )}
        <input
          type="search"
          name="q"
          aria-label="Search entries"
          placeholder="Name, site, text, answer"
          value={q}
          maxlength={SEARCH_MAX}
        />
        <Submit label="Search" />
        {status === 'held' && q === '' && (
          <a href={pathOf({ ...filter, cursor: null, isOldestFirst: !isOldestFirst })}>
            {isOldestFirst ? 'Newest' : 'Oldest'} first
          </a>
        )}
      </Form>
    </search>
  )
}

/** The actions for all entries that are selected. The checkboxes belong to this form: see `CommentCard`. */
function Bulk({ filter, isSelected }: { filter: Filter; isSelected: boolean }) {
  return (
    <Form id="bulk" class="bulk" action={DASHBOARD.entries} data-queue>
      <Hidden fields={{ back: queryOfFilter(filter), was: filter.status ?? '' }} />
      {isSelected ? (
        <a href={pathOf(filter)}>Select none</a>
      ) : (
        <a href={pathOf(filter, { select: 'all' })} data-select>
          Select all
        </a>
      )}
      <span data-selected>Selected:</span>
      {FILTERED_STATUSES.filter((status) => status !== filter.status && status !== 'held').map((status) => (
        <Submit name="action" value={ACTION_FOR[status]} label={LABELS[status]} />
      ))}
      <span class="hint" data-keys hidden>
        <code>j</code> next <code>k</code> previous <code>a</code> publish <code>h</code> hide <code>s</code> spam{' '}
        <code>r</code> reply <code>b</code> ban <code>x</code> select <code>u</code> undo. If entries are selected,{' '}
        <code>a</code>, <code>h</code> and <code>s</code> act on all of them.
      </span>
    </Form>
  )
}

/** What public/queue.js shows when the last entry has left the list. */
function NothingLeft({ filter, next }: { filter: Filter; next: string | null }) {
  const isEnd = next === null && filter.cursor === null
  return (
    <p class="empty" data-nothing-left hidden>
      {isEnd ? 'You have handled every entry in this list.' : 'You have handled every entry on this page.'}{' '}
      <a class="button" href={pathOf(next === null ? { ...filter, cursor: null } : filter)}>
        {isEnd ? 'Show new entries' : 'Show the next entries'}
      </a>
    </p>
  )
}
