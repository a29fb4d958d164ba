import { ACTOR_KINDS } from '../../kit/actor'
import { Dashboard, Empty } from '../../kit/html/dashboard'
import { EmptyList, type FilterField, FilterForm, ListStart, NoMatches, Pages } from '../../kit/html/list'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { actNames } from '../acts'
import { ClientText } from '../client-view'
import { FILTER_MAX } from './api'
import type { AuditFilter, AuditRow } from './store'

interface AuditProps {
  acts: AuditRow[]
  filter: AuditFilter
  next: string | null
  now: number
}

const PATH = '/admin/access/audit'

export function AuditPage({ acts, filter, next, now }: AuditProps) {
  return (
    <Dashboard title="Audit log" section="/admin/access/audit">
      <p>
        What was done for you, and with which credential. <a href="/admin/access">API keys and sessions</a>. How long
        this log is kept is a setting under <a href="/admin/storage">Storage</a>.
      </p>
      <FilterForm action={PATH} fields={filterFields()} typed={filter} />
      <ListStart />
      {acts.length > 0 ? <Table columns={columnsAt(now)} rows={acts} /> : <NoActs filter={filter} next={next} />}
      <Pages next={next} />
    </Dashboard>
  )
}

function NoActs({ filter, next }: Pick<AuditProps, 'filter' | 'next'>) {
  if (next !== null) return <Empty>Nothing here matches. There are older entries.</Empty>
  if (filter.act !== '' || filter.actor !== '') return <NoMatches what="acts" href={PATH} />
  return (
    <EmptyList title="Nothing has been changed yet.">
      Each change by you, your API keys and your moderation links appears here: what was done, when, and with which
      credential.
    </EmptyList>
  )
}

/** Both fields search by how the value starts, and suggest the usual values. */
function filterFields(): FilterField<keyof AuditFilter>[] {
  const acts = { list: 'acts', suggestions: actNames(), maxlength: FILTER_MAX }
  const actors = { list: 'actors', suggestions: ACTOR_KINDS, maxlength: FILTER_MAX }
  return [
    { name: 'act', label: 'Action starts with', placeholder: 'endpoint.', ...acts },
    { name: 'actor', label: 'Actor starts with', placeholder: 'key:', ...actors },
  ]
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
