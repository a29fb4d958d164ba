import { Confirm } from '../../../kit/html/confirm'
import { CopyButton } from '../../../kit/html/dashboard'
import { GraceSelect } from '../../../kit/html/grace-select'
import { spanOf } from '../../../kit/lib/time'
import { formatOf } from '../../rules/events/formats'
import { DEADLINE_MS } from '../../send/http/call'
import { AttemptView } from '../../send/messages/delivery-views'
import type { Count } from '../../send/messages/queries'
import { countText } from '../../send/messages/views'
import { Snippets } from './snippet-views'
import type { EndpointProps, Viewer } from './viewer'

export function TestCard({ endpoint, viewer, test, types, asked }: EndpointProps) {
  const { isOwner, may } = viewer
  // A page has one primary action. Enabling an endpoint or starting a previewed replay takes precedence over a test.
  const isPrimary = (endpoint.status === 'enabled' || !isOwner) && !asked?.counted
  return (
    <section class="card">
      <h2>Test</h2>
      <p>
        Sends one signed {types ? 'example' : 'ping'} now and shows the response. This can take up to{' '}
        {spanOf(DEADLINE_MS)}.
      </p>
      <form method="post" action={may.test}>
        {types && (
          <>
            <label for="type">Event type</label>
            <select id="type" name="type">
              {types.map((name) => (
                <option value={name} selected={name === 'ping'}>
                  {name}
                </option>
              ))}
            </select>
          </>
        )}
        <button class={isPrimary ? 'primary' : ''} type="submit">
          Send a test
        </button>
      </form>
      {test && <AttemptView attempt={test} />}
      {may.handshake && formatOf(endpoint.format).asksPermission && (
        <form method="post" action={may.handshake}>
          <p>The CloudEvents handshake asks the receiver for permission.</p>
          <button type="submit">Ask for permission</button>
        </form>
      )}
    </section>
  )
}

export function SecretCard({ viewer: { may }, secret, publicKey }: EndpointProps) {
  return (
    <section class="card" id="secret">
      <h2>Signing secret</h2>
      {may.reveal && (
        <p>The receiver uses this secret to verify that requests come from this guestbook. Keep it private.</p>
      )}
      {secret && <Secret secret={secret} />}
      {may.reveal && !secret && (
        <p>
          <a class="button" href={may.reveal}>
            Show secret
          </a>
        </p>
      )}
      <Snippets />
      <form method="post" action={may.rotate}>
        <GraceSelect label="Rotate secret. Keep the old one valid for" />
        {may.reveal && (
          <details>
            <summary>Use your own secret…</summary>
            <label for="own-secret">
              <code>whsec_</code> followed by 24 to 64 bytes in base64
            </label>
            <input id="own-secret" name="secret" autocomplete="off" />
          </details>
        )}
        <button type="submit">Rotate</button>
      </form>
      {publicKey && (
        <p class="hint">
          To verify without a secret, use the <a href="/admin/keys">public key</a> of this guestbook:{' '}
          <code>{publicKey}</code>
        </p>
      )}
    </section>
  )
}

export function Secret({ secret }: { secret: string }) {
  return (
    <p class="secret">
      <code>{secret}</code> <CopyButton text={secret} label="Copy the secret" />
    </p>
  )
}

/** Disables, enables or deletes an endpoint. An integrator pauses and resumes it. */
export function SwitchCard(props: EndpointProps) {
  const { endpoint, viewer } = props
  const { isOwner, may } = viewer
  if (isOwner && endpoint.disabled_reason === 'awaiting_approval') return <ApprovalCard may={may} url={endpoint.url} />
  return (
    <section class="card" id="switch">
      {endpoint.status === 'enabled' ? <DisableForm {...viewer} /> : <EnableForm {...props} />}
      <Confirm action={may.delete ?? ''} label="Delete this endpoint" summary="Delete">
        {isOwner
          ? 'This deletes the secret permanently and cancels pending deliveries. The log is kept.'
          : 'No more events will be sent, and this link will stop working.'}
      </Confirm>
    </section>
  )
}

/** An integrator waits for the owner's decision. */
function ApprovalCard({ may, url }: { may: Viewer['may']; url: string }) {
  return (
    <section class="card" id="switch">
      <h2>Approve or reject</h2>
      <p>
        The URL answered a challenge, so it accepts our events. This does not prove who registered it. It will receive
        only events about published entries, starting with the first one after your approval.
      </p>
      <form method="post" action={may.enable}>
        <input type="hidden" name="url" value={url} />
        <button class="primary" type="submit">
          Approve
        </button>
      </form>
      <Confirm action={may.delete ?? ''} label="Reject and delete this endpoint" summary="Reject">
        The integrator's link stops working. The URL can be registered again.
      </Confirm>
    </section>
  )
}

function DisableForm({ isOwner, may }: Viewer) {
  const name = isOwner ? 'Disable' : 'Pause'
  return (
    <form method="post" action={may.disable}>
      <h2>{name}</h2>
      <p>
        {isOwner
          ? 'Stops all deliveries until you enable the endpoint again. Pending deliveries are kept, and you can replay the messages that the endpoint misses.'
          : 'Nothing is sent while the endpoint is paused. Pending deliveries are kept, but new events are not.'}
      </p>
      <button type="submit">{name}</button>
    </form>
  )
}

function EnableForm({ endpoint, viewer: { isOwner, may }, missed }: EndpointProps) {
  if (!may.enable) return null
  const isPaused = endpoint.manage_token_hash !== null && endpoint.disabled_reason === 'paused'
  return (
    <>
      <form method="post" action={may.enable}>
        <h2>{isOwner ? 'Enable' : 'Resume'}</h2>
        <p>Parked deliveries will be sent immediately, oldest first. Scheduled retries keep their scheduled times.</p>
        {missed && <Missed {...missed} />}
        <button class={isOwner ? 'primary' : undefined} type="submit">
          {isOwner ? 'Enable and send what is parked' : 'Resume'}
        </button>
      </form>
      {isOwner && isPaused && (
        <form method="post" action={may.disable}>
          <p>The integrator who paused this endpoint can resume it. Disable the endpoint to prevent that.</p>
          <button type="submit">Disable</button>
        </form>
      )}
    </>
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
