import { ACTOR_KINDS } from '../../kit/actor'
import { Dashboard, Empty } from '../../kit/html/dashboard'
import { EmptyList, LIST, ListStart, NoMatches } from '../../kit/html/list'
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
      {acts.length > 0 ? <ActTable acts={acts} now={now} /> : <NoActs filter={filter} older={older} />}
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
  return (
    <form class="filters" method="get" action={`${PATH}#${LIST}`}>
      <div>
        <label for="act">Action starts with</label>
        <input id="act" name="act" value={filter.act} maxlength={FILTER_MAX} list="acts" placeholder="endpoint." />
        <datalist id="acts">
          {actNames().map((act) => (
            <option value={act} />
          ))}
        </datalist>
      </div>
      <div>
        <label for="actor">Actor starts with</label>
        <input id="actor" name="actor" value={filter.actor} maxlength={FILTER_MAX} list="actors" placeholder="key:" />
        <datalist id="actors">
          {ACTOR_KINDS.map((kind) => (
            <option value={kind} />
          ))}
        </datalist>
      </div>
      <button type="submit">Filter</button>
    </form>
  )
}

function ActTable({ acts, now }: Pick<AuditProps, 'acts' | 'now'>) {
  return (
    <table>
      <thead>
        <tr>
          <th>When</th>
          <th>What</th>
          <th>Subject</th>
          <th>Who</th>
          <th>From</th>
        </tr>
      </thead>
      <tbody>
        {acts.map((row) => (
          <tr>
            <td>
              <RelativeTime at={row.created_at} now={now} />
            </td>
            <td data-label="What">
              <code>{row.act}</code>
            </td>
            <td data-label="Subject" class="wrap">
              {row.subject && <UserText text={row.subject} />}
            </td>
            <td data-label="Who" class="wrap">
              <Who row={row} />
            </td>
            <td data-label="From">
              <ClientText {...row} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
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
