import type { PropsWithChildren } from '#jsx'
import { isolated } from '../../kit/lib/text/bidi'
import { acceptsMentions, type Book, bookPath, signPath, WEBMENTION_PATH, welcomeOf } from '../books/book'
import { styleKey } from '../own-style'
import { headLinks } from '../rules/feeds/head-links'
import type { Translator } from '../rules/languages'
import type { Country } from '../rules/looks/countries'
import type { FormState } from '../signing/sign-form'
import type { CommentRow } from '../store'
import { Counter, Countries, DemoNote, HomeLink, LinkButton, Pages } from './around-entries'
import { Entry, PAGE_DATA, type ShownEntry } from './entry-views'
import { SignForm } from './form-views'
import { GuestbookShell } from './guestbook-shell'
import type { BookLocation, BookShellProps } from './location'

/** What has just happened to the guest's entry. Spam counts as held. */
export const OUTCOMES = ['published', 'held', 'private', 'edited', 'deleted'] as const
export type Outcome = (typeof OUTCOMES)[number]

export interface Translated {
  book: Book
  translate: Translator
}

interface BookPageProps extends Translated {
  where: BookLocation
  count: number
  comments: CommentRow[]
  /** The cursors of the pages before and after this one, or null. The first page has no cursor. */
  newer: string | null
  older: string | null
  isFirstPage: boolean
  form: FormState
  /** The hidden field of the form. */
  stamp: string
  /** The site key of Turnstile, if the book uses it. */
  siteKey: string | null
  preview: ShownEntry | null
  outcome: Outcome | null
  /** The ids of the entries that this browser can still change, the latest first. */
  own: string[]
  origin: string
  countries: Country[]
  /** The ETag of the list of entries when the page was made: see public/guestbook.js. */
  tag: string
}

export function GuestbookPage(props: BookPageProps) {
  const { book, where, translate, comments, form, stamp, siteKey, preview, outcome, own, isFirstPage } = props
  const { text } = translate
  const { target, Shell } = where
  return (
    <Shell
      book={book}
      translate={translate}
      title={titleOf(props)}
      links={isFirstPage && <HeadLinks {...props} />}
      intro={<Intro {...props} />}
    >
      {isFirstPage && (book.is_open || form.notice !== null) && (
        <SignForm book={book} where={where} translate={translate} form={form} stamp={stamp} siteKey={siteKey}>
          {preview && <Preview entry={preview} book={book} translate={translate} />}
        </SignForm>
      )}
      {isFirstPage && !book.is_open && (
        <section aria-label={text('sign_heading')}>
          <p class="notice">{text('closed')}</p>
        </section>
      )}
      <main id="entries" class="h-feed" {...PAGE_DATA} {...(isFirstPage && newsOf(props))}>
        <data class="p-name" itemprop="name" value={isolated(book.title)} />
        <data class="u-url" itemprop="url" value={props.origin + bookPath(book.slug)} />
        <h2>{text(isFirstPage ? 'entries' : 'older_entries')}</h2>
        {outcome && <Thanks outcome={outcome} own={own[0]} translate={translate} />}
        <p class="news" role="status" />
        {comments.length === 0 && !(isFirstPage && props.count > 0) && (
          <NoEntries text={text(isFirstPage ? 'no_entries' : 'no_older_entries')} />
        )}
        {comments.map((entry) => (
          <Entry entry={entry} book={book} translate={translate} isOwn={own.includes(entry.id)} />
        ))}
        <Pages {...props} />
      </main>
      {isFirstPage && !target && <LinkButton book={book} translate={translate} origin={props.origin} />}
    </Shell>
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
          <a href={bookPath(book.slug)}>{text('to_book')}</a>
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

/** An entry that waits cannot be seen on the page, so its link is here. */
function Thanks(props: { outcome: Outcome; own: string | undefined; translate: Translator }) {
  const { outcome, own, translate } = props
  return (
    <p class={`notice good ${outcome}`} id="thanks" role="status" tabindex={-1}>
      {translate.text(`thanks_${outcome}`)}
      {own !== undefined && outcome !== 'deleted' && (
        <>
          {' '}
          <a href={`/comments/${own}/edit`}>{translate.text('edit')}</a>
        </>
      )}
    </p>
  )
}

function NoEntries({ text }: { text: string }) {
  return (
    <article class="entry empty">
      <p class="words">{text}</p>
    </article>
  )
}
