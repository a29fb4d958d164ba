import { Confirm } from '../../../kit/html/confirm'
import { Secret } from '../../../kit/html/dashboard'
import { GraceSelect } from '../../../kit/html/grace-select'
import { Card } from '../../../kit/html/parts/card'
import { Check, Input, Select } from '../../../kit/html/parts/fields'
import { ButtonForm, Fold, Form, Submit } from '../../../kit/html/parts/form'
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
    <Card title="Test">
      <p>
        Sends one signed {types ? 'example' : 'ping'} now and shows the response. This can take up to{' '}
        {spanOf(DEADLINE_MS)}.
      </p>
      <Form action={may.test}>
        {types && (
          <Select name="type" label="Event type" choices={types.map((type) => [type, type] as const)} value="ping" />
        )}
        <Submit label="Send a test" kind={isPrimary ? 'primary' : undefined} />
      </Form>
      {test && <AttemptView {...test} />}
      {may.handshake && formatOf(endpoint.format).asksPermission && (
        <ButtonForm action={may.handshake} label="Ask for permission">
          The CloudEvents handshake asks the receiver for permission.
        </ButtonForm>
      )}
    </Card>
  )
}

export function SecretCard({ viewer: { may }, secret, publicKey, snippets }: EndpointProps) {
  return (
    <Card id="secret" title="Signing secret">
      {may.reveal && (
        <p>The receiver uses this secret to verify that requests come from this guestbook. Keep it private.</p>
      )}
      {secret && <Secret text={secret} label="Copy the secret" />}
      {may.reveal && !secret && (
        <p>
          <a class="button" href={may.reveal}>
            Show secret
          </a>
        </p>
      )}
      <Snippets snippets={snippets} />
      <Form action={may.rotate}>
        <GraceSelect label="Rotate secret. Keep the old one valid for" />
        {may.reveal && <OwnSecret />}
        <Submit label="Rotate" />
      </Form>
      {publicKey && (
        <p class="hint">
          To verify without a secret, use the <a href="/admin/keys">public key</a> of this guestbook:{' '}
          <code>{publicKey}</code>
        </p>
      )}
    </Card>
  )
}

function OwnSecret() {
  const label = (
    <>
      <code>whsec_</code> followed by 24 to 64 bytes in base64
    </>
  )
  return (
    <Fold summary="Use your own secret…">
      <Input id="own-secret" name="secret" label={label} autocomplete="off" />
    </Fold>
  )
}

/** Disables, enables or deletes an endpoint. An integrator pauses and resumes it. */
export function SwitchCard(props: EndpointProps) {
  const { endpoint, viewer } = props
  const { isOwner, may } = viewer
  if (isOwner && endpoint.disabled_reason === 'awaiting_approval') return <ApprovalCard may={may} url={endpoint.url} />
  return (
    <Card id="switch">
      {endpoint.status === 'enabled' ? <DisableForm {...viewer} /> : <EnableForm {...props} />}
      <Confirm action={may.delete ?? ''} label="Delete this endpoint" summary="Delete">
        {isOwner
          ? 'This deletes the secret permanently and cancels pending deliveries. The log is kept.'
          : 'No more events will be sent, and this link will stop working.'}
      </Confirm>
    </Card>
  )
}

/** An integrator waits for the owner's decision. */
function ApprovalCard({ may, url }: { may: Viewer['may']; url: string }) {
  return (
    <Card id="switch" title="Approve or reject">
      <p>
        The URL answered a challenge, so it accepts our events. This does not prove who registered it. It will receive
        only events about published entries, starting with the first one after your approval.
      </p>
      <ButtonForm action={may.enable} hidden={{ url }} label="Approve" kind="primary" />
      <Confirm action={may.delete ?? ''} label="Reject and delete this endpoint" summary="Reject">
        The integrator's link stops working. The URL can be registered again.
      </Confirm>
    </Card>
  )
}

function DisableForm({ isOwner, may }: Viewer) {
  const name = isOwner ? 'Disable' : 'Pause'
  return (
    <Form action={may.disable}>
      <h2>{name}</h2>
      <p>
        {isOwner
          ? 'Stops all deliveries until you enable the endpoint again. Pending deliveries are kept, and you can replay the messages that the endpoint misses.'
          : 'Nothing is sent while the endpoint is paused. Pending deliveries are kept, but new events are not.'}
      </p>
      <Submit label={name} />
    </Form>
  )
}

function EnableForm({ endpoint, viewer: { isOwner, may }, missed }: EndpointProps) {
  if (!may.enable) return null
  const isPaused = endpoint.manage_token_hash !== null && endpoint.disabled_reason === 'paused'
  return (
    <>
      <Form action={may.enable}>
        <h2>{isOwner ? 'Enable' : 'Resume'}</h2>
        <p>Parked deliveries will be sent immediately, oldest first. Scheduled retries keep their scheduled times.</p>
        {missed && <Missed {...missed} />}
        {isOwner ? <Submit label="Enable and send what is parked" kind="primary" /> : <Submit label="Resume" />}
      </Form>
      {isOwner && isPaused && (
        <ButtonForm action={may.disable} label="Disable">
          The integrator who paused this endpoint can resume it. Disable the endpoint to prevent that.
        </ButtonForm>
      )}
    </>
  )
}

function Missed(missed: Count) {
  if (missed.count === 0) return <p>The endpoint has not missed any messages.</p>
  const label = `Also replay ${countText(missed, 'message')} that it missed`
  return <Check name="replay_missing" value="true" checked label={label} />
}
