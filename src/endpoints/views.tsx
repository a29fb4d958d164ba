import { EVENT_TYPES } from '../core/event-types'
import { Dashboard, Empty, NextPage, Status } from '../ui/dashboard'
import { RelativeTime } from '../ui/time'
import { DEFAULT_RATE, MAX_RATE } from './schemas'
import type { EndpointRow } from './store'

export const SECTION = '/admin/endpoints' as const

export function EndpointTable({ endpoints, now }: { endpoints: EndpointRow[]; now: number }) {
  if (endpoints.length === 0) {
    return (
      <Empty>
        Nobody is called back yet. <a href="/admin/endpoints#new">Register the URL of a receiver</a>
        , and each new entry is sent to it. To try it here, run <code>npm run receiver</code>.
      </Empty>
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
              <a href={`/admin/endpoints/${endpoint.id}`}>{endpoint.url}</a>
              {endpoint.description && <div class="small">{endpoint.description}</div>}
            </td>
            <td>
              <code>{eventTypesOf(endpoint).join(' ')}</code>
            </td>
            <td data-label="Registered">
              <RelativeTime at={endpoint.createdAt} now={now} />
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

export function shownStatus(endpoint: EndpointRow) {
  if (endpoint.status !== 'enabled') return endpoint.status
  if (endpoint.breaker === 'closed' && endpoint.consecutiveFailures > 0) return 'failing'
  return BREAKERS[endpoint.breaker]
}

function eventTypesOf(endpoint: EndpointRow): string[] {
  return JSON.parse(endpoint.eventTypes)
}

/** What was typed into the form for a new or changed endpoint. */
export interface EndpointFields {
  url: string
  description: string
  event_types: string
  rate_limit: string
}

export const NO_FIELDS: EndpointFields = {
  url: '',
  description: '',
  event_types: '*',
  rate_limit: String(DEFAULT_RATE),
}

interface ListProps {
  endpoints: EndpointRow[]
  next: string | null
  fields: EndpointFields
  error?: string | undefined
  notice?: string | undefined
  now: number
}

export function EndpointsPage({ endpoints, next, fields, error, notice, now }: ListProps) {
  return (
    <Dashboard title="Endpoints" section={SECTION} error={error} notice={notice}>
      <EndpointTable endpoints={endpoints} now={now} />
      <NextPage href={next && `/admin/endpoints?cursor=${next}`} />
      <section id="new" class="card">
        <h2>Register an endpoint</h2>
        <form method="post" action="/admin/endpoints">
          <EndpointInputs fields={fields} />
          <button class="primary" type="submit">
            Register
          </button>
        </form>
      </section>
    </Dashboard>
  )
}

export function EditEndpointPage(props: {
  endpoint: EndpointRow
  fields: EndpointFields
  error?: string | undefined
}) {
  const path = `/admin/endpoints/${props.endpoint.id}`
  return (
    <Dashboard title="Change an endpoint" section={SECTION} error={props.error}>
      <form class="card" method="post" action={path}>
        <EndpointInputs fields={props.fields} />
        <button class="primary" type="submit">
          Save
        </button>
        <a class="button" href={path}>
          Leave it as it is
        </a>
      </form>
    </Dashboard>
  )
}

function EndpointInputs({ fields }: { fields: EndpointFields }) {
  return (
    <>
      <label for="url">URL</label>
      <input
        id="url"
        name="url"
        type="url"
        required
        maxlength={2048}
        value={fields.url}
        placeholder="https://example.com/webhooks"
      />
      <label for="event_types">Event types</label>
      <input
        id="event_types"
        name="event_types"
        required
        value={fields.event_types}
        aria-describedby="types-hint"
      />
      <p class="hint" id="types-hint">
        <code>*</code> is all of them, <code>comment.*</code> a family. Separate several by spaces.
        There are {EVENT_TYPES.map(({ name }) => name).join(', ')}, and those that you publish
        yourself.
      </p>
      <label for="description">Description</label>
      <input id="description" name="description" maxlength={200} value={fields.description} />
      <label for="rate_limit">Pace, in deliveries a minute</label>
      <input
        id="rate_limit"
        name="rate_limit"
        type="number"
        min={1}
        max={MAX_RATE}
        required
        value={fields.rate_limit}
        aria-describedby="rate-hint"
      />
      <p class="hint" id="rate-hint">
        Of what waited for it, or is sent again. What is new goes at once.
      </p>
    </>
  )
}

/** How long what is rotated still counts. */
export function GraceSelect({ label }: { label: string }) {
  return (
    <>
      <label for="grace">{label}</label>
      <select id="grace" name="grace_seconds">
        <option value="0">no time at all</option>
        <option value="3600">an hour</option>
        <option value="86400" selected>
          a day
        </option>
        <option value="604800">a week</option>
      </select>
    </>
  )
}
