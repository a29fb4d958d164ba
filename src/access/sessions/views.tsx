import { Confirm } from '../../kit/html/confirm'
import { EmptyList } from '../../kit/html/list'
import { Card } from '../../kit/html/parts/card'
import { Form, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { DASHBOARD } from '../../kit/lib/paths'
import { spanOf } from '../../kit/lib/time'
import { ClientText } from '../client-view'
import { SESSION_SECONDS, type SessionRow, shortId } from './store'

export interface SessionsProps {
  sessions: SessionRow[]
  /** The session of the request; null if Cloudflare Access has let the person in. */
  current: string | null
  now: number
}

export function SessionsCard({ sessions, current, now }: SessionsProps) {
  const others = sessions.filter(({ id }) => shortId(id) !== current)
  return (
    <Card id="sessions" title="Sessions">
      <p>
        These browsers are logged in to the dashboard with the admin token. A session ends after{' '}
        {spanOf(SESSION_SECONDS * 1_000)}. Changing the admin token ends all of them.
      </p>
      <Table
        columns={columnsAt(now, current)}
        rows={sessions}
        empty={
          <EmptyList
            title="Nobody has logged in with the admin token."
            help="Each browser that logs in appears here, and you can end its session."
          />
        }
      />
      {others.length > 0 && (
        <Confirm
          action={`${DASHBOARD.access}/sessions/revoke-others`}
          label="End all other sessions"
          help={<>Everybody else has to log in again, and forms that they have not submitted are lost.</>}
        />
      )}
    </Card>
  )
}

function columnsAt(now: number, current: string | null): Column<SessionRow>[] {
  return [
    { head: 'From', cell: (row) => <From row={row} isCurrent={shortId(row.id) === current} /> },
    { head: 'Logged in', cell: ({ created_at }) => <RelativeTime at={created_at} now={now} /> },
    {
      head: 'Last seen',
      cell: ({ last_seen_at, created_at }) => <RelativeTime at={last_seen_at ?? created_at} now={now} />,
    },
    { head: <span class="small">End</span>, cell: ({ id }) => <End id={shortId(id)} current={current} /> },
  ]
}

function From({ row, isCurrent }: { row: SessionRow; isCurrent: boolean }) {
  const id = shortId(row.id)
  return (
    <>
      <ClientText {...row} /> {isCurrent && <b>(this session)</b>}
      <br />
      <a class="small" href={`${DASHBOARD.auditLog}?actor=session:${id}`} title="Changes made in this session">
        <code>{id}</code>
      </a>
    </>
  )
}

function End({ id, current }: { id: string; current: string | null }) {
  if (id === current) return 'Log out to end it.'
  return (
    <Form class="inline" action={`${DASHBOARD.access}/sessions/${id}/revoke`}>
      <Submit aria-label={`End the session ${id}`} label="End" />
    </Form>
  )
}
