import { DELIVERY_STATUSES } from '../core/delivery-state'
import { EVENT_TYPES } from '../core/event-types'
import type { EndpointRow } from '../endpoints/store'
import { SECTION, shownStatus } from '../endpoints/views'
import { CopyButton, Dashboard, NextPage, ShortId, Status } from '../ui/dashboard'
import { RelativeTime } from '../ui/time'
import { AttemptView } from './delivery-views'
import type { AttemptRow, DeliveryRow } from './history'
import { DeliveryTable } from './views'

interface EndpointPageProps {
  endpoint: EndpointRow
  /** The secret in clear when it was asked for. */
  secret: string | null
  deliveries: { data: DeliveryRow[]; next: string | null }
  status: string | undefined
  test: AttemptRow | null
  notice?: string | undefined
  error?: string | undefined
  now: number
}

export function EndpointPage(props: EndpointPageProps) {
  const { endpoint, now } = props
  return (
    <Dashboard title="Endpoint" section={SECTION} notice={props.notice} error={props.error}>
      <p class="lead">
        <Status value={shownStatus(endpoint)} /> <b class="url">{endpoint.url}</b>{' '}
        <ShortId id={endpoint.id} />{' '}
        <a class="button" href={`/admin/endpoints/${endpoint.id}/edit`}>
          Change
        </a>
      </p>
      {endpoint.description && <p>{endpoint.description}</p>}
      <Health endpoint={endpoint} now={now} />
      <div class="columns">
        {props.secret && <SecretCard endpoint={endpoint} secret={props.secret} />}
        <TestCard endpoint={endpoint} test={props.test} />
        {!props.secret && <SecretCard endpoint={endpoint} secret={null} />}
      </div>
      <section>
        <h2>Deliveries</h2>
        <Filter endpoint={endpoint} status={props.status} />
        <DeliveryTable deliveries={props.deliveries.data} now={now} show="message" />
        <NextPage href={nextHref(props)} />
      </section>
      <SwitchCard endpoint={endpoint} />
    </Dashboard>
  )
}

function nextHref({ endpoint, deliveries, status }: EndpointPageProps): string | null {
  if (!deliveries.next) return null
  return `/admin/endpoints/${endpoint.id}?cursor=${deliveries.next}${status ? `&status=${status}` : ''}`
}

function Health({ endpoint, now }: { endpoint: EndpointRow; now: number }) {
  const { status, disabledReason, failingSince, consecutiveFailures, slowUntil } = endpoint
  if (status === 'disabled')
    return <p class="notice bad">{DISABLED[disabledReason ?? ''] ?? DISABLED.manual}</p>
  if (failingSince !== null) {
    return (
      <p class="notice bad">
        {consecutiveFailures === 1
          ? 'The last attempt failed, '
          : `The last ${consecutiveFailures} attempts failed, the first of them `}
        <RelativeTime at={failingSince} now={now} />. What is due is retried by itself. Open a
        delivery below to see why.
      </p>
    )
  }
  return slowUntil !== null && slowUntil > now ? (
    <p class="notice">
      It answers slowly, so it waits on a lane of its own until it is quick again.
    </p>
  ) : null
}

const DISABLED: Record<string, string> = {
  manual:
    'Disabled by you: nothing is sent, and what happens now is not kept for it. What waited already is kept, and sent when you enable it.',
  gone: 'Disabled because it answered 410 Gone. When it is back, enable it here.',
}

function TestCard({ endpoint, test }: { endpoint: EndpointRow; test: AttemptRow | null }) {
  return (
    <section class="card">
      <h2>Test</h2>
      <p>
        Sends one signed example now, and shows what comes back: at once, or after 15 seconds if
        nothing does.
      </p>
      <form method="post" action={`/admin/endpoints/${endpoint.id}/test`}>
        <label for="type">Event type</label>
        <select id="type" name="type">
          {EVENT_TYPES.map(({ name }) => (
            <option value={name} selected={name === 'ping'}>
              {name}
            </option>
          ))}
        </select>
        <button class="primary" type="submit">
          Send a test
        </button>
      </form>
      {test && <AttemptView attempt={test} />}
    </section>
  )
}

function SecretCard({ endpoint, secret }: { endpoint: EndpointRow; secret: string | null }) {
  const path = `/admin/endpoints/${endpoint.id}`
  return (
    <section class="card" id="secret">
      <h2>Signing secret</h2>
      <p>
        The receiver verifies with it that a request is from here. Keep it as you keep a password.
      </p>
      {secret ? (
        <p class="secret">
          <code>{secret}</code> <CopyButton text={secret} label="Copy the secret" />
        </p>
      ) : (
        <p>
          <a class="button" href={`${path}?secret=show#secret`}>
            Show it
          </a>
        </p>
      )}
      <form method="post" action={`${path}/secret/rotate`}>
        <label for="grace">Rotate; the old one stays valid for</label>
        <select id="grace" name="grace_seconds">
          <option value="0">no time at all</option>
          <option value="3600">an hour</option>
          <option value="86400" selected>
            a day
          </option>
          <option value="604800">a week</option>
        </select>
        <button type="submit">Rotate</button>
      </form>
    </section>
  )
}

function Filter({ endpoint, status }: { endpoint: EndpointRow; status: string | undefined }) {
  const path = `/admin/endpoints/${endpoint.id}`
  return (
    <p class="filter">
      <a href={path} aria-current={status === undefined ? 'true' : undefined}>
        all
      </a>
      {DELIVERY_STATUSES.map((value) => (
        <a href={`${path}?status=${value}`} aria-current={status === value ? 'true' : undefined}>
          {value}
        </a>
      ))}
    </p>
  )
}

function SwitchCard({ endpoint }: { endpoint: EndpointRow }) {
  const path = `/admin/endpoints/${endpoint.id}`
  return (
    <section class="card">
      <h2>{endpoint.status === 'enabled' ? 'Disable' : 'Enable'}</h2>
      {endpoint.status === 'enabled' ? (
        <form method="post" action={`${path}/disable`}>
          <p>
            Nothing is sent until you enable it again, and what happens until then is not kept for
            it. What waits already is kept.
          </p>
          <button type="submit">Disable</button>
        </form>
      ) : (
        <form method="post" action={`${path}/enable`}>
          <p>Sends again: what was parked at once, retries at their time.</p>
          <button class="primary" type="submit">
            Enable
          </button>
        </form>
      )}
      <details>
        <summary>Delete…</summary>
        <form method="post" action={`${path}/delete`}>
          <p>The secret is forgotten for good, and what still waits is canceled. The log stays.</p>
          <button class="danger" type="submit">
            Delete this endpoint
          </button>
        </form>
      </details>
    </section>
  )
}
