import type { CommentRow } from '../store'
import { Entry, PAGE_DATA } from './entry-views'
import type { BookLocation, BookShellProps } from './location'
import { Finder, ToBook, ToSign } from './pager'

interface FoundProps extends Pick<BookShellProps, 'book' | 'translate'> {
  where: BookLocation
  heading: string
  comments: CommentRow[]
  /** What stands in the place of the entries if there are none. */
  empty: string
  /** Where the search goes on, or null. */
  more?: string | null
  q?: string
  /** The numbers of the entries by id. Some are not known. */
  numbers?: Map<string, number> | undefined
}

/** Entries that were found otherwise than by leafing. */
export function FoundPage(props: FoundProps) {
  const { book, translate, where, heading, comments, empty, more, q, numbers } = props
  const { target, Shell } = where
  const { text } = translate
  return (
    <Shell book={book} translate={translate} title={heading} links={<meta name="robots" content="noindex" />}>
      <main id="entries" {...PAGE_DATA}>
        <ToSign {...{ book, where, translate }} />
        <h2>{heading}</h2>
        {q && <Finder {...{ where, translate, q }} hasSearch hasPast />}
        {comments.length === 0 && (
          <p class="notice" role="status">
            {empty}
          </p>
        )}
        {comments.map((entry) => (
          <Entry entry={entry} book={book} translate={translate} rank={numbers?.get(entry.id) ?? null} />
        ))}
        <ToBook where={where} translate={translate}>
          {more && (
            <a rel="next" href={more} target={target}>
              {text('search_on')}
            </a>
          )}
        </ToBook>
      </main>
    </Shell>
  )
}
