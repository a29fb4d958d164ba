import { translator } from '../core/languages'
import { type Refusal, titleOf } from '../http/problem'
import { GuestbookShell } from './guestbook-shell'
import { UserText } from './user-text'

/** An error page in the style of the guestbook. */
export function ErrorPage(props: { refusal: Refusal; back: '/' | '/admin'; requestId: string }) {
  const { status, detail } = props.refusal
  const title = titleOf(status)
  return (
    <GuestbookShell
      title={title}
      heading={status === 404 ? '404: Lost in cyberspace' : title}
      translate={translator('en')}
    >
      <main id="entries">
        <article class="entry">
          <p class="words">
            <UserText text={detail} />
          </p>
          <p>
            {/* A page in a frame can refuse, too. */}
            <a href={props.back} target="_top">
              « Back to the {props.back === '/' ? 'guestbook' : 'dashboard'}
            </a>
          </p>
          <p class="small">
            Error {status}. If you report this to the owner, include <code>{props.requestId}</code>.
          </p>
        </article>
      </main>
    </GuestbookShell>
  )
}
