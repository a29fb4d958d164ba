import { useContext } from '#jsx'
import { Waiting } from '../../kit/html/contexts/waiting'
import { ActLink, EmptyList, NoMatches } from '../../kit/html/list'
import { Form, Hidden, Submit } from '../../kit/html/parts/form'
import { ExactTime } from '../../kit/html/time'
import { readTypedTime } from '../../kit/html/typed-filter'
import { isId } from '../../kit/lib/ids'
import { DASHBOARD } from '../../kit/lib/paths'
import { spanOf } from '../../kit/lib/time'
import { MAIN_BOOK } from '../books/book'
import { settingsPath } from '../books/form'
import type { SpamCount } from '../books/quota/store'
import { SPAM_KEPT_MS } from '../rules/entries/decide'
import type { CommentRow } from '../store'
import { ALL, type Filter, pathOf, queryOfFilter, STATUS_LABELS } from './queue-filter'
import { textsOfReason } from './reasons'

/* What the page of entries says: what has just been done, and why a list is empty. */

/** What has just been done to entries. */
export interface Done {
  status: CommentRow['status'] | 'undone'
  count: number
  /** How many entries were left as they are. */
  skipped: number
  /** What undoes it: see moderation/undo.ts. `next`: the first of the entries, where the browser goes then. */
  undo: { text: string; next: string } | null
  /** Whether undoing it also ends a ban. */
  isBan: boolean
}

/** All spam is counted, but a part of a flood is not kept: see `COUNT_SPAM`. */
export function SpamOfToday({ spam: { total, kept = total, reasons } }: { spam: SpamCount }) {
  const counts = Object.entries(reasons).map(([reason, count], i) => (
    <>
      {i > 0 && ', '}
      {count.toLocaleString('en')} {textsOfReason(reason).short}
    </>
  ))
  return (
    <p class="hint">
      Spam today (UTC): {total.toLocaleString('en')} ({counts}).{' '}
      {total > kept && <>Only {kept} of them are kept, so that spam cannot fill the database.</>} Spam is deleted after{' '}
      {spanOf(SPAM_KEPT_MS)}.
    </p>
  )
}

const NONE = {
  published: 'No entries are published. Published entries appear here and in their book.',
  hidden: 'No entries are hidden. A hidden entry is kept, but only you can see it.',
  spam: `No spam. Entries that match a spam rule of their book are kept here for ${spanOf(SPAM_KEPT_MS)}, in case the rule was wrong.`,
}

export function NoEntries({ filter, next }: { filter: Filter; next: string | null }) {
  if (filter.q !== '' && filter.status !== null && next === null) {
    const everywhere = { ...filter, status: null, book: null, cursor: null }
    return (
      <NoMatches
        what={`${STATUS_LABELS[filter.status].toLowerCase()} entries`}
        href={pathOf(everywhere)}
        act="Search all entries"
      />
    )
  }
  const all = pathOf({ ...filter, q: '', cursor: null })
  if (filter.q !== '') return <NoMatches what="entries" href={all} next={next} />
  if (filter.status === 'held') return <NoneWaiting book={filter.book} />
  if (filter.status !== null) return <p class="empty">{NONE[filter.status]}</p>
  if (filter.times || filter.book !== null) return <NoMatches what="entries" href={ALL} next={next} />
  return (
    <EmptyList
      title="No entries yet."
      help={<>The entries of all your books appear here. You can publish, answer, hide or delete each one.</>}
      act={<ActLink href="/#sign">Sign the guestbook</ActLink>}
    />
  )
}

/** Says which times the list is limited to. */
export function TimesShown({ filter: { times = {}, ...others } }: { filter: Filter }) {
  return (
    <p class="hint">
      {Object.entries(times).map(([name, time]) => [
        name === 'since' ? 'From ' : ' until ',
        <ExactTime at={readTypedTime(time) ?? 0} />,
      ])}{' '}
      · <a href={pathOf({ ...others, cursor: null })}>Show all</a>
    </p>
  )
}

/** The number in the menu counts the entries of all books. */
function NoneWaiting({ book }: { book: string | null }) {
  if (book !== null && useContext(Waiting) > 0)
    return (
      <p class="empty">
        No entries are waiting for approval in this book, but some are in another book.{' '}
        <a href={`${DASHBOARD.entries}?status=held`}>Show all waiting entries</a>
      </p>
    )
  return (
    <EmptyList
      title="No entries are waiting for approval."
      help={<>If a book holds new entries for approval, they wait here until you publish them.</>}
      act={<ActLink href={`${settingsPath(book ?? MAIN_BOOK)}#moderation`}>Choose which entries wait</ActLink>}
    />
  )
}

export function DeletedNotice({ deleted }: { deleted: string | undefined }) {
  if (deleted === undefined) return null
  return (
    <p class="notice" role="status">
      The entry and its text in events are deleted for good.
      {isId('in', deleted) && (
        <>
          {' '}
          The request that created this entry still contains the text:{' '}
          <a href={`${DASHBOARD.requests}/${deleted}`}>open the request</a> to delete it as well.
        </>
      )}
    </p>
  )
}

const WORDS = {
  published: 'published',
  held: 'moved to Waiting',
  hidden: 'hidden',
  spam: 'marked as spam',
  undone: 'changed back',
} as const

export function DoneNotice({ done: { status, count, skipped, undo, isBan }, filter }: { done: Done; filter: Filter }) {
  return (
    <div class="toast" role="status">
      {count > 0 && (
        <Form class="inline" action={DASHBOARD.entries}>
          <span>
            {entriesWere(count)} {WORDS[status]}.{isBan && ' The guest is banned.'}
          </span>
          {undo && [
            <Hidden fields={{ undo: undo.text, back: queryOfFilter(filter), next: undo.next }} />,
            <Submit kind="link" label="Undo" />,
          ]}
        </Form>
      )}
      {skipped > 0 && (
        <p>
          {entriesWere(skipped)} not {WORDS[status]}. Possible reasons: an entry is private, has this status already, or
          was changed or deleted in the meantime.
        </p>
      )}
    </div>
  )
}

const entriesWere = (count: number): string => (count === 1 ? 'One entry was' : `${count} entries were`)

export function BannedNotice() {
  return (
    <p class="notice good" role="status">
      The guest is banned. New entries from this guest will be marked as spam.
    </p>
  )
}
