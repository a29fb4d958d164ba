import type { ScannedPage } from '../../../kit/db/scanned'
import { formatBytes } from '../../../kit/html/bytes'
import { Dashboard, ShortId, Status } from '../../../kit/html/dashboard'
import { ActLink, EmptyList, ListStart, NoMatches, Pages } from '../../../kit/html/list'
import { type Choice, type FilterField, FilterForm } from '../../../kit/html/parts/filter'
import { type Column, Rows, Table } from '../../../kit/html/parts/table'
import { RelativeTime } from '../../../kit/html/time'
import { Excerpt, UserLink, UserText } from '../../../kit/html/user-text'
import { DASHBOARD } from '../../../kit/lib/paths'
import type { Receiver } from '../../endpoints/built-in-receiver'
import { ReceiverLeftOut } from '../../endpoints/built-in-views'
import { requestTitle } from '../../rules/events/request-title'
import { INBOUND_STATUSES } from '../../rules/receiving/inbound-state'
import { findProvider } from '../../rules/verifying/providers'
import type { SourceRow } from '../../sources/store'
import { nameReason } from '../messages/explain-reason'
import type { ListedInbound } from '../messages/queries'
import { filterQuery, type TypedRequestFilter } from './filter'

interface InspectorProps {
  page: ScannedPage<ListedInbound>
  typed: TypedRequestFilter
  sources: SourceRow[]
  receiver: Receiver | null
  now: number
}

export function InspectorPage(props: InspectorProps) {
  const { page, typed, sources, receiver, now } = props
  const query = filterQuery(typed)
  return (
    <Dashboard title="Requests" section={DASHBOARD.requests}>
      <InboundFilterForm typed={typed} sources={sources} />
      <ListStart />
      {page.data.length === 0 && <EmptyPage page={page} query={query} sources={sources} />}
      <InboundTable rows={page.data} now={now} isLive />
      <Pages next={page.next} />
      {receiver && typed.filter.others && (
        <ReceiverLeftOut href={`${DASHBOARD.requests}?source=${receiver.source_id}`} />
      )}
      <p class="hint">
        Requests are removed after their source's retention period. <a href={DASHBOARD.storage}>Storage</a> shows how
        full the database is.
      </p>
    </Dashboard>
  )
}

function InboundFilterForm({ typed: { typed }, sources }: Pick<InspectorProps, 'typed' | 'sources'>) {
  const fields: FilterField<keyof TypedRequestFilter['typed']>[] = [
    { name: 'q', label: 'Search', type: 'search', placeholder: 'Source, type, ID, body' },
    { name: 'source', label: 'Source', choices: sourceChoices(sources, typed.source), isQuick: true },
    { name: 'status', label: 'Status', choices: INBOUND_STATUSES.map((status): Choice => [status, status]) },
    { name: 'type', label: 'Event type' },
  ]
  return <FilterForm action={DASHBOARD.requests} fields={fields} typed={typed} />
}

/** If the list of sources does not contain the chosen source, that source is offered by its id. */
function sourceChoices(sources: SourceRow[], chosen: string): Choice[] {
  const choices = sources.map(({ id, name }): Choice => [id, name])
  const isListed = chosen === '' || sources.some(({ id }) => id === chosen)
  return isListed ? choices : [[chosen, chosen], ...choices]
}

function EmptyPage({ page, query, sources }: Pick<InspectorProps, 'page' | 'sources'> & { query: string }) {
  const { next } = page
  if (next !== null || query !== '') return <NoMatches what="requests" href={DASHBOARD.requests} next={next} />
  const act =
    sources.length > 0 ? (
      <ActLink href={DASHBOARD.sources}>Open a source, and send a sample</ActLink>
    ) : (
      <ActLink href={`${DASHBOARD.sources}/new`}>Add a source</ActLink>
    )
  return (
    <EmptyList
      title="No requests yet."
      act={act}
      help={
        <>
          Requests from other services appear here, each with its headers, its body and the result of the signature
          check.
        </>
      }
    />
  )
}

interface TableProps {
  rows: ListedInbound[]
  now: number
  /** Whether the page keeps the table up to date. */
  isLive?: boolean
}

/** The table of the list is live. The other is on the page of a source, and does not repeat the name of the source. */
export function InboundTable({ now, isLive = false, rows }: TableProps) {
  const columns = columnsAt(now).filter(({ cell }) => isLive || cell !== SourceCell)
  return <Table {...{ columns, isLive, rows }} />
}

export const InboundRows = ({ rows, now }: Omit<TableProps, 'isLive'>) => <Rows columns={columnsAt(now)} rows={rows} />

function columnsAt(now: number): Column<ListedInbound>[] {
  return [
    { head: 'Request', class: 'wide', cell: RequestCell },
    { head: 'Source', class: 'wrap', label: null, cell: SourceCell },
    { head: 'Status', label: null, cell: StatusCell },
    { head: 'Received', label: null, cell: ({ received_at }) => <RelativeTime at={received_at} now={now} /> },
    { head: 'Size', cell: ({ size }) => formatBytes(size) },
    { head: 'ID', label: null, cell: ({ id }) => <ShortId id={id} /> },
  ]
}

/** Whether a request was processed, and why not. */
export function StatusCell({ status, reason, provider }: ListedInbound) {
  return (
    <>
      <Status value={status} />
      {reason && <div class="small">{nameReason(reason, findProvider(provider))}</div>}
    </>
  )
}

function RequestCell(row: ListedInbound) {
  const title = requestTitle(row)
  return (
    <>
      <UserLink href={`${DASHBOARD.requests}/${row.id}`} text={title} />
      <SearchFields fields={row.fields} />
      <Excerpt text={row.excerpt} shown={`${title}\n${row.fields}\n${row.source_name}`} />
      <Marks row={row} />
    </>
  )
}

function SourceCell({ source_id: id, source_name: name, source_status: status }: ListedInbound) {
  return <SourceName source={{ id, name, status }} />
}

/** A source that was deleted has no page. */
export function SourceName({ source: { id, name, status } }: { source: Pick<SourceRow, 'id' | 'name' | 'status'> }) {
  if (status !== 'deleted') return <UserLink href={`${DASHBOARD.sources}/${id}`} text={name} />
  return (
    <>
      <UserText text={name} /> (deleted)
    </>
  )
}

function Marks({ row }: { row: ListedInbound }) {
  const isUnsigned = row.status === 'processed' && row.verified === 0 && !row.is_handshake
  const marks = [
    row.is_sample ? 'sample' : '',
    row.repeats > 0 ? `received ${row.repeats + 1} times` : '',
    isUnsigned ? 'not signed' : '',
    row.copy_of ? 'copy of an earlier request' : '',
  ].filter(Boolean)
  return marks.length > 0 ? <div class="small">{marks.join(', ')}</div> : null
}

function SearchFields({ fields }: { fields: string }) {
  const found = Object.entries(JSON.parse(fields) as Record<string, string>)
  return found.map(([name, value]) => (
    <div class="small">
      {name}: <UserText text={value} />
    </div>
  ))
}
