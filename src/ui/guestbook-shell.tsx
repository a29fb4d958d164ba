import type { PropsWithChildren } from 'hono/jsx'
import { Page } from './layout'

/** The frame of every public page. */
export function GuestbookShell(props: PropsWithChildren<{ title: string; heading: string }>) {
  return (
    <Page title={props.title} stylesheet="/guestbook.css">
      <a class="skip" href="#entries">
        Skip to the entries
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
            <a href="/docs">API reference</a> · <a href="/admin">Owner’s entrance</a>
          </p>
          <p class="small">Best viewed with eyes, at any resolution. Hand-rolled at the edge by Guesthook.</p>
        </footer>
      </div>
    </Page>
  )
}
