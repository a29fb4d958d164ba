import { isolated } from '../../kit/lib/text/bidi'
import { bookPath } from '../books/book'
import { OwnPicture } from '../pictures/own-picture'
import type { Country } from '../rules/looks/countries'
import { LEAF_SIZE, skippedBy } from '../rules/looks/page-numbers'
import type { Button } from '../rules/looks/wall'
import type { FormState } from '../signing/sign-form'
import { type ThankedFor, Thanks } from '../signing/thanks'
import type { CommentRow } from '../store'
import { Entry, PAGE_DATA, type ShownEntry, type Translated } from './entry-views'
import type { BookLocation } from './location'
import { Finder, Pager } from './pager'

export interface BookPageProps extends Translated {
  where: BookLocation
  count: number
  comments: ShownEntry[]
  page: number | null
  /** Whether the number alone leads to the page. Otherwise, there may be more entries above it by now. */
  isByNumber: boolean
  /** The cursors of the pages before and after this one, or null. The first page has no cursor. */
  newer: string | null
  older: string | null
  isFirstPage: boolean
  /** Whether the page has nothing but the form. */
  isForm: boolean
  form: FormState
  stamp: string
  siteKey: string | null
  preview: ShownEntry | null
  outcome: ThankedFor | null
  /** The entry that the outcome is about, if it is not the latest. */
  about?: string | undefined
  /** What the guest who asks can still change in this book, the latest first. */
  own: CommentRow[]
  /** Whether an entry is almost a year old, so that there can be some of this day. */
  hasPast: boolean
  origin: string
  countries: Country[]
  /** Null if the book has no wall, or on a page without entries. */
  buttons: Button[] | null
  /** The ETag of the list of entries when the page was made: see public/guestbook.js. */
  tag: string
}

/** The entries of one page, and the ways to the others. */
export function Entries(props: BookPageProps) {
  const { book, where, translate, count, comments, page, outcome, own, isFirstPage, hasPast } = props
  const { text } = translate
  const about = props.about === undefined ? own[0] : own.find(({ id }) => id === props.about)
  const shown = shownBelow(isFirstPage ? own.filter(({ status }) => status === 'held') : [], comments)
  const divider = book.pictures.find(({ use }) => use === 'divider')
  const newest = page === null || !props.isByNumber ? null : count - skippedBy(page)
  return (
    <main id="entries" class="h-feed" {...PAGE_DATA} {...(isFirstPage && newsOf(props))}>
      <data class="p-name" itemprop="name" value={isolated(book.title)} />
      <data class="u-url" itemprop="url" value={props.origin + bookPath(book.slug)} />
      <h2>{text(isFirstPage ? 'entries' : 'older_entries')}</h2>
      {outcome && (
        <Thanks
          {...{ outcome, where, translate }}
          entry={shown[0]?.entry.id === about?.id ? undefined : about}
          isHere={shown.some(({ entry }) => entry.id === about?.id)}
        />
      )}
      <p class="news" role="status" />
      {shown.length === 0 && !(isFirstPage && count > 0) && (
        <article class="entry empty">
          <p class="words">{text(isFirstPage ? 'no_entries' : 'no_older_entries')}</p>
        </article>
      )}
      {shown.map(({ entry, nth }, i) => (
        <>
          {divider && i > 0 && <OwnPicture slug={book.slug} picture={divider} class="divider" />}
          <Entry
            entry={entry}
            book={book}
            translate={translate}
            isOwn={own.some(({ id }) => id === entry.id)}
            rank={nth === null || newest === null ? null : newest - nth}
            isWaiting={nth === null}
          />
        </>
      ))}
      <Pager {...props} />
      {(book.has_search ? count > 0 : hasPast && count > LEAF_SIZE) && (
        <Finder {...{ where, translate, hasPast }} hasSearch={book.has_search} />
      )}
    </main>
  )
}

/** Puts the entries that wait in the place that they will have. @returns also which of the published ones each is */
function shownBelow(waiting: ShownEntry[], comments: ShownEntry[]) {
  const published = comments.map((entry, nth): { entry: ShownEntry; nth: number | null } => ({ entry, nth }))
  if (waiting.length === 0) return published
  const all = [...waiting.map((entry) => ({ entry, nth: null })), ...published]
  return all.toSorted((one, other) => (one.entry.id < other.entry.id ? 1 : -1))
}

/** How the script of the page finds out that there are new entries. */
function newsOf({ book, where, tag, translate }: BookPageProps) {
  const list = `/api/comments?book=${book.slug}&limit=1`
  return { 'data-news': list, 'data-page': where.path, 'data-tag': tag, 'data-news-text': translate.text('news') }
}
