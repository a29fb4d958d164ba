import { unmarked } from '../../../guestbook/rules/looks/inline'
import type { CommentRow } from '../../../guestbook/store'
import { Status } from '../../../kit/html/dashboard'
import { ActLink, EmptyList } from '../../../kit/html/list'
import { Section } from '../../../kit/html/parts/card'
import { type Column, Table } from '../../../kit/html/parts/table'
import { RelativeTime } from '../../../kit/html/time'
import { UserText } from '../../../kit/html/user-text'
import { DASHBOARD } from '../../../kit/lib/paths'
import { shorten } from '../../../kit/lib/text/shorten'
import { StatusCell } from '../../../webhooks/receive/inspector/views'
import { requestTitle } from '../../../webhooks/rules/events/request-title'
import { OutcomeText } from '../../../webhooks/send/messages/views'
import type { Activity } from './activity'

/** How much of an entry's text is shown. */
const EXCERPT = 80

export function ActivityList({ activity, now }: { activity: Activity[]; now: number }) {
  return (
    <Section id="activity" title="Latest activity">
      {activity.length === 0 ? (
        <EmptyList
          title="Nothing yet."
          help="Entries, events and requests appear here, newest first."
          act={<ActLink href="/#sign">Sign the guestbook</ActLink>}
        />
      ) : (
        <Table columns={columnsAt(now)} rows={activity} />
      )}
      <p class="hint">
        All <a href={DASHBOARD.entries}>entries</a>, <a href={DASHBOARD.messages}>messages</a> and{' '}
        <a href={DASHBOARD.requests}>requests</a>.
      </p>
    </Section>
  )
}

function columnsAt(now: number): Column<Activity>[] {
  return [
    { head: 'When', cell: ({ at }) => <RelativeTime at={at} now={now} /> },
    { head: 'What', class: 'wide', cell: What },
    { head: 'Result', label: null, cell: Result },
  ]
}

function What(one: Activity) {
  if (one.kind === 'entry') return <EntryLine {...one} />
  return one.kind === 'message' ? <MessageLine {...one} /> : <InboundLine {...one} />
}

/** What happened to an entry after it was signed, by the type of the event. */
const CHANGES: Record<string, string> = {
  'comment.held': '’s entry waits: ',
  'comment.published': '’s entry was published: ',
  'comment.updated': '’s entry was changed: ',
  'comment.removed': '’s entry left the page: ',
}

function EntryLine({ entry, event = '', hasMarkup = false }: Extract<Activity, { kind: 'entry' }>) {
  const words = entry.body.split('\n').map((line) => unmarked(line, hasMarkup))
  return (
    <>
      <a href={`${DASHBOARD.entries}/${entry.id}`}>
        <UserText text={entry.name} />
      </a>
      {CHANGES[event] ?? ' signed: '}
      <UserText text={shorten(words.join(' '), EXCERPT)} />
    </>
  )
}

function MessageLine({ message: { id, type }, title, times = 1 }: Extract<Activity, { kind: 'message' }>) {
  return (
    <>
      <a href={`${DASHBOARD.messages}/${id}`}>
        {title === undefined ? <code>{type}</code> : <UserText text={title} />}
      </a>
      {times > 1 && ` (${times} times)`}
    </>
  )
}

function InboundLine({ inbound, times = 1 }: Extract<Activity, { kind: 'inbound' }>) {
  return (
    <>
      <a href={`${DASHBOARD.requests}/${inbound.id}`}>
        <UserText text={requestTitle(inbound)} />
      </a>
      {times > 1 && ` and ${times - 1} more`} from <UserText text={inbound.source_name} />
    </>
  )
}

/** Deliveries wait, too, so this says what an entry waits for. */
function EntryStatus({ status, is_private }: Pick<CommentRow, 'status' | 'is_private'>) {
  if (status === 'published') return null
  if (is_private && status === 'hidden') return <Status value={status} label="private" />
  return status === 'held' ? <Status value={status} label="waits for approval" /> : <Status value={status} />
}

/** What became of it, and of the event that it caused. */
function Result(one: Activity) {
  const { message_id, outcome } = one
  return (
    <>
      {one.kind === 'entry' && one.isLatest && <EntryStatus {...one.entry} />}{' '}
      {one.kind === 'inbound' && <StatusCell {...one.inbound} />}{' '}
      {outcome && (
        <>
          <a href={`${DASHBOARD.messages}/${message_id}`}>event</a>: <OutcomeText outcome={outcome} />
        </>
      )}
    </>
  )
}
