import { Confirm } from '../../../kit/html/confirm'
import { CopyButton } from '../../../kit/html/dashboard'
import { GraceSelect } from '../../../kit/html/grace-select'
import { spanOf } from '../../../kit/lib/time'
import { formatOf } from '../../rules/events/formats'
import { DEADLINE_MS } from '../../send/http/call'
import { AttemptView } from '../../send/messages/delivery-views'
import type { AttemptRow, Count } from '../../send/messages/queries'
import { countText } from '../../send/messages/views'
import type { EndpointRow } from '../store'
import { Snippets } from './snippet-views'

export interface TestProps {
  endpoint: EndpointRow
  /** The attempt of a test that was just sent. */
  test: AttemptRow | null
  /** Event types that a test can send. */
  types: string[]
}

export function TestCard({ endpoint, test, types, isPrimary }: TestProps & { isPrimary: boolean }) {
  const path = `/admin/endpoints/${endpoint.id}`
  return (
    <section class="card">
      <h2>Test</h2>
      <p>Sends one signed example now and shows the response. This can take up to {spanOf(DEADLINE_MS)}.</p>
      <form method="post" action={`${path}/test`}>
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
      {formatOf(endpoint.format).asksPermission && (
        <form method="post" action={`${path}/handshake`}>
          <p>The CloudEvents handshake asks the receiver for permission.</p>
          <button type="submit">Ask for permission</button>
        </form>
      )}
    </section>
  )
}

export interface SecretProps {
  endpoint: EndpointRow
  /** The signing secret in plain text, if it was requested. */
  secret: string | null
  /** The deployment's public key, `whpk_...`. */
  publicKey: string
}

export function SecretCard({ endpoint, secret, publicKey }: SecretProps) {
  const path = `/admin/endpoints/${endpoint.id}`
  return (
    <section class="card" id="secret">
      <h2>Signing secret</h2>
      <p>The receiver uses this secret to verify that requests come from this guestbook. Keep it private.</p>
      {secret ? (
        <p class="secret">
          <code>{secret}</code> <CopyButton text={secret} label="Copy the secret" />
        </p>
      ) : (
        <p>
          <a class="button" href={`${path}?secret=show#secret`}>
            Show secret
          </a>
        </p>
      )}
      <Snippets />
      <form method="post" action={`${path}/secret/rotate`}>
        <GraceSelect label="Rotate secret. Keep the old one valid for" />
        <details>
          <summary>Use your own secret…</summary>
          <label for="own-secret">
            <code>whsec_</code> followed by 24 to 64 bytes in base64
          </label>
          <input id="own-secret" name="secret" autocomplete="off" />
        </details>
        <button type="submit">Rotate</button>
      </form>
      <p class="hint">
        To verify without a secret, use the <a href="/admin/keys">public key</a> of this guestbook:{' '}
        <code>{publicKey}</code>
      </p>
    </section>
  )
}

export interface SwitchProps {
  endpoint: EndpointRow
  /** How many messages a disabled endpoint has missed; null for an enabled one. */
  missed: Count | null
}

/** Disables, enables or deletes an endpoint. */
export function SwitchCard({ endpoint, missed }: SwitchProps) {
  const path = `/admin/endpoints/${endpoint.id}`
  const isEnabled = endpoint.status === 'enabled'
  const isPaused = endpoint.manage_token_hash !== null && endpoint.disabled_reason === 'paused'
  if (endpoint.disabled_reason === 'awaiting_approval') return <ApprovalCard path={path} url={endpoint.url} />
  return (
    <section class="card" id="switch">
      <h2>{isEnabled ? 'Disable' : 'Enable'}</h2>
      {isEnabled ? <DisableForm path={path} /> : <EnableForm path={path} missed={missed} />}
      {isPaused && (
        <form method="post" action={`${path}/disable`}>
          <p>The integrator who paused this endpoint can resume it. Disable the endpoint to prevent that.</p>
          <button type="submit">Disable</button>
        </form>
      )}
      <Confirm action={`${path}/delete`} label="Delete this endpoint" summary="Delete">
        This deletes the secret permanently and cancels pending deliveries. The log is kept.
      </Confirm>
    </section>
  )
}

/** An integrator waits for the owner's decision. */
function ApprovalCard({ path, url }: { path: string; url: string }) {
  return (
    <section class="card" id="switch">
      <h2>Approve or reject</h2>
      <p>
        The URL answered a challenge, so it accepts our events. This does not prove who registered it. It will receive
        only events about published entries, starting with the first one after your approval.
      </p>
      <form method="post" action={`${path}/enable`}>
        <input type="hidden" name="url" value={url} />
        <button class="primary" type="submit">
          Approve
        </button>
      </form>
      <Confirm action={`${path}/delete`} label="Reject and delete this endpoint" summary="Reject">
        The integrator's link stops working. The URL can be registered again.
      </Confirm>
    </section>
  )
}

function DisableForm({ path }: { path: string }) {
  return (
    <form method="post" action={`${path}/disable`}>
      <p>
        Stops all deliveries until you enable the endpoint again. Pending deliveries are kept, and you can replay the
        messages that the endpoint misses.
      </p>
      <button type="submit">Disable</button>
    </form>
  )
}

function EnableForm({ path, missed }: { path: string; missed: Count | null }) {
  return (
    <form method="post" action={`${path}/enable`}>
      <p>Parked deliveries will be sent immediately, oldest first. Scheduled retries keep their scheduled times.</p>
      {missed && <Missed {...missed} />}
      <button class="primary" type="submit">
        Enable and send what is parked
      </button>
    </form>
  )
}

function Missed(missed: Count) {
  if (missed.count === 0) return <p>The endpoint has not missed any messages.</p>
  return (
    <label class="check">
      <input type="checkbox" name="replay_missing" value="true" checked /> Also replay {countText(missed, 'message')}{' '}
      that it missed
    </label>
  )
}
