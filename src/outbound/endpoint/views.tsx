import { DELIVERY_STATUSES } from '../../core/delivering/delivery-state'
import type { EndpointRow } from '../../endpoints/store'
import { SECTION, shownStatus } from '../../endpoints/views'
import { CopyButton, Dashboard, NextPage, ShortId, Status } from '../../ui/dashboard'
import { GraceSelect } from '../../ui/grace-select'
import { AttemptView } from '../messages/delivery-views'
import type { AttemptRow, Count, DeliveryRow } from '../messages/queries'
import { DeliveryTable } from '../messages/views'
import { PullCard } from '../pull/views'
import { ReplayCard } from '../replay/views'
import { HealthNotice } from './health-views'

interface EndpointPageProps {
  endpoint: EndpointRow
  /** The secret in clear when it was asked for. */
  secret: string | null
  /** A pull token that has just been made. */
  pullToken: string | null
  /** `whpk_...`, of the deployment. */
  publicKey: string
  deliveries: { data: DeliveryRow[]; next: string | null }
  status: string | undefined
  parked: Count
  /** While it is disabled: how many messages it would have got. */
  missed: Count | null
  replay: Omit<Parameters<typeof ReplayCard>[0], 'endpoint' | 'now'>
  test: AttemptRow | null
  /** Names of the event types that a test can send. */
  types: string[]
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
      {endpoint.manage_token_hash && <p>An integrator registered it, and can manage it as well.</p>}
      <HealthNotice endpoint={endpoint} parked={props.parked} now={now} />
      <div class="columns">
        {props.secret && <SecretCard {...props} />}
        <TestCard {...props} />
        {!props.secret && <SecretCard {...props} />}
      </div>
      <section>
        <h2>Deliveries</h2>
        <Filter endpoint={endpoint} status={props.status} />
        <DeliveryTable deliveries={props.deliveries.data} now={now} show="message" />
        <NextPage href={nextHref(props)} />
      </section>
      <ReplayCard endpoint={endpoint} {...props.replay} now={now} />
      <PullCard endpoint={endpoint} token={props.pullToken} />
      <SwitchCard endpoint={endpoint} missed={props.missed} />
    </Dashboard>
  )
}

function nextHref({ endpoint, deliveries, status }: EndpointPageProps): string | null {
  if (!deliveries.next) return null
  return `/admin/endpoints/${endpoint.id}?cursor=${deliveries.next}${status ? `&status=${status}` : ''}`
}

function TestCard({ endpoint, test, types, replay }: EndpointPageProps) {
  // One primary action a page: where there is something else to do, that is it.
  const isPrimary = endpoint.status === 'enabled' && replay.counted === null
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
          {types.map((name) => (
            <option value={name} selected={name === 'ping'}>
              {name}
            </option>
          ))}
        </select>
        <button class={isPrimary ? 'primary' : ''} type="submit">
          Send a test
        </button>
      </form>
      {test && <AttemptView attempt={test} />}
      {endpoint.format === 'cloudevents' && (
        <form method="post" action={`/admin/endpoints/${endpoint.id}/handshake`}>
          <p>CloudEvents lets a receiver say first whether it wants to be called.</p>
          <button type="submit">Ask it</button>
        </form>
      )}
    </section>
  )
}

function SecretCard({
  endpoint,
  secret,
  publicKey,
}: Pick<EndpointPageProps, 'endpoint' | 'secret' | 'publicKey'>) {
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
        <GraceSelect label="Rotate; the old one stays valid for" />
        <details>
          <summary>To a secret of your own…</summary>
          <label for="own-secret">
            <code>whsec_</code> and 24 to 64 bytes in base64
          </label>
          <input id="own-secret" name="secret" maxlength={200} autocomplete="off" />
        </details>
        <button type="submit">Rotate</button>
      </form>
      <p class="hint">
        Or verify without a secret, by the <a href="/admin/keys">public key</a> of this deployment:{' '}
        <code>{publicKey}</code>
      </p>
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

function SwitchCard({ endpoint, missed }: { endpoint: EndpointRow; missed: Count | null }) {
  const path = `/admin/endpoints/${endpoint.id}`
  return (
    <section class="card" id="switch">
      <h2>{endpoint.status === 'enabled' ? 'Disable' : 'Enable'}</h2>
      {endpoint.status === 'enabled' ? (
        <form method="post" action={`${path}/disable`}>
          <p>
            Nothing is sent until you enable it again. What waits already is kept; what happens
            until then can be sent afterwards, if you ask for it.
          </p>
          <button type="submit">Disable</button>
        </form>
      ) : (
        <form method="post" action={`${path}/enable`}>
          <p>What was parked goes at once, oldest first; retries go at their time.</p>
          {missed && <Missed {...missed} />}
          <button class="primary" type="submit">
            Enable
          </button>
        </form>
      )}
      {endpoint.manage_token_hash && endpoint.disabled_reason === 'paused' && (
        <form method="post" action={`${path}/disable`}>
          <p>Whoever registered it may resume it, unless you disable it yourself.</p>
          <button type="submit">Disable it myself</button>
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

function Missed({ count, counted_all: countedAll }: Count) {
  if (count === 0) return <p>It has missed nothing.</p>
  return (
    <label class="check">
      <input type="checkbox" name="replay_missing" value="true" checked /> Send what it missed as
      well: {countedAll ? count : `more than ${count}`} {count === 1 ? 'message' : 'messages'}
    </label>
  )
}
