import { GuestbookShell } from './guestbook-shell'

/** An error, in the style of the guestbook. */
export function ErrorPage(props: {
  status: number
  back: '/' | '/admin'
  title: string
  detail: string
  requestId: string
}) {
  return (
    <GuestbookShell title={props.title} heading={props.status === 404 ? '404: Lost in cyberspace' : props.title}>
      <main id="entries">
        <article class="entry">
          <p class="words">{props.detail}</p>
          <p>
            <a href={props.back}>« Back to the {props.back === '/' ? 'guestbook' : 'dashboard'}</a>
          </p>
          <p class="small">
            Error {props.status}. If you report this to the owner, include <code>{props.requestId}</code>.
          </p>
        </article>
      </main>
    </GuestbookShell>
  )
}
