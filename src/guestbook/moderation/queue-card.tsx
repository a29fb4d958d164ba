import { Status } from '../../kit/html/dashboard'
import { Form, Hidden, Submit } from '../../kit/html/parts/form'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import { isolated } from '../../kit/lib/text/bidi'
import { settingsPath } from '../books/form'
import type { Seen } from '../reading/entry-context'
import { Avatar } from '../reading/entry-views'
import { SeenEntry } from '../reading/seen-entry'
import { ACTION_FOR, FILTERED_STATUSES, type Filter, isQueue, LABELS, queryOfFilter } from './queue-filter'
import { More, Reply } from './queue-more'
import { textsOfReason } from './reasons'
import { versionOf } from './versions'

interface CardProps {
  entry: Seen
  filter: Filter
  /** The id of the entry that gets the focus when this one leaves the list. */
  next?: string | undefined
  isSelected?: boolean
  showsBook?: boolean
  /** Whether the page shows only this entry, with the form for a reply in view. */
  isAlone?: boolean
  now: number
}

export function CommentCard({ next, ...props }: CardProps) {
  const { entry, filter, isAlone = false, now } = props
  const { comment, book } = entry
  const { id, status } = comment
  const possible = FILTERED_STATUSES.filter(
    (one) => one !== status && one !== 'held' && !(one === 'published' && comment.is_private)
  )
  const hidden = { back: queryOfFilter(filter), was: status, seen: versionOf(comment), next: next ?? '' }
  return (
    <article class="card entry" id={id} data-entry tabindex={-1} aria-labelledby={`n-${id}`}>
      <header>
        <Avatar entry={comment} book={book} />
        <h3 id={`n-${id}`}>
          <UserText text={comment.name} />
        </h3>
        {!isAlone && <Selection {...props} />}
        <Facts {...props} />
      </header>
      <SeenEntry {...entry} isFolded={!isAlone} />
      <Form class="acts" action={`${DASHBOARD.entries}/${id}`} data-queue={!isAlone}>
        <Hidden fields={hidden} />
        {possible.map((one) => (
          <Submit name="action" value={ACTION_FOR[one]} data-key={KEYS[one]} label={LABELS[one]} />
        ))}
        {/* A private entry is nowhere, so nobody would see the reply. */}
        {comment.is_private === 0 && <Reply comment={comment} isAlone={isAlone} />}
        <More comment={comment} now={now}>
          <Links {...entry} />
        </More>
      </Form>
    </article>
  )
}

/** The keys for actions, in public/dashboard.js. */
const KEYS = { published: 'a', hidden: 'h', spam: 's', held: undefined } as const

function Selection({ entry: { comment }, isSelected }: CardProps) {
  return (
    <input
      type="checkbox"
      form="bulk"
      name="ids"
      value={versionOf(comment)}
      data-key="x"
      checked={isSelected}
      aria-label={`Select the entry by ${isolated(comment.name)}`}
    />
  )
}

/** Where and when it was written, and why it waits. */
function Facts({ entry, filter, showsBook, isAlone, now }: CardProps) {
  const { id, book, status, reason, created_at, is_private } = entry.comment
  const facts = [
    showsBook && <UserText text={entry.book.title} />,
    <RelativeTime at={created_at} now={now} />,
    status === 'published' && <a href={`/comments/${id}`}>view</a>,
    !isAlone && <a href={`${DASHBOARD.entries}/${id}`}>events</a>,
    // If all entries wait, none needs a reason beside its name.
    reason !== null && reason !== 'private' && (isAlone || reason !== 'moderation') && (
      <Reason reason={reason} book={book} />
    ),
  ].filter(Boolean)
  return (
    <p class="small">
      {is_private && status === 'hidden' ? (
        <Status value={status} label="private" />
      ) : (
        !isQueue(filter) && <Status value={status} />
      )}{' '}
      {facts.map((fact, i) => (i === 0 ? fact : [' · ', fact]))}
    </p>
  )
}

/** Publishing an entry does not change the rules, so the reason links to the rule that the owner can change. */
function Reason({ reason, book }: { reason: string; book: string }) {
  const { short, setting } = textsOfReason(reason)
  return setting === undefined ? <span>{short}</span> : <a href={settingsPath(book) + setting}>{short}</a>
}

function Links({ comment: { reason, inbound_id }, book: { slug } }: Seen) {
  return (
    <p class="small">
      {reason !== null && textsOfReason(reason).why} The rules are in the{' '}
      <a href={`${DASHBOARD.books}/${slug}`}>settings of its book</a>.{' '}
      {inbound_id && (
        <>
          <a href={`${DASHBOARD.requests}/${inbound_id}`}>A request</a> created this entry.
        </>
      )}
    </p>
  )
}
