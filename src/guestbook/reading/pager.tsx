import type { PropsWithChildren } from '#jsx'
import { Form, Submit } from '../../kit/html/parts/form'
import type { Book } from '../books/book'
import { SEARCH_MAX } from '../moderation/search'
import type { Translator } from '../rules/languages/index'
import { type Cursors, pagesOf, queryOfLeaf, shownPages } from '../rules/looks/page-numbers'
import type { BookLocation } from './location'

interface PagerProps extends Cursors {
  where: BookLocation
  translate: Translator
  count: number
  /** Null if it is not known. */
  page: number | null
}

/** The links to the other pages of a book. */
export function Pager({ where, translate, count, page, newer, older }: PagerProps) {
  const { text } = translate
  const { path, target } = where
  const pages = pagesOf(count)
  const current = page ?? 0
  const to = (query: string | null, rel: string, label: string) =>
    query !== null && (
      <a rel={rel} href={`${path}${query}#entries`} target={target}>
        {label}
      </a>
    )
  const cursors = { newer, older }
  const known = (one: number) => (one >= 1 && one <= pages ? queryOfLeaf(one, current, count, cursors) : null)
  const back = page === null ? (newer === null ? '' : `?before=${newer}`) : known(Math.min(page - 1, pages))
  const on = page === null ? older && `?before=${older}` : older && (known(page + 1) ?? `?before=${older}`)
  return (
    <nav class="pages" aria-label={text('pages')}>
      {to(back, 'prev', text('to_newer'))}
      {pages > 1 && <Numbers {...{ current, pages, count, ...cursors, path, target }} />}
      {to(on, 'next', text('to_older'))}
    </nav>
  )
}

interface ToSignProps extends Pick<PagerProps, 'where' | 'translate'> {
  book: Book
  /** Defaults to the page that has nothing but the form. */
  href?: string | undefined
}

/** The way to the form, on each page without it. */
export function ToSign({ book, where: { signPath, target }, translate, href = signPath }: ToSignProps) {
  if (!book.is_open) return null
  return (
    <nav class="to-sign" aria-label={translate.text('sign_heading')}>
      <a href={href} target={target}>
        {translate.text('sign_heading')}
      </a>
    </nav>
  )
}

/** The way back to the book, and what else stands there. */
export function ToBook(props: PropsWithChildren<Pick<PagerProps, 'where' | 'translate'>>) {
  const { path, target } = props.where
  const { text } = props.translate
  return (
    <nav class="pages" aria-label={text('pages')}>
      <a href={path} target={target}>
        {text('to_book')}
      </a>
      {props.children}
    </nav>
  )
}

interface NumbersProps extends Cursors, Pick<BookLocation, 'path'> {
  current: number
  pages: number
  count: number
  target?: '_self' | undefined
}

/** The first page, the last one, and those around the current one, if it is known. */
function Numbers({ current, pages, count, path, target, ...cursors }: NumbersProps) {
  const linked = shownPages(current, pages).map((page) => ({ page, query: queryOfLeaf(page, current, count, cursors) }))
  const shown = linked.filter(({ page, query }) => query !== null || page === current)
  return (
    <ol>
      {shown.map(({ page, query }, i) => (
        <>
          {i > 0 && page > (shown[i - 1]?.page ?? 0) + 1 && <li aria-hidden="true">…</li>}
          <li>
            {page === current ? (
              <b aria-current="page">{page}</b>
            ) : (
              <a href={`${path}${query}#entries`} target={target}>
                {page}
              </a>
            )}
          </li>
        </>
      ))}
    </ol>
  )
}

type FinderProps = { where: BookLocation; translate: Translator; hasSearch: boolean; hasPast?: boolean; q?: string }

/** The ways to entries other than leafing. */
export function Finder({ where: { path, target }, translate: { text }, hasSearch, hasPast, q = '' }: FinderProps) {
  return (
    <div class="finder">
      {hasSearch && (
        <Form method="get" action={path} target={target} role="search">
          <input
            type="search"
            name="q"
            value={q}
            required
            maxlength={SEARCH_MAX}
            aria-label={text('search_label')}
            placeholder={text('search_label')}
          />{' '}
          <Submit kind="quiet" label={text('search')} />
        </Form>
      )}
      {hasPast && (
        <a href={`${path}?day=today#entries`} target={target}>
          {text('on_this_day')}
        </a>
      )}
    </div>
  )
}
