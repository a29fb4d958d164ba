import type { EndpointRow } from '../endpoints/store'
import { shownStatus } from '../endpoints/views'
import { HealthNotice } from '../outbound/endpoint/health-views'
import { AttemptView } from '../outbound/messages/delivery-views'
import type { AttemptRow, Count, DeliveryRow } from '../outbound/messages/queries'
import { DeliveryTable, Payload } from '../outbound/messages/views'
import { CopyButton, Empty, NextPage, ShortId, Status } from '../ui/dashboard'
import { GraceSelect } from '../ui/grace-select'
import { mayResume } from './register'
import { IntegratorPage } from './views'

interface ManageProps {
  path: string
  endpoint: EndpointRow
  deliveries: { data: DeliveryRow[]; next: string | null }
  parked: Count
  test: AttemptRow | null
  /** In clear, when it was rotated just now. */
  secret: string | null
  notice?: string | undefined
  error?: string | undefined
  now: number
}

export function ManagePage(props: ManageProps) {
  const { path, endpoint, deliveries, parked, now } = props
  return (
    <IntegratorPage title="Your endpoint" notice={props.notice} error={props.error}>
      <p class="lead">
        <Status value={shownStatus(endpoint)} /> <b class="url">{endpoint.url}</b>
      </p>
      <p>
        It asks for <code>{JSON.parse(endpoint.event_types).join(' ')}</code>.
      </p>
      <Health endpoint={endpoint} parked={parked} now={now} />
      {props.secret && <NewSecret secret={props.secret} />}
      <div class="columns">
        {(endpoint.status === 'enabled' || mayResume(endpoint)) && (
          <TestCard path={path} test={props.test} />
        )}
        <SecretCard path={path} />
      </div>
      <section>
        <h2>Log</h2>
        <Log
          path={path}
          deliveries={deliveries.data}
          canTest={endpoint.status === 'enabled' || mayResume(endpoint)}
          now={now}
        />
        <NextPage href={deliveries.next && `${path}?cursor=${deliveries.next}`} />
      </section>
      <SwitchCard path={path} endpoint={endpoint} />
    </IntegratorPage>
  )
}

const SWITCHED_OFF: Record<string, string> = {
  awaiting_approval: 'The owner of the guestbook looks at it first. Nothing is sent until then.',
  manual: 'The owner of the guestbook has disabled it.',
  paused: 'You have paused it. Resume it below.',
}

/** The words for the owner speak of the owner's buttons. */
function Health(props: { endpoint: EndpointRow; parked: Count; now: number }) {
  const { status, disabled_reason: disabledReason } = props.endpoint
  const text = status === 'disabled' ? SWITCHED_OFF[disabledReason ?? ''] : undefined
  return text ? <p class="notice wait">{text}</p> : <HealthNotice {...props} canRetry={false} />
}

function NewSecret({ secret }: { secret: string }) {
  return (
    <section class="card">
      <h2>The new signing secret. It is not shown again</h2>
      <p class="secret">
        <code>{secret}</code> <CopyButton text={secret} label="Copy the secret" />
      </p>
    </section>
  )
}

function TestCard({ path, test }: { path: string; test: AttemptRow | null }) {
  return (
    <section class="card">
      <h2>Test</h2>
      <p>Sends one signed ping now, and shows what comes back.</p>
      <form method="post" action={`${path}/test`}>
        <button class="primary" type="submit">
          Send a test
        </button>
      </form>
      {test && <AttemptView attempt={test} />}
    </section>
  )
}

function SecretCard({ path }: { path: string }) {
  return (
    <section class="card">
      <h2>Signing secret</h2>
      <form method="post" action={`${path}/rotate`}>
        <GraceSelect label="Rotate; the old one stays valid for" />
        <button type="submit">Rotate</button>
      </form>
    </section>
  )
}

interface LogProps {
  path: string
  deliveries: DeliveryRow[]
  canTest: boolean
  now: number
}

function Log({ path, deliveries, canTest, now }: LogProps) {
  if (deliveries.length === 0) {
    return (
      <Empty>
        Nothing was sent yet.{' '}
        {canTest ? 'A test shows whether it would arrive.' : 'The owner enables it first.'}
      </Empty>
    )
  }
  const pathOf = ({ message_id: id }: DeliveryRow) => `${path}/messages/${id}`
  return <DeliveryTable deliveries={deliveries} now={now} show="message" pathOf={pathOf} />
}

function SwitchCard({ path, endpoint }: { path: string; endpoint: EndpointRow }) {
  return (
    <section class="card" id="switch">
      {endpoint.status === 'enabled' && (
        <SwitchForm
          action={`${path}/pause`}
          name="Pause"
          text="Nothing is sent until you resume it. What waits already is kept."
        />
      )}
      {mayResume(endpoint) && (
        <SwitchForm
          action={`${path}/resume`}
          name="Resume"
          text="What waited goes at once, oldest first."
        />
      )}
      <details>
        <summary>Delete…</summary>
        <form method="post" action={`${path}/delete`}>
          <p>Nothing is sent any more, and this link leads nowhere then.</p>
          <button class="danger" type="submit">
            Delete this endpoint
          </button>
        </form>
      </details>
    </section>
  )
}

function SwitchForm({ action, name, text }: { action: string; name: string; text: string }) {
  return (
    <form method="post" action={action}>
      <h2>{name}</h2>
      <p>{text}</p>
      <button type="submit">{name}</button>
    </form>
  )
}

interface DeliveryProps {
  path: string
  delivery: DeliveryRow
  attempts: AttemptRow[]
  payload: string
  now: number
}

export function ManagedDeliveryPage({ path, delivery, attempts, payload, now }: DeliveryProps) {
  return (
    <IntegratorPage title="Delivery">
      <p class="lead">
        <Status value={delivery.status} /> <code>{delivery.event_type}</code>{' '}
        <ShortId id={delivery.message_id} /> to <a href={path}>your endpoint</a>
      </p>
      <section>
        <h2>Attempts</h2>
        {attempts.length === 0 && <Empty>None was made yet.</Empty>}
        {attempts.map((attempt) => (
          <AttemptView attempt={attempt} now={now} />
        ))}
      </section>
      <Payload payload={payload} />
    </IntegratorPage>
  )
}

export function DeletedPage() {
  return (
    <IntegratorPage title="Deleted">
      <p>
        Nothing is sent there any more. You can <a href="/webhooks">register again</a>, if that is
        open.
      </p>
    </IntegratorPage>
  )
}
