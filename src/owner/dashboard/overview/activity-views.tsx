import { ShortId, Status } from '../../../kit/html/dashboard'
import { ActLink, EmptyList } from '../../../kit/html/list'
import { RelativeTime } from '../../../kit/html/time'
import { UserText } from '../../../kit/html/user-text'
import { shorten } from '../../../kit/lib/text/shorten'
import type { Activity } from './activity'

/** How much of an entry's text is shown. */
const EXCERPT = 80

export function ActivityList({ activity, now }: { activity: Activity[]; now: number }) {
  return (
    <section id="activity">
      <h2>Latest activity</h2>
      {activity.length === 0 ? (
        <EmptyList title="Nothing yet." act={<ActLink href="/#sign">Sign the guestbook</ActLink>}>
          Entries, outgoing webhooks and received webhooks appear here, newest first.
        </EmptyList>
      ) : (
        <table>
          <thead>
            <tr>
              <th>When</th>
              <th>What</th>
              <th>Status</th>
              <th>Details</th>
            </tr>
          </thead>
          <tbody>
            {activity.map((one) => (
              <tr>
                <td>
                  <RelativeTime at={one.at} now={now} />
                </td>
                <Line one={one} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p class="hint">
        All <a href="/admin/comments">entries</a>, <a href="/admin/messages">messages</a> and{' '}
        <a href="/admin/inbound">webhooks received</a>.
      </p>
    </section>
  )
}

function Line({ one }: { one: Activity }) {
  if (one.kind === 'entry') return <EntryLine {...one} />
  return one.kind === 'message' ? <MessageLine {...one} /> : <InboundLine {...one} />
}

function EntryLine({ entry }: Extract<Activity, { kind: 'entry' }>) {
  const text = shorten(entry.body, EXCERPT)
  return (
    <>
      <td>Entry</td>
      <td>
        <Status value={entry.status} />
      </td>
      <td class="wide">
        <a href={`/admin/comments/${entry.id}`}>
          <UserText text={entry.name} />
        </a>
        : <UserText text={text} />
      </td>
    </>
  )
}

function MessageLine({ message }: Extract<Activity, { kind: 'message' }>) {
  return (
    <>
      <td>Webhook out</td>
      <td>{message.dispatched_at === null ? <Status value="pending" /> : 'dispatched'}</td>
      <td class="wide">
        <code>{message.type}</code> <ShortId id={message.id} href={`/admin/messages/${message.id}`} />
      </td>
    </>
  )
}

function InboundLine({ inbound }: Extract<Activity, { kind: 'inbound' }>) {
  return (
    <>
      <td>Webhook in</td>
      <td>
        <Status value={inbound.status} />
      </td>
      <td class="wide">
        <UserText text={inbound.source_name} /> <ShortId id={inbound.id} href={`/admin/inbound/${inbound.id}`} />
      </td>
    </>
  )
}
