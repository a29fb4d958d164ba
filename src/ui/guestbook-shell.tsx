import type { PropsWithChildren } from 'hono/jsx'
import type { Translator } from '../core/languages'
import { Page } from './layout'

/** The frame of every public page. */
export function GuestbookShell(props: PropsWithChildren<{ title: string; heading: string; translate: Translator }>) {
  const { text, language, direction } = props.translate
  return (
    <Page title={props.title} stylesheet="/guestbook.css" language={language} direction={direction}>
      <a class="skip" href="#entries">
        {text('skip')}
      </a>
      <div class="page">
        <header>
          <p class="stars" aria-hidden="true">
            ★ ☆ ★
          </p>
          <h1 dir="auto" data-text={props.heading}>
            {props.heading}
          </h1>
        </header>
        {props.children}
        <footer>
          <p>
            <a href="/docs">{text('api_reference')}</a> · <a href="/admin">{text('owners_entrance')}</a>
          </p>
          <p class="small">{text('colophon')}</p>
        </footer>
      </div>
    </Page>
  )
}
