import { Dashboard, Empty, NextPage, ShortId, Status } from '../../ui/dashboard'
import { RelativeTime } from '../../ui/time'
import type { InboundPage, ListedInbound } from '../messages/queries'
import type { SourceRow } from '../sources/store'
import { filterQuery, type TypedFilter } from './filter'

export const SECTION = '/admin/inbound' as const

interface InspectorProps {
  notice?: string | undefined
  page: InboundPage
  typed: TypedFilter
  sources: SourceRow[]
  bytes: number
  isFirst: boolean
  now: number
}

export function InspectorPage(props: InspectorProps) {
  const { page, typed, sources, bytes, isFirst, now } = props
  const query = filterQuery(typed)
  return (
    <Dashboard title="Inbound" section={SECTION} notice={props.notice}>
      <FilterForm typed={typed} sources={sources} />
      {page.data.length === 0 && <NothingHere page={page} query={query} sources={sources} />}
      <table>
        <InboundHead />
        <tbody data-live={isFirst ? `${SECTION}?${query}&part=rows` : undefined}>
          <InboundRows rows={page.data} now={now} />
        </tbody>
      </table>
      <NextPage href={page.next && `${SECTION}?${query}&cursor=${page.next}`} />
      <p class="hint">
        The whole database takes {formatBytes(bytes)}; the Free plan has room for 500 MB. What is
        old is removed as each source says.
      </p>
    </Dashboard>
  )
}

function NothingHere(props: { page: InboundPage; query: string; sources: SourceRow[] }) {
  const { page, query, sources } = props
  if (page.next !== null)
    return <Empty>Nothing among the last 500 that were looked at. Older ones may fit.</Empty>
  if (query !== '')
    return (
      <Empty>
        Nothing matches. <a href={SECTION}>Show everything</a>.
      </Empty>
    )
  if (sources.length > 0)
    return <Empty>Nothing has come in yet. Send a sample from the page of a source.</Empty>
  return (
    <Empty>
      Nothing has come in yet. <a href="/admin/sources/new">Add a source</a>, and give its address
      to whoever is to post here.
    </Empty>
  )
}

/** The newest are offered; whichever is asked for is one of them. */
function namedSources(sources: SourceRow[], chosen: string): string[][] {
  const named = sources.map(({ id, name }) => [id, name])
  return chosen === '' || sources.some(({ id }) => id === chosen)
    ? named
    : [[chosen, chosen], ...named]
}

function FilterForm({ typed: { typed }, sources }: { typed: TypedFilter; sources: SourceRow[] }) {
  return (
    <form class="filters" method="get" action={SECTION}>
      <Choice name="source" label="Source" value={typed.source}>
        {namedSources(sources, typed.source)}
      </Choice>
      <Choice name="status" label="Status" value={typed.status}>
        {['new', 'processed', 'failed'].map((status) => [status, status])}
      </Choice>
      <Text name="type" label="Event type" value={typed.type} />
      <Text
        name="q"
        label="Search"
        value={typed.q}
        type="search"
        placeholder="fields, type, id, body"
      />
      <Text name="since" label="From (UTC)" value={typed.since} type="datetime-local" />
      <Text name="until" label="To (UTC)" value={typed.until} type="datetime-local" />
      <button type="submit">Filter</button>
    </form>
  )
}

interface TextProps {
  name: string
  label: string
  value: string
  type?: string
  placeholder?: string
}

function Text({ name, label, value, type = 'text', placeholder }: TextProps) {
  return (
    <div>
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type={type}
        value={value}
        maxlength={255}
        placeholder={placeholder}
      />
    </div>
  )
}

interface ChoiceProps {
  name: string
  label: string
  value: string
  children: string[][]
}

function Choice({ name, label, value, children }: ChoiceProps) {
  return (
    <div>
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        <option value="">any</option>
        {children.map(([id, text]) => (
          <option value={id} selected={id === value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}

export function InboundHead() {
  return (
    <thead>
      <tr>
        <th>Status</th>
        <th>Message</th>
        <th>Source</th>
        <th>Event type</th>
        <th>Size</th>
        <th>Received</th>
      </tr>
    </thead>
  )
}

export function InboundRows({ rows, now }: { rows: ListedInbound[]; now: number }) {
  return (
    <>
      {rows.map((row) => (
        <tr>
          <td>
            <Status value={row.status} />
            {row.reason && <div class="small">{row.reason.replaceAll('_', ' ')}</div>}
          </td>
          <td>
            <ShortId id={row.id} href={`${SECTION}/${row.id}`} />
            <Marks row={row} />
          </td>
          <td class="wrap" data-label="Source">
            <a href={`/admin/sources/${row.source_id}`}>{row.source_name}</a>
          </td>
          <td class="wrap">
            {row.event_type ? <code>{row.event_type}</code> : '–'}
            <Fields fields={row.fields} />
          </td>
          <td data-label="Size">{formatBytes(row.size)}</td>
          <td data-label="Received">
            <RelativeTime at={row.received_at} now={now} />
          </td>
        </tr>
      ))}
    </>
  )
}

function Marks({ row }: { row: ListedInbound }) {
  const marks = [
    row.is_sample ? 'sample' : '',
    row.repeats > 0 ? `came ${row.repeats + 1} times` : '',
    row.status === 'processed' && row.verified === 0 && !row.is_handshake ? 'not signed' : '',
  ].filter(Boolean)
  return marks.length > 0 ? <div class="small">{marks.join(', ')}</div> : null
}

function Fields({ fields }: { fields: string }) {
  const found = Object.entries(JSON.parse(fields) as Record<string, string>)
  return (
    <>
      {found.map(([name, value]) => (
        <div class="small">
          {name}: {value}
        </div>
      ))}
    </>
  )
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
