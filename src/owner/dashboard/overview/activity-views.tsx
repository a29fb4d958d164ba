import type { Child } from '#jsx'
import { ShortId, Status } from '../../../kit/html/dashboard'
import { ActLink, EmptyList } from '../../../kit/html/list'
import { Section } from '../../../kit/html/parts/card'
import { type Column, Table } from '../../../kit/html/parts/table'
import { RelativeTime } from '../../../kit/html/time'
import { UserText } from '../../../kit/html/user-text'
import { shorten } from '../../../kit/lib/text/shorten'
import type { Activity } from './activity'

/** How much of an entry's text is shown. */
const EXCERPT = 80

export function ActivityList({ activity, now }: { activity: Activity[]; now: number }) {
  return (
    <Section id="activity" title="Latest activity">
      {activity.length === 0 ? (
        <EmptyList title="Nothing yet." act={<ActLink href="/#sign">Sign the guestbook</ActLink>}>
          Entries, outgoing webhooks and received webhooks appear here, newest first.
        </EmptyList>
      ) : (
        <Table columns={columnsAt(now)} rows={activity} />
      )}
      <p class="hint">
        All <a href="/admin/comments">entries</a>, <a href="/admin/messages">messages</a> and{' '}
        <a href="/admin/inbound">webhooks received</a>.
      </p>
    </Section>
  )
}

const KINDS = { entry: 'Entry', message: 'Webhook out', inbound: 'Webhook in' }

function columnsAt(now: number): Column<Activity>[] {
  return [
    { head: 'When', cell: ({ at }) => <RelativeTime at={at} now={now} /> },
    { head: 'What', label: null, cell: ({ kind }) => KINDS[kind] },
    { head: 'Status', label: null, cell: statusOf },
    { head: 'Details', class: 'wide', cell: detailsOf },
  ]
}

function statusOf(one: Activity): Child {
  if (one.kind === 'entry') return <Status value={one.entry.status} />
  if (one.kind === 'inbound') return <Status value={one.inbound.status} />
  return one.message.dispatched_at === null ? <Status value="pending" /> : 'dispatched'
}

function detailsOf(one: Activity): Child {
  if (one.kind === 'entry') return <EntryLine {...one} />
  return one.kind === 'message' ? <MessageLine {...one} /> : <InboundLine {...one} />
}

function EntryLine({ entry }: Extract<Activity, { kind: 'entry' }>) {
  return (
    <>
      <a href={`/admin/comments/${entry.id}`}>
        <UserText text={entry.name} />
      </a>
      : <UserText text={shorten(entry.body, EXCERPT)} />
    </>
  )
}

function MessageLine({ message }: Extract<Activity, { kind: 'message' }>) {
  return (
    <>
      <code>{message.type}</code> <ShortId id={message.id} href={`/admin/messages/${message.id}`} />
    </>
  )
}

function InboundLine({ inbound }: Extract<Activity, { kind: 'inbound' }>) {
  return (
    <>
      <UserText text={inbound.source_name} /> <ShortId id={inbound.id} href={`/admin/inbound/${inbound.id}`} />
    </>
  )
}
