import type { PropsWithChildren } from '#jsx'
import { Page } from '../../kit/html/layout'
import { isolated } from '../../kit/lib/text/bidi'
import { bookPath } from '../books/book'
import { ownStylesheet } from '../reading/book-style'
import { stylesheetsOf } from '../reading/guestbook-shell'
import type { BookShellProps } from '../reading/location'

/** What surrounds a book in a frame: its title for screen readers, its welcome text, and a link to the book itself. */
export function FrameShell({ book, translate, title, intro, children }: PropsWithChildren<BookShellProps>) {
  const { text, language, direction } = translate
  const stylesheets = [...stylesheetsOf(book.theme, ownStylesheet(book)), '/embed-frame.css']
  return (
    <Page
      title={title}
      stylesheets={stylesheets}
      script="/embed-frame.js"
      language={language}
      direction={direction}
      links={[<base target="_top" />, <script type="module" src="/guestbook.js" />]}
    >
      <div class="page">
        <header class="sr">
          <h1 dir="auto">{isolated(book.title)}</h1>
        </header>
        {intro}
        {children}
        <footer>
          <p class="small">
            <a href={bookPath(book.slug)}>{text('to_book')}</a>
          </p>
        </footer>
      </div>
    </Page>
  )
}
