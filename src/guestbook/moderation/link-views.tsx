import { Page } from '../../kit/html/layout'
import { ButtonForm } from '../../kit/html/parts/form'
import { bookPath } from '../books/book'
import type { LinkAction } from '../for-webhooks/moderation-links'
import type { Seen } from '../reading/entry-context'
import { SeenEntry, SeenGuest } from '../reading/seen-entry'
import type { CommentRow } from '../store'
import { pathOf } from './queue-filter'
import { versionOf } from './versions'

const BUTTONS = { approve: 'Publish this entry', hide: 'Hide this entry', spam: 'Mark this entry as spam' } as const
const DONE = {
  approve: 'The entry is published.',
  hide: 'The entry is hidden.',
  spam: 'The entry is marked as spam.',
} as const

export function ModeratePage({ action, entry }: { action: LinkAction; entry: Seen }) {
  return (
    <Page title={`${BUTTONS[action]} · Guesthook`} stylesheets={['/dashboard.css', '/queue.css']} bodyClass="login">
      <main id="main">
        <h1>{BUTTONS[action]}?</h1>
        <article class="card entry">
          <SeenGuest {...entry} />
          <SeenEntry {...entry} />
        </article>
        <ButtonForm hidden={{ seen: versionOf(entry.comment) }} label={BUTTONS[action]} kind="primary" />
        <p>
          <a href={waitingPath(entry.comment)}>All entries that wait</a>
        </p>
      </main>
    </Page>
  )
}

/** The queue of the book of an entry. */
const waitingPath = ({ book }: CommentRow): string => pathOf({ status: 'held', book, cursor: null, q: '' })

export function ModeratedPage({ action, comment }: { action: LinkAction; comment: CommentRow }) {
  return (
    <Page title="Done · Guesthook" stylesheets={['/dashboard.css']} bodyClass="login">
      <main id="main">
        <h1>Done</h1>
        <p role="status">{DONE[action]}</p>
        <p>
          <a href={waitingPath(comment)}>All entries that wait</a> · <a href={bookPath(comment.book)}>The guestbook</a>
        </p>
      </main>
    </Page>
  )
}
