import type { PropsWithChildren } from '#jsx'
import { isolated } from '../../kit/lib/text/bidi'
import { acceptsMentions, type Book, bookPath, signPath, WEBMENTION_PATH, welcomeOf } from '../books/book'
import { styleKey } from '../own-style'
import type { OwnEntries } from '../reading/waiting'
import { headLinks } from '../rules/feeds/head-links'
import type { Translator } from '../rules/languages'
import type { Country } from '../rules/looks/countries'
import { skippedBy } from '../rules/looks/leaves'
import type { FormState } from '../signing/sign-form'
import type { CommentRow } from '../store'
import { Counter, Countries, DemoNote, HomeLink, LinkButton } from './around-entries'
import { Entry, PAGE_DATA, type ShownEntry } from './entry-views'
import { SignForm } from './form-views'
import { GuestbookShell } from './guestbook-shell'
import type { BookLocation, BookShellProps } from './location'
import { Finder, Pager } from './page/pager'
import { type Outcome, Thanks } from './page/thanks'

export interface Translated {
  book: Book
  translate: Translator
}

interface BookPageProps extends Translated {
  where: BookLocation
  count: number
  comments: CommentRow[]
  /** The number of the page, or null if it is not known. */
  page: number | null
  /** The cursors of the pages before and after this one, or null. The first page has no cursor. */
  newer: string | null
  older: string | null
  isFirstPage: boolean
  /** Whether the page has nothing but the form. */
  isForm: boolean
  form: FormState
  /** The hidden field of the form. */
  stamp: string
  /** The site key of Turnstile, if the book uses it. */
  siteKey: string | null
  preview: ShownEntry | null
  outcome: Outcome | null
  /** The entry that the outcome is about, if it is not the latest. */
  about?: string | undefined
  own: OwnEntries
  origin: string
  countries: Country[]
  /** The ETag of the list of entries when the page was made: see public/guestbook.js. */
  tag: string
}

export function GuestbookPage(props: BookPageProps) {
  const { book, where, translate, isFirstPage, isForm } = props
  const { Shell, signPath, target } = where
  const hasForm = !isForm && isFirstPage && (book.form_place !== 'page' || !book.is_open)
  const isBelow = book.form_place === 'below'
  return (
    <Shell
      book={book}
      translate={translate}
      title={titleOf(props)}
      links={isFirstPage && !isForm && <HeadLinks {...props} />}
      intro={isForm ? null : <Intro {...props} />}
    >
      {isFirstPage && !isForm && book.form_place !== 'above' && book.is_open && (
        <p class="to-sign">
          <a href={isBelow ? '#sign' : signPath} target={target}>
            {translate.text('sign_heading')}
          </a>
        </p>
      )}
      {hasForm && !isBelow && <FormPart {...props} />}
      {!isForm && <Entries {...props} />}
      {hasForm && isBelow && <FormPart {...props} />}
      {isForm && (
        <main id="entries">
          <FormPart {...props} />
          <ToBook where={where} translate={translate} />
        </main>
      )}
      {isFirstPage && !isForm && !target && <LinkButton book={book} translate={translate} origin={props.origin} />}
    </Shell>
  )
}

/** A closed book shows a note instead, and the form only if what was sent was refused. */
function FormPart({ book, where, translate, form, stamp, siteKey, preview }: BookPageProps) {
  if (!book.is_open && form.notice === null) {
    return (
      <section aria-label={translate.text('sign_heading')}>
        <p class="notice">{translate.text('closed')}</p>
      </section>
    )
  }
  return (
    <SignForm book={book} where={where} translate={translate} form={form} stamp={stamp} siteKey={siteKey}>
      {preview && <Preview entry={preview} book={book} translate={translate} />}
    </SignForm>
  )
}

function Entries(props: BookPageProps) {
  const { book, where, translate, count, comments, page, outcome, own, isFirstPage } = props
  const { text } = translate
  const about = own.editable.find((id) => id === props.about) ?? own.editable[0]
  const waiting = isFirstPage ? own.waiting : []
  const newest = page === null ? null : count - skippedBy(page)
  return (
    <main id="entries" class="h-feed" {...PAGE_DATA} {...(isFirstPage && newsOf(props))}>
      <data class="p-name" itemprop="name" value={isolated(book.title)} />
      <data class="u-url" itemprop="url" value={props.origin + bookPath(book.slug)} />
      <h2>{text(isFirstPage ? 'entries' : 'older_entries')}</h2>
      {outcome && (
        <Thanks
          outcome={outcome}
          where={where}
          translate={translate}
          id={about}
          isHere={[...waiting, ...comments].some(({ id }) => id === about)}
        />
      )}
      <p class="news" role="status" />
      {comments.length + waiting.length === 0 && !(isFirstPage && count > 0) && (
        <NoEntries text={text(isFirstPage ? 'no_entries' : 'no_older_entries')} />
      )}
      {shownBelow(waiting, comments).map(({ entry, nth }) => (
        <Entry
          entry={entry}
          book={book}
          translate={translate}
          isOwn={own.editable.includes(entry.id)}
          rank={nth === null || newest === null ? null : newest - nth}
          isWaiting={nth === null}
        />
      ))}
      <Pager {...props} />
      <Finder where={where} translate={translate} count={count} hasSearch={book.has_search && count > 0} />
    </main>
  )
}

