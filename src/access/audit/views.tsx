import { ACTOR_KINDS } from '../../kit/actor'
import { Dashboard, Empty } from '../../kit/html/dashboard'
import { EmptyList, LIST, ListStart, NoMatches } from '../../kit/html/list'
import { Input } from '../../kit/html/parts/fields'
import { Form, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { actNames } from '../acts'
import { ClientText } from '../where-view'
import { FILTER_MAX } from './api'
import type { AuditFilter, AuditRow } from './store'

interface AuditProps {
  acts: AuditRow[]
  filter: AuditFilter
  /** The address of the page with newer acts, or null on the first page. */
  newer: string | null
  /** The address of the page with older acts, or null on the last page. */
  older: string | null
  now: number
}

const PATH = '/admin/access/audit'

export function AuditPage({ acts, filter, newer, older, now }: AuditProps) {
  return (
    <Dashboard title="Audit log" section="/admin/access">
      <p>
        What was done for you, and with which credential. <a href="/admin/access">API keys and sessions</a>. How long
        this log is kept is a setting under <a href="/admin/storage">Storage</a>.
      </p>
      <FilterForm filter={filter} />
      <ListStart />
      {acts.length > 0 ? <Table columns={columnsAt(now)} rows={acts} /> : <NoActs filter={filter} older={older} />}
      <nav class="pages" aria-label="Pages">
        {newer && <a href={`${newer}#${LIST}`}>« Newer</a>} {older && <a href={`${older}#${LIST}`}>Older »</a>}
      </nav>
    </Dashboard>
  )
}

function NoActs({ filter, older }: Pick<AuditProps, 'filter' | 'older'>) {
  if (older) return <Empty>Nothing here matches. There are older entries.</Empty>
  if (filter.act !== '' || filter.actor !== '') return <NoMatches what="acts" href={PATH} />
  return (
    <EmptyList title="Nothing has been changed yet.">
      Each change by you, your API keys and your moderation links appears here: what was done, when, and with which
      credential.
    </EmptyList>
  )
}

/** Both fields search by how the value starts, and suggest the usual values. */
function FilterForm({ filter }: Pick<AuditProps, 'filter'>) {
  const field = (name: keyof AuditFilter) => ({ name, value: filter[name], maxlength: FILTER_MAX })
  return (
    <Form class="filters" method="get" action={`${PATH}#${LIST}`}>
      <div>
        <Input
          {...field('act')}
          label="Action starts with"
          placeholder="endpoint."
          list="acts"
          suggestions={actNames()}
        />
      </div>
      <div>
        <Input
          {...field('actor')}
          label="Actor starts with"
          placeholder="key:"
          list="actors"
          suggestions={ACTOR_KINDS}
        />
      </div>
      <Submit label="Filter" />
    </Form>
  )
}

function columnsAt(now: number): Column<AuditRow>[] {
  return [
    { head: 'When', cell: ({ created_at }) => <RelativeTime at={created_at} now={now} /> },
    { head: 'What', cell: ({ act }) => <code>{act}</code> },
    { head: 'Subject', class: 'wrap', cell: ({ subject }) => subject && <UserText text={subject} /> },
    { head: 'Who', class: 'wrap', cell: (row) => <Who row={row} /> },
    { head: 'From', cell: (row) => <ClientText {...row} /> },
  ]
}

const WORDS: Record<string, string> = { token: 'admin token', link: 'moderation link' }

function Who({ row: { actor, actor_name } }: { row: AuditRow }) {
  return (
    <a href={`${PATH}?actor=${encodeURIComponent(actor)}`}>
      {actor_name !== null && (
        <>
          <UserText text={actor_name} />{' '}
        </>
      )}
      <UserText text={WORDS[actor] ?? actor} />
    </a>
  )
}
