import { Confirm } from '../../kit/html/confirm'
import { CopyButton, Empty, Status } from '../../kit/html/dashboard'
import { GraceSelect } from '../../kit/html/grace-select'
import { Pages } from '../../kit/html/list'
import { UserText } from '../../kit/html/user-text'
import { SHOWN_ONCE_MS } from '../../kit/http/flash'
import { spanInWords } from '../../kit/lib/time'
import { HealthNotice } from '../endpoints/page/health-views'
import { Snippets } from '../endpoints/page/snippet-views'
import type { EndpointRow } from '../endpoints/store'
import { shownStatus } from '../endpoints/views'
import { DeliveryRows, DeliveryTable } from '../send/messages/delivery-table'
import { AttemptView } from '../send/messages/delivery-views'
import type { AttemptRow, Count, DeliveryRow } from '../send/messages/queries'
import type { ShownJob } from '../send/replay/progress'
import { LiveJobs } from '../send/replay/views'
import { mayResume, maySend } from './manage'
import type { Mode } from './mode'
import { IntegratorPage } from './views'

interface ManageProps {
  path: string
  endpoint: EndpointRow
  deliveries: { data: DeliveryRow[]; next: string | null }
  jobs: ShownJob[]
  parked: Count
  test: AttemptRow | null
  /** The signing secret in plain text, if it is new. */
  secret: string | null
  /** The private link, if it is new. It is the address of this page. */
  link: string | null
  notice?: string | undefined
  error?: string | undefined
  now: number
}

export function ManagePage(props: ManageProps) {
  const { path, endpoint, deliveries, parked, now } = props
  return (
    <IntegratorPage title="Your endpoint" notice={noticeOf(props)} error={props.error}>
      <p class="lead">
        <Status value={shownStatus(endpoint)} />{' '}
        <b class="url">
          <UserText text={endpoint.url} />
        </b>{' '}
        <a class="button" href={`${path}/edit`}>
          Edit
        </a>
      </p>
      <p>
        Event types: <code>{JSON.parse(endpoint.event_types).join(' ')}</code>
      </p>
      <Health endpoint={endpoint} parked={parked} now={now} />
      {props.secret && <NewSecret secret={props.secret} />}
      {props.link && <NewLink link={props.link} />}
      <div class="columns">
        {maySend(endpoint) && <TestCard path={path} test={props.test} />}
        <SecretCard path={path} />
      </div>
      <section id="log">
        <h2>Log</h2>
        <Log {...props} />
        <Pages next={deliveries.next} at="log" />
      </section>
      {(endpoint.status === 'enabled' || props.jobs.length > 0) && <ReplayCard {...props} />}
      <SwitchCard path={path} endpoint={endpoint} />
    </IntegratorPage>
  )
}

const SWITCHED_OFF: Record<string, string> = {
  awaiting_approval: 'The owner of the guestbook must approve this endpoint. Nothing will be sent until then.',
  manual: 'The owner of the guestbook disabled this endpoint.',
  paused: 'You paused this endpoint. You can resume it below.',
}

/** The owner's messages mention buttons that an integrator does not have. */
function Health(props: { endpoint: EndpointRow; parked: Count; now: number }) {
  const { status, disabled_reason } = props.endpoint
  const text = status === 'disabled' ? SWITCHED_OFF[disabled_reason ?? ''] : undefined
  return text ? <p class="notice wait">{text}</p> : <HealthNotice {...props} isOwner={false} />
}

/** A new link without a new secret replaces a lost one. */
function noticeOf({ link, secret, notice }: ManageProps): string | undefined {
  if (link === null) return notice
  return secret === null
    ? 'This page has a new private link. The old one no longer works.'
    : 'Verified: your URL has answered the challenge.'
}

function NewLink({ link }: { link: string }) {
  return (
    <section class="card">
      <h2>Save the address of this page</h2>
      <p class="secret">
        <a href={link}>
          <code>{link}</code>
        </a>{' '}
        <CopyButton text={link} label="Copy the link" />
      </p>
      <p class="hint">
        Anyone with this link can read the log, send tests, retry and replay messages, edit the endpoint, rotate the
        secret, and pause or delete the endpoint. Treat the link like a password. If you lose it, register the URL
        again. The URL then gets an event with a link that makes a new private link.
      </p>
    </section>
  )
}

function NewSecret({ secret }: { secret: string }) {
  return (
    <section class="card">
      <h2>Save the signing secret now</h2>
      <p>It verifies that requests come from this guestbook. It is shown for {spanInWords(SHOWN_ONCE_MS)}.</p>
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
      <p>Sends one signed ping immediately and shows the response.</p>
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
      <Snippets />
      <form method="post" action={`${path}/rotate`}>
        <GraceSelect label="Rotate the secret. Keep the old secret valid for" />
        <button type="submit">Rotate</button>
      </form>
    </section>
  )
}

function Log({ path, deliveries, endpoint, now }: ManageProps) {
  if (deliveries.data.length === 0) {
    return (
      <Empty>
        No deliveries yet.{' '}
        {maySend(endpoint)
          ? 'Send a test to check that your URL works.'
          : 'The owner of the guestbook must enable this endpoint first.'}
      </Empty>
    )
  }
  return <DeliveryTable deliveries={deliveries.data} now={now} show="message" pathOf={logPath(path)} />
}

function logPath(path: string) {
  return ({ message_id }: DeliveryRow) => `${path}/messages/${message_id}`
}

/** The rows of the log alone. */
export function LogRows({ path, ...rows }: { path: string; deliveries: DeliveryRow[]; now: number }) {
  return <DeliveryRows {...rows} show="message" pathOf={logPath(path)} />
}

function ReplayCard(props: ManageProps) {
  return (
    <section class="card" id="replay">
      <h2>Send again</h2>
      {props.endpoint.status === 'enabled' && <ReplayForm path={props.path} />}
      <LiveJobs {...props} />
    </section>
  )
}

/** How far back an integrator's replay goes. */
export const REPLAY_DAYS = 7

function ReplayForm({ path }: { path: string }) {
  return (
    <form method="post" action={`${path}/replay`}>
      <p>
        Sends messages of the last {REPLAY_DAYS} days again, oldest first, with the same ids. It missed the events that
        happened while it was paused.
      </p>
      <button type="submit" name="only" value="failed">
        What failed
      </button>
      <button type="submit" name="only" value="missing">
        What was missed
      </button>
    </form>
  )
}

function SwitchCard({ path, endpoint }: { path: string; endpoint: EndpointRow }) {
  return (
    <section class="card" id="switch">
      {endpoint.status === 'enabled' && (
        <SwitchForm
          action={`${path}/pause`}
          name="Pause"
          text="Nothing is sent while the endpoint is paused. Pending deliveries are kept, but new events are not."
        />
      )}
      {mayResume(endpoint) && (
        <SwitchForm
          action={`${path}/resume`}
          name="Resume"
          text="Pending deliveries will be sent immediately, oldest first."
        />
      )}
      <Confirm action={`${path}/delete`} label="Delete this endpoint" summary="Delete">
        No more events will be sent, and this link will stop working.
      </Confirm>
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

export function DeletedPage({ mode }: { mode: Mode }) {
  return (
    <IntegratorPage title="Deleted">
      <p>Your endpoint has been deleted and will not receive any more events.</p>
      {mode !== 'off' && (
        <p>
          <a href="/webhooks">Register a URL</a>
        </p>
      )}
    </IntegratorPage>
  )
}
