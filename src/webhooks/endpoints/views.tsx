import { SCANNED } from '../../kit/db/sql/scanned'
import { Dashboard, Empty, Status, type Tone } from '../../kit/html/dashboard'
import { EmptyList, type FilterField, FilterForm, ListStart, NoMatches, Pages } from '../../kit/html/list'
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
  return (
    <table>
      <thead>
        <tr>
          <th>Status</th>
          <th>URL</th>
          <th>Event types</th>
          <th>Registered</th>
        </tr>
      </thead>
      <tbody>
        {endpoints.map((endpoint) => (
          <tr>
            <td>
              <Status value={shownStatus(endpoint)} />
            </td>
            <td class="wide">
              <a href={`/admin/endpoints/${endpoint.id}`}>
                <EndpointUrl url={endpoint.url} />
              </a>{' '}
              <BuiltInBadge url={endpoint.url} />
              {endpoint.description && (
                <div class="small">
                  <UserText text={endpoint.description} />
                </div>
              )}
            </td>
            <td>
              <code>{JSON.parse(endpoint.event_types).join(' ')}</code>
            </td>
            <td data-label="Registered">
              <RelativeTime at={endpoint.created_at} now={now} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
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
  error?: string | undefined
  notice?: string | undefined
  now: number
}

export function EndpointsPage({ endpoints, typed, next, fields, preview, error, notice, now }: ListProps) {
  const isFiltered = typed.state !== '' || typed.q !== ''
  return (
    <Dashboard title="Endpoints" section={SECTION} error={error} notice={notice}>
      {(isFiltered || endpoints.length > 0) && <FilterForm action={SECTION} fields={FILTERS} typed={typed} />}
      <ListStart />
      {isFiltered && endpoints.length === 0 ? (
        <NoMatching next={next} />
      ) : (
        <EndpointTable endpoints={endpoints} now={now} />
      )}
      <Pages next={next} />
      <section id="new" class="card">
        <h2>Register an endpoint</h2>
        <form method="post" action="/admin/endpoints">
          <EndpointInputs fields={fields} />
          <button class="primary" type="submit">
            Register
          </button>
          <PreviewButton path={SECTION} />
        </form>
      </section>
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
    <section class="card">
      <h2>No server yet?</h2>
      <p>The built-in receiver is part of this guestbook. It shows you what a receiver gets.</p>
      <ReceiverButton from="endpoints" />
    </section>
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
  error?: string | undefined
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
      error={props.error}
    >
      <form class="card" method="post" action={path}>
        <EndpointInputs fields={props.fields} />
        <button class="primary" type="submit">
          Save
        </button>
        <PreviewButton path={path} />
        <a class="button" href={path}>
          Cancel
        </a>
      </form>
      {props.preview && <PreviewTable events={props.preview} />}
    </Dashboard>
  )
}
