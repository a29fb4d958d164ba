import { Confirm } from '../../kit/html/confirm'
import { EmptyList } from '../../kit/html/list'
import { RelativeTime } from '../../kit/html/time'
import { spanOf } from '../../kit/lib/time'
import { ClientText } from '../where-view'
import { SESSION_SECONDS, type SessionRow, shortId } from './store'

interface SessionsProps {
  sessions: SessionRow[]
  /** The session of the request; null if Cloudflare Access has let the person in. */
  current: string | null
  now: number
}

export function SessionsCard({ sessions, current, now }: SessionsProps) {
  const others = sessions.filter(({ id }) => shortId(id) !== current)
  return (
    <section class="card" id="sessions">
      <h2>Sessions</h2>
      <p>
        Who is logged in to the dashboard with the admin token. A session ends after {spanOf(SESSION_SECONDS * 1_000)}.
        Changing the admin token ends all of them.
      </p>
      {sessions.length === 0 && (
        <EmptyList title="Nobody has logged in with the admin token.">
          Each browser that logs in appears here, and you can end its session.
        </EmptyList>
      )}
      {sessions.length > 0 && <SessionTable sessions={sessions} current={current} now={now} />}
      {others.length > 0 && (
        <Confirm action="/admin/access/sessions/revoke-others" label="End all other sessions">
          Everybody else has to log in again, and forms that they have not submitted are lost.
        </Confirm>
      )}
    </section>
  )
}

function SessionTable({ sessions, current, now }: SessionsProps) {
  return (
    <table>
      <thead>
        <tr>
          <th>From</th>
          <th>Logged in</th>
          <th>Last seen</th>
          <th>
            <span class="small">End</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sessions.map((row) => (
          <SessionLine row={row} isCurrent={shortId(row.id) === current} now={now} />
        ))}
      </tbody>
    </table>
  )
}

function SessionLine({ row, isCurrent, now }: { row: SessionRow; isCurrent: boolean; now: number }) {
  const id = shortId(row.id)
  return (
    <tr>
      <td>
        <ClientText {...row} /> {isCurrent && <b>(this session)</b>}
        <br />
        <a class="small" href={`/admin/access/audit?actor=session:${id}`} title="What was done in this session">
          <code>{id}</code>
        </a>
      </td>
      <td data-label="Logged in">
        <RelativeTime at={row.created_at} now={now} />
      </td>
      <td data-label="Last seen">
        <RelativeTime at={row.last_seen_at ?? row.created_at} now={now} />
      </td>
      <td>
        {isCurrent ? (
          'Log out to end it.'
        ) : (
          <form class="inline" method="post" action={`/admin/access/sessions/${id}/revoke`}>
            <button type="submit" aria-label={`End the session ${id}`}>
              End
            </button>
          </form>
        )}
      </td>
    </tr>
  )
}
