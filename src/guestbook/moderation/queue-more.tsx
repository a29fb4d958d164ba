import type { Child, PropsWithChildren } from '#jsx'
import { Select } from '../../kit/html/parts/fields'
import { Submit } from '../../kit/html/parts/form'
import { hasVisitorKey } from '../../kit/http/visitor'
import { DASHBOARD } from '../../kit/lib/paths'
import { aSpanOf, DAY_MS } from '../../kit/lib/time'
import { type CommentRow, extraOf } from '../store'
import { MAX_VISITOR_DAYS } from './bans'

/* The parts of a card that open below its buttons. They are in the form of the card, but send it to other addresses. */

interface PanelProps {
  /** The key that opens the panel, and goes to its first field: see public/dashboard.js and public/queue.js. */
  keyName: string
  label: string
  /** Shown instead of the label. */
  sign?: string
  isOpen?: boolean
  id?: string | undefined
}

/** One panel is open at a time. */
function Panel({ keyName, label, sign, isOpen, id, children }: PropsWithChildren<PanelProps>) {
  return (
    <details class="panel" name="panel" id={id} open={isOpen}>
      <summary data-key={keyName} aria-label={sign && label} title={sign && label}>
        {sign ?? label}
      </summary>
      <div class="panel-body">{children}</div>
    </details>
  )
}

interface ReplyProps {
  comment: CommentRow
  /** Whether the page shows only this entry. */
  isAlone: boolean
}

/** Publishing with a reply is one change, so receivers get one event. */
export function Reply({ comment, isAlone }: ReplyProps) {
  const { id, reply, status } = comment
  const to = `${DASHBOARD.entries}/${id}/reply`
  return (
    <Panel
      keyName="r"
      label={reply === null ? 'Reply' : 'Your reply'}
      isOpen={isAlone}
      id={isAlone ? 'reply' : undefined}
    >
      <label for={`reply-${id}`}>Your reply</label>
      <textarea id={`reply-${id}`} name="reply" rows={3}>{`\n${reply ?? ''}`}</textarea>
      {status !== 'published' && (
        <Submit formaction={to} name="action" value="publish" label="Publish with this reply" />
      )}
      <Submit formaction={to} name="action" value="reply" label="Save the reply" />
      <p class="hint">
        {reply !== null && 'To remove the reply, empty the field and save.'} Ctrl + Enter works like the first button.
      </p>
    </Panel>
  )
}

type MoreProps = { comment: CommentRow; now: number }

/** @param props.children links, and the reason in a sentence */
export function More({ comment, now, children }: MoreProps & { children: Child }) {
  return (
    <Panel keyName="b" label="More: ban, links, delete" sign="⋯">
      {!comment.inbound_id && <Ban comment={comment} now={now} />}
      {comment.status !== 'held' && !comment.is_private && (
        <Submit name="action" value="hold" label="Back to waiting" />
      )}
      {children}
      <details>
        <summary>Delete…</summary>
        <Submit kind="danger" name="action" value="delete" label="Delete permanently" />
      </details>
    </Panel>
  )
}

const DAYS = Object.fromEntries([1, 7, MAX_VISITOR_DAYS].map((days) => [days, aSpanOf(days * DAY_MS)]))

/** Bans by network need an entry, because no address is stored. */
function Ban({ comment: { id, website, status, ...comment }, now }: MoreProps) {
  const to = `${DASHBOARD.entries}/${id}/ban`
  // A mention has no network.
  const hasNetwork = hasVisitorKey(comment.created_at, now) && extraOf(comment).mention === undefined
  const choices = {
    // First, because an entry that came by an import or from the owner has no network.
    name: 'name',
    ...(website && { website: 'website' }),
    ...(hasNetwork && { visitor: 'network of the guest' }),
  }
  return (
    <>
      <div class="inline">
        <Select id={`by-${id}`} name="by" label="Ban by" choices={choices} />
        <Select id={`days-${id}`} name="days" label="for" choices={DAYS} />
      </div>
      {status !== 'spam' && (
        <Submit formaction={to} name="action" value="spam" kind="danger" label="Ban, and mark as spam" />
      )}
      <Submit formaction={to} name="action" value="ban" kind="danger" label="Ban only" />
    </>
  )
}
