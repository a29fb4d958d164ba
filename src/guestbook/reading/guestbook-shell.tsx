import type { PropsWithChildren } from '#jsx'
import { Page } from '../../kit/html/layout'
import { DASHBOARD } from '../../kit/lib/paths'
import { DEFAULT_THEME, type ThemeSlug } from '../rules/looks/themes'
import type { BookShellProps } from './location'

interface ShellProps extends Omit<BookShellProps, 'book'> {
  heading: string
  theme?: ThemeSlug
  /** The stylesheet with the owner's accent color and custom CSS. */
  ownStylesheet?: string | null
  /** The path of the feed of the book. */
  feed?: string
}

/** The frame of every public page. */
export function GuestbookShell(props: PropsWithChildren<ShellProps>) {
  const { text, language, direction } = props.translate
  const { theme = DEFAULT_THEME, ownStylesheet = null, hasScript = true } = props
  return (
    <Page
      title={props.title}
      stylesheets={stylesheetsOf(theme, ownStylesheet)}
      script={hasScript ? '/guestbook.js' : undefined}
      language={language}
      direction={direction}
      links={props.links}
    >
      <a class="skip" href="#entries">
        {text('skip')}
      </a>
      {props.bar}
      <div class="page">
        <header>
          <p class="stars" aria-hidden="true">
            ★ ☆ ★
          </p>
          <h1 dir="auto" data-text={props.heading}>
            {props.heading}
          </h1>
        </header>
        {props.intro}
        {props.children}
        <footer>
          <p>
            {props.feed && [<a href={props.feed}>{text('feed')}</a>, ' · ']}
            <a href="/docs">{text('for_developers')}</a> · <a href={DASHBOARD.overview}>{text('owners_entrance')}</a>
          </p>
          <p class="small">{text('colophon')}</p>
        </footer>
      </div>
    </Page>
  )
}

/** The later ones win. */
export function stylesheetsOf(theme: ThemeSlug, ownStylesheet: string | null): string[] {
  return ['/guestbook.css', `/themes/${theme}.css`, ...(ownStylesheet === null ? [] : [ownStylesheet])]
}
