import { Confirm } from '../../kit/html/confirm'
import { Help, HelpParagraph } from '../../kit/html/help'
import { EmptyList } from '../../kit/html/list'
import { Card } from '../../kit/html/parts/card'
import { Form, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
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
      <HelpParagraph of="sessions.what" time={spanOf(SESSION_SECONDS * 1_000)} />
      <Table
        columns={columnsAt(now, current)}
        rows={sessions}
        empty={<EmptyList title="Nobody has logged in with the admin token." help="sessions.empty" />}
      />
      {others.length > 0 && (
        <Confirm action="/admin/access/sessions/revoke-others" label="End all other sessions" help="sessions.others" />
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
      <a class="small" href={`/admin/access/audit?actor=session:${id}`} title="Changes made in this session">
        <code>{id}</code>
      </a>
    </>
  )
}

function End({ id, current }: { id: string; current: string | null }) {
  if (id === current) return <Help of="sessions.own" />
  return (
    <Form class="inline" action={`/admin/access/sessions/${id}/revoke`}>
      <Submit aria-label={`End the session ${id}`} label="End" />
    </Form>
  )
}
