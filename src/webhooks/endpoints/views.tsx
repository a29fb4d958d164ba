import { SCANNED } from '../../kit/db/sql/scanned'
import { Dashboard, Empty, Status, type Tone } from '../../kit/html/dashboard'
import { EmptyList, ListStart, NoMatches, Pages } from '../../kit/html/list'
import { Card } from '../../kit/html/parts/card'
import { type FilterField, FilterForm } from '../../kit/html/parts/filter'
import { Form, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { receiverSource, shownUrl } from '../rules/delivering/built-in-receiver'
import { isPausing } from '../rules/delivering/pace'
import { BuiltInBadge, EndpointUrl, ReceiverButton } from './built-in/views'
import type { EndpointFields } from './form'
import { EndpointInputs } from './form-views'
import type { EndpointRow } from './store'
import type { Previewed } from './texts/preview'
import { PreviewButton, PreviewTable } from './texts/views'

export const SECTION = '/admin/endpoints' as const

export function EndpointTable({ endpoints, now }: { endpoints: EndpointRow[]; now: number }) {
  if (endpoints.length === 0) {
    return (
      <EmptyList title="No endpoints yet." act={<ReceiverButton from="endpoints" />}>
        An endpoint is a URL that gets a webhook for each new entry: a program of yours, or a chat. Enter one{' '}
        <a href="#new">below</a>. If you have no URL yet, the built-in receiver shows you what arrives.
      </EmptyList>
    )
  }
  return <Table columns={columnsAt(now)} rows={endpoints} />
}

function columnsAt(now: number): Column<EndpointRow>[] {
  return [
    { head: 'Status', cell: (row) => <Status value={shownStatus(row)} /> },
    { head: 'URL', class: 'wide', cell: EndpointLink },
    { head: 'Event types', label: null, cell: (row) => <code>{JSON.parse(row.event_types).join(' ')}</code> },
    { head: 'Registered', cell: ({ created_at }) => <RelativeTime at={created_at} now={now} /> },
  ]
}

function EndpointLink({ id, url, description }: EndpointRow) {
  return (
    <>
      <a href={`/admin/endpoints/${id}`}>
        <EndpointUrl url={url} />
      </a>{' '}
      <BuiltInBadge url={url} />
      {description && (
        <div class="small">
          <UserText text={description} />
        </div>
      )}
    </>
  )
}

const BREAKERS = {
  closed: 'enabled',
  open: 'breaker_open',
  probing: 'breaker_open',
  held: 'held',
  draining: 'draining',
} as const

type Shown = Pick<
  EndpointRow,
  'status' | 'disabled_reason' | 'breaker' | 'resume_at' | 'consecutive_failures' | 'probes' | 'min_interval_minutes'
>

export function shownStatus(endpoint: Shown): Tone {
  const { status, disabled_reason } = endpoint
  if (status === 'disabled') {
    const isWaiting = disabled_reason === 'awaiting_approval' || disabled_reason === 'paused'
    return isWaiting ? disabled_reason : status
  }
  if (status === 'deleted') return status
  if (endpoint.breaker === 'closed' && endpoint.consecutive_failures > 0) return 'failing'
  return isPausing(endpoint) ? 'enabled' : BREAKERS[endpoint.breaker]
}

const FILTERS: FilterField<'state' | 'q'>[] = [
  {
    name: 'state',
    label: 'Status',
    isQuick: true,
    choices: [
      ['attention', 'needs attention'],
      ['enabled', 'enabled'],
      ['disabled', 'disabled'],
    ],
  },
  { name: 'q', label: 'Search', type: 'search', placeholder: 'ID, URL, description' },
]

interface ListProps {
  endpoints: EndpointRow[]
  /** What was typed into the filter. */
  typed: Record<'state' | 'q', string>
  next: string | null
  fields: EndpointFields
  preview?: Previewed[] | undefined
  now: number
}

export function EndpointsPage({ endpoints, typed, next, fields, preview, now }: ListProps) {
  const isFiltered = typed.state !== '' || typed.q !== ''
  return (
    <Dashboard title="Endpoints" section={SECTION} notices={{ deleted: 'Endpoint deleted.' }}>
      {(isFiltered || endpoints.length > 0) && <FilterForm action={SECTION} fields={FILTERS} typed={typed} />}
      <ListStart />
      {isFiltered && endpoints.length === 0 ? (
        <NoMatching next={next} />
      ) : (
        <EndpointTable endpoints={endpoints} now={now} />
      )}
      <Pages next={next} />
      <Card id="new" title="Register an endpoint">
        <Form action="/admin/endpoints">
          <EndpointInputs fields={fields} />
          <Submit kind="primary" label="Register" />
          <PreviewButton path={SECTION} />
        </Form>
      </Card>
      {hasNoReceiver(endpoints, isFiltered) && <ReceiverHint />}
      {preview && <PreviewTable events={preview} />}
    </Dashboard>
  )
}

/** An empty list has the button itself. On further pages and in a filtered list, the receiver may be elsewhere. */
function hasNoReceiver(endpoints: EndpointRow[], isFiltered: boolean): boolean {
  return !isFiltered && endpoints.length > 0 && endpoints.every(({ url }) => receiverSource(url) === null)
}

function ReceiverHint() {
  return (
    <Card title="No server yet?">
      <p>The built-in receiver is part of this guestbook. It shows you what a receiver gets.</p>
      <ReceiverButton from="endpoints" />
    </Card>
  )
}

function NoMatching({ next }: { next: string | null }) {
  if (next === null) return <NoMatches what="endpoints" href={SECTION} />
  return <Empty>No matching endpoints in these {SCANNED}. Go to older ones to search on.</Empty>
}

interface EditProps {
  endpoint: EndpointRow
  fields: EndpointFields
  preview?: Previewed[] | undefined
}

export function EditEndpointPage(props: EditProps) {
  const path = `/admin/endpoints/${props.endpoint.id}`
  return (
    <Dashboard
      title="Edit endpoint"
      section={SECTION}
      crumbs={[
        { href: SECTION, label: 'Endpoints' },
        { href: path, label: shownUrl(props.endpoint.url) },
      ]}
    >
      <Card action={path}>
        <EndpointInputs fields={props.fields} />
        <Submit kind="primary" label="Save" />
        <PreviewButton path={path} />
        <a class="button" href={path}>
          Cancel
        </a>
      </Card>
      {props.preview && <PreviewTable events={props.preview} />}
    </Dashboard>
  )
}
