import { type Page, SCANNED } from '../../../kit/db/sql/scanned'
import { formatBytes } from '../../../kit/html/bytes'
import { Dashboard, Empty, ShortId, Status } from '../../../kit/html/dashboard'
import { ActLink, EmptyList, ListStart, NoMatches, Pages } from '../../../kit/html/list'
import { RelativeTime } from '../../../kit/html/time'
import { UserText } from '../../../kit/html/user-text'
import type { SourceRow } from '../../sources/store'
import type { ListedInbound } from '../messages/queries'
import { filterQuery, type TypedFilter } from './filter'
import { InboundFilterForm } from './filter-views'

export const SECTION = '/admin/inbound' as const

interface InspectorProps {
  notice?: string | undefined
  page: Page<ListedInbound>
  typed: TypedFilter
  sources: SourceRow[]
  isFirst: boolean
  now: number
}

export function InspectorPage(props: InspectorProps) {
  const { page, typed, sources, isFirst, now } = props
  const query = filterQuery(typed)
  return (
    <Dashboard title="Inbound" section={SECTION} notice={props.notice}>
      <InboundFilterForm typed={typed.typed} sources={sources} action={SECTION} />
      <ListStart />
      {page.data.length === 0 && <EmptyPage page={page} query={query} sources={sources} />}
      <InboundTable rows={page.data} now={now} live={isFirst ? `${SECTION}?${query}&part=rows` : undefined} />
      <Pages next={page.next} />
      <p class="hint">
        Messages are removed after their source's retention period. <a href="/admin/storage">Storage</a> shows how full
        the database is.
      </p>
    </Dashboard>
  )
}

function EmptyPage({ page, query, sources }: Pick<InspectorProps, 'page' | 'sources'> & { query: string }) {
  if (page.next !== null)
    return <Empty>No matches in these {SCANNED} messages. Go to older messages to search further.</Empty>
  if (query !== '') return <NoMatches what="messages" href={SECTION} />
  const act =
    sources.length > 0 ? (
      <ActLink href="/admin/sources">Open a source, and send a sample</ActLink>
    ) : (
      <ActLink href="/admin/sources/new">Add a source</ActLink>
    )
  return (
    <EmptyList title="No webhooks yet." act={act}>
      Requests from other services appear here, with their headers, their body and the check of their signature.
    </EmptyList>
  )
}

interface TableProps {
  rows: ListedInbound[]
  now: number
  /** The URL from which the page gets new rows. */
  live?: string | undefined
}

export function InboundTable({ rows, now, live }: TableProps) {
  return (
    <table>
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
      <tbody data-live={live}>
        <InboundRows rows={rows} now={now} />
      </tbody>
    </table>
  )
}

export function InboundRows({ rows, now }: Omit<TableProps, 'live'>) {
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
            <a href={`/admin/sources/${row.source_id}`}>
              <UserText text={row.source_name} />
            </a>
          </td>
          <td class="wrap">
            {row.event_type ? (
              <code>
                <UserText text={row.event_type} />
              </code>
            ) : (
              '–'
            )}
            <SearchFields fields={row.fields} />
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
  const isUnsigned = row.status === 'processed' && row.verified === 0 && !row.is_handshake
  const marks = [
    row.is_sample ? 'sample' : '',
    row.repeats > 0 ? `received ${row.repeats + 1} times` : '',
    isUnsigned ? 'not signed' : '',
    row.copy_of ? 'copy of an earlier message' : '',
  ].filter(Boolean)
  return marks.length > 0 ? <div class="small">{marks.join(', ')}</div> : null
}

function SearchFields({ fields }: { fields: string }) {
  const found = Object.entries(JSON.parse(fields) as Record<string, string>)
  return (
    <>
      {found.map(([name, value]) => (
        <div class="small">
          {name}: <UserText text={value} />
        </div>
      ))}
    </>
  )
}
