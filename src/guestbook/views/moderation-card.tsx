import { Status } from '../../kit/html/dashboard'
import { Form, Hidden, Submit } from '../../kit/html/parts/form'
import { RelativeTime } from '../../kit/html/time'
import { hasVisitorKey } from '../../kit/http/visitor'
import { spanInWords } from '../../kit/lib/time'
import { settingsPath } from '../books/form'
import { versionOf } from '../moderation/versions'
import type { Seen } from '../reading/seen'
import { MIN_FORM_AGE_MS } from '../rules/entries/decide'
import { type CommentRow, extraOf } from '../store'
import { BanForm } from './bans-views'
import { ACTION_FOR, type Filter, LABELS, queryOf, SECTION, STATUSES } from './moderation-filter'
import { SeenEntry } from './seen-entry'

/** Why an entry was held up, and what the owner can do about it. */
const REASONS: Record<string, string> = {
  honeypot: 'the hidden field of the form was filled in',
  banned: 'the guest is banned',
  word: 'contains one of the blocked texts of the book',
  private: 'the guest wrote it only for you',
  links: 'more links than the book allows',
  too_fast: `the form was sent within ${spanInWords(MIN_FORM_AGE_MS)}, or its signed time was missing or wrong`,
  no_proof: 'the browser did not solve the puzzle of the form',
  turnstile: 'Turnstile did not confirm that a person wrote it, or could not be reached',
  repeated: 'the same text was sent within the last hour',
  first: 'the first entry of this guest',
  moderation: 'every entry waits in this book',
  imported: 'it was waiting in the system that it was imported from',
}

/** Where the owner changes a rule, below the settings of the book. The other rules cannot be changed. */
const RULES: Record<string, string> = {
  banned: '/bans',
  word: '#blocked_words',
  links: '#max_links',
  no_proof: '#proof_of_work',
  turnstile: '#turnstile',
  first: '#moderation',
  moderation: '#moderation',
}

interface CardProps {
  entry: Seen
  filter: Filter
  /** Whether the page shows only this entry, with the form for a reply in view. */
  isAlone?: boolean
  now: number
}

export function CommentCard(props: CardProps) {
  const { entry, filter, isAlone = false, now } = props
  const { comment } = entry
  const { id, book, reason, number } = comment
  return (
    <article class="card entry" id={id} data-entry tabindex={-1}>
      <p>
        {filter.status !== null && (
          <input
            type="checkbox"
            form="bulk"
            name="ids"
            value={versionOf(comment)}
            aria-label={`Select entry ${number}`}
          />
        )}{' '}
        <Status value={comment.status} /> {reason && <Reason reason={reason} book={book} />} No. {number} in{' '}
        <a href={`/admin/books/${book}`}>{book}</a> · <RelativeTime at={comment.created_at} now={now} />
        {comment.inbound_id && (
          <>
            {' '}
            · created by <a href={`/admin/inbound/${comment.inbound_id}`}>a webhook</a>
          </>
        )}
      </p>
      <SeenEntry {...entry} />
      <Actions comment={comment} filter={filter} />
      <Reply comment={comment} filter={filter} isOpen={isAlone} />
      {!comment.inbound_id && <BanForm comment={{ ...comment, hasNetwork: hasNetwork(comment, now) }} />}
    </article>
  )
}

type Decided = Pick<Seen, 'comment'> & Pick<CardProps, 'filter'>

/** A mention has no network. */
function hasNetwork(comment: CommentRow, now: number): boolean {
  return hasVisitorKey(comment.created_at, now) && extraOf(comment).mention === undefined
}

/** Publishing an entry does not change the rules, so the reason links to the rule that the owner can change. */
function Reason({ reason, book }: { reason: string; book: string }) {
  const place = RULES[reason]
  return (
    <span class="small">
      ({REASONS[reason] ?? reason}
      {place !== undefined && (
        <>
          ; <a href={settingsPath(book) + place}>change this rule</a>
        </>
      )}
      )
    </span>
  )
}

function Actions({ comment, filter }: Decided) {
  const { id, status, is_private } = comment
  const possible = STATUSES.filter((one) => one !== status && one !== 'held' && (one !== 'published' || !is_private))
  return (
    <Form class="inline" action={`${SECTION}/${id}`}>
      <Hidden fields={{ back: queryOf(filter), was: status, seen: versionOf(comment) }} />
      {possible.map((one) => (
        <Submit name="action" value={ACTION_FOR[one]} data-key={KEYS[one]} label={LABELS[one]} />
      ))}
      <details>
        <summary>Delete…</summary>
        <Submit kind="danger" name="action" value="delete" label="Delete permanently" />
      </details>
    </Form>
  )
}

/** The keys for actions, in public/dashboard.js. */
const KEYS = { published: 'a', hidden: 'h', spam: 's', held: undefined } as const

type ReplyProps = Decided & { isOpen: boolean }

function Reply({ comment: { id, reply }, filter, isOpen }: ReplyProps) {
  return (
    <details class="reply" id={isOpen ? 'reply' : undefined} open={isOpen}>
      <summary data-key="r">{reply === null ? 'Reply…' : 'Your reply'}</summary>
      <Form action={`${SECTION}/${id}/reply`}>
        <Hidden fields={{ back: queryOf(filter) }} />
        <textarea name="reply" rows={3} aria-label="Your reply">{`\n${reply ?? ''}`}</textarea>
        <Submit label="Save the reply" />
        <p class="hint">An empty reply removes it.</p>
      </Form>
    </details>
  )
}
