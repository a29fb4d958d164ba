import { type PropsWithChildren, raw } from '#jsx'
import { Submit } from '../../kit/html/parts/form'
import { isolated } from '../../kit/lib/text/bidi'
import {
  acceptsMentions,
  type Book,
  bookPath,
  signPath,
  textFormatOf,
  WEBMENTION_PATH,
  welcomeOf,
  welcomeWords,
} from '../books/book'
import { OwnPicture } from '../pictures/own-picture'
import { welcomeHtml } from '../rules/feeds/entry-html'
import { fileOf, headLinks } from '../rules/feeds/head-links'
import { SignForm } from '../signing/form-views'
import type { CommentRow } from '../store'
import { Counter, Countries, DemoNote, HomeLink, LinkButton, Links, Wall } from './around-entries'
import { type BookPageProps, Entries } from './book-entries'
import { ownStylesheet } from './book-style'
import { Entry, PAGE_DATA, type ShownEntry, type Translated } from './entry-views'
import { GuestbookShell } from './guestbook-shell'
import type { BookLocation, BookShellProps } from './location'
import { ToBook, ToSign } from './pager'

export function GuestbookPage(props: BookPageProps) {
  const { book, where, translate, isFirstPage, isForm, buttons } = props
  const { Shell, target } = where
  const isMain = isFirstPage && !isForm
  const hasForm = isMain && (book.form_place !== 'page' || !book.is_open)
  const isBelow = book.form_place === 'below'
  return (
    <Shell
      book={book}
      translate={translate}
      title={titleOf(props)}
      links={isMain && <HeadLinks {...props} />}
      intro={isForm ? null : <Intro {...props} />}
    >
      {!isForm && (!hasForm || isBelow) && (
        <ToSign {...{ book, where, translate }} href={hasForm ? '#sign' : undefined} />
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
      {buttons && !target && <Wall {...{ book, translate, buttons }} invites={isMain && book.is_open} />}
      {isMain && !target && <LinkButton book={book} translate={translate} origin={props.origin} />}
      {!isForm && !target && <Links book={book} translate={translate} />}
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

function Intro({ book, translate, count, countries }: BookPageProps) {
  const header = book.pictures.filter(({ use }) => use === 'header')
  return (
    <section aria-label={isolated(book.title)}>
      {book.is_demo && <DemoNote />}
      {header.length > 0 && (
        <p class="pictures">
          {header.map((one) => (
            <OwnPicture slug={book.slug} picture={one} />
          ))}
        </p>
      )}
      <div class="welcome">{raw(welcomeHtml(welcomeOf(book, translate), textFormatOf(book)))}</div>
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
  const about = { title, description: welcomeWords(book, translate), path: bookPath(slug), theme }
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

interface CommentPageProps extends Translated, Pick<BookPageProps, 'newer' | 'older'> {
  comment: CommentRow
  rank: number | null
  isOwn: boolean
}

export function CommentPage({ book, translate, comment, rank, isOwn, newer, older }: CommentPageProps) {
  const { text } = translate
  const title = text('title_of_entry', { name: isolated(comment.name), title: isolated(book.title) })
  return (
    <BookShell book={book} translate={translate} title={title} links={<WebmentionLink book={book} />}>
      <main id="entries" {...PAGE_DATA}>
        <h2>{text('one_entry')}</h2>
        <Entry entry={comment} {...{ book, translate, rank, isOwn }} isWhole />
        <ToSign {...{ book, translate }} where={ownLocation(book.slug)} />
        <nav class="pages" aria-label={text('pages')}>
          {newer && (
            <a rel="prev" href={`/comments/${newer}`}>
              {text('newer_entry')}
            </a>
          )}
          <a href={`${bookPath(book.slug)}?entry=${comment.id}`}>{text('to_page')}</a>
          {older && (
            <a rel="next" href={`/comments/${older}`}>
              {text('older_entry')}
            </a>
          )}
        </nav>
      </main>
    </BookShell>
  )
}

export function BookShell({ book, links, children, ...page }: PropsWithChildren<BookShellProps>) {
  return (
    <GuestbookShell
      {...page}
      heading={book.title}
      theme={book.theme}
      feed={fileOf(bookPath(book.slug), 'feed.atom')}
      ownStylesheet={ownStylesheet(book)}
      links={[book.is_demo && <meta name="robots" content="noindex" />, links]}
    >
      {children}
    </GuestbookShell>
  )
}

/** The book on its own page. */
export function ownLocation(slug: string): BookLocation {
  return { slug, path: bookPath(slug), signPath: signPath(slug), Shell: BookShell }
}

/** Who likes what they see signs right below, without the way past the form. */
function Preview({ entry, book, translate }: Translated & { entry: ShownEntry }) {
  return (
    <section class="preview" role="status" tabindex={-1} autofocus>
      <h3>{translate.text('preview_heading')}</h3>
      <Entry entry={entry} book={book} translate={translate} isWhole />
      <p class="acts">
        <Submit label={translate.text('sign')} />
      </p>
    </section>
  )
}