/** Puts the entries that wait in the place that they will have. @returns also which of the published ones each is */
function shownBelow(waiting: CommentRow[], comments: CommentRow[]) {
  const published = comments.map((entry, nth): { entry: CommentRow; nth: number | null } => ({ entry, nth }))
  if (waiting.length === 0) return published
  const all = [...waiting.map((entry) => ({ entry, nth: null })), ...published]
  return all.toSorted((one, other) => (one.entry.id < other.entry.id ? 1 : -1))
}

function ToBook({ where: { path, target }, translate }: Pick<BookPageProps, 'where' | 'translate'>) {
  return (
    <nav class="pages" aria-label={translate.text('pages')}>
      <a href={path} target={target}>
        {translate.text('to_book')}
      </a>
    </nav>
  )
}

/** How the script of the page finds out that there are new entries. */
function newsOf({ book, where, tag, translate }: BookPageProps) {
  const list = `/api/comments?book=${book.slug}&limit=1`
  return { 'data-news': list, 'data-page': where.path, 'data-tag': tag, 'data-news-text': translate.text('news') }
}

function Intro({ book, translate, count, countries }: BookPageProps) {
  return (
    <section aria-label={isolated(book.title)}>
      {book.is_demo && <DemoNote />}
      <p class="welcome" dir="auto">
        {welcomeOf(book, translate)}
      </p>
      {book.banner && (
        <div class="banner" dir="auto">
          {book.banner}
        </div>
      )}
      {book.home_url && <HomeLink url={book.home_url} translate={translate} />}
      <Counter count={count} translate={translate} />
      <Countries countries={countries} translate={translate} />
    </section>
  )
}

/** Feeds, and what other sites show when somebody links to the book. */
function HeadLinks({ book, translate, origin }: BookPageProps) {
  const { title, slug, theme } = book
  const about = { title, description: welcomeOf(book, translate), path: bookPath(slug), theme }
  const { links, meta } = headLinks(about, origin)
  return (
    <>
      {links.map((link) => (
        <link {...link} />
      ))}
      <WebmentionLink book={book} />
      {meta.map((one) => (
        <meta {...one} />
      ))}
    </>
  )
}

/** Tells other sites where they can announce that they mention the book. */
function WebmentionLink({ book }: { book: Book }) {
  return acceptsMentions(book) && <link rel="webmention" href={WEBMENTION_PATH} />
}

/** After an error, the title of the page says so, because screen readers read it first. */
function titleOf({ book, form, translate }: BookPageProps): string {
  const title = isolated(book.title)
  const isFaulty = form.notice !== null || form.errors.length > 0
  return isFaulty ? `${translate.text('error')}: ${title}` : title
}

export function CommentPage(props: Translated & { comment: CommentRow; isOwn: boolean }) {
  const { book, translate, comment, isOwn } = props
  const { text } = translate
  const title = text('title_of_entry', { name: isolated(comment.name), title: isolated(book.title) })
  return (
    <BookShell book={book} translate={translate} title={title} links={<WebmentionLink book={book} />}>
      <main id="entries" {...PAGE_DATA}>
        <h2>{text('one_entry')}</h2>
        <Entry entry={comment} book={book} translate={translate} isOwn={isOwn} isWhole />
        <nav class="pages" aria-label={text('pages')}>
          <a href={`${bookPath(book.slug)}?entry=${comment.id}`}>{text('to_page')}</a>
        </nav>
      </main>
    </BookShell>
  )
}

export function BookShell({ book, translate, title, intro, links, children }: PropsWithChildren<BookShellProps>) {
  return (
    <GuestbookShell
      title={title}
      heading={book.title}
      translate={translate}
      theme={book.theme}
      ownStylesheet={ownStylesheet(book)}
      intro={intro}
      links={
        <>
          {book.is_demo && <meta name="robots" content="noindex" />}
          {links}
        </>
      }
    >
      {children}
    </GuestbookShell>
  )
}

/** The book on its own page. */
export function ownLocation(slug: string): BookLocation {
  return { slug, path: bookPath(slug), signPath: signPath(slug), Shell: BookShell }
}

/** The address changes with the content, so that browsers can keep it. */
export function ownStylesheet({ slug, accent, css }: Book): string | null {
  return accent === null && css === '' ? null : `/styles/${slug}/${styleKey(accent, css)}.css`
}

function Preview({ entry, book, translate }: Translated & { entry: ShownEntry }) {
  return (
    <section class="preview" role="status" tabindex={-1} autofocus>
      <h3>{translate.text('preview_heading')}</h3>
      <Entry entry={entry} book={book} translate={translate} isWhole />
    </section>
  )
}

function NoEntries({ text }: { text: string }) {
  return (
    <article class="entry empty">
      <p class="words">{text}</p>
    </article>
  )
}
