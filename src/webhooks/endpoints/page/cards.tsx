import { useContext } from '#jsx'
import { stepsOfRow } from '../../../kit/field-rows'
import { Confirm } from '../../../kit/html/confirm'
import { CopyButton, Secret } from '../../../kit/html/dashboard'
import { GraceSelect } from '../../../kit/html/grace-select'
import { ActLink } from '../../../kit/html/list'
import { type NamedPart, Steps } from '../../../kit/html/pairs'
import { Card } from '../../../kit/html/parts/card'
import { Check, Input } from '../../../kit/html/parts/fields'
import { ButtonForm, Fold, Form, Kept, Submit } from '../../../kit/html/parts/form'
import { ExactTime } from '../../../kit/html/time'
import { UserBlock } from '../../../kit/html/user-text'
import { keepFlash } from '../../../kit/http/flash'
import { DASHBOARD } from '../../../kit/lib/paths'
import { spanOf } from '../../../kit/lib/time'
import { formatOf } from '../../rules/events/formats'
import { DEADLINE_MS } from '../../send/http/call'
import { AttemptView, type ShownAttempt } from '../../send/messages/delivery-views'
import type { Count } from '../../send/messages/queries'
import { countText } from '../../send/messages/views'
import { ENDPOINT_FIELDS } from '../fields'
import type { EndpointRow } from '../store'
import { WHY_SECRET } from '../views'
import type { Snippet } from './snippets'
import type { Viewed } from './viewer'

interface TestProps extends Viewed {
  /** The attempt of a test that was just sent. */
  test: ShownAttempt | null
  /** Whether the top of the page has the primary action. */
  hasAct: boolean
}

export function TestCard({ endpoint, viewer: { may, isOwner }, test, hasAct }: TestProps) {
  return (
    <Card id="test">
      <p>
        Sends one signed <code>ping</code> now and shows the response. This can take up to {spanOf(DEADLINE_MS)}.
      </p>
      <Form action={may.test}>
        <Submit label="Send a test" kind={hasAct ? undefined : 'primary'} />
      </Form>
      {test && <AttemptView {...test} {...{ isOwner, format: endpoint.format }} check="#signature" />}
      {may.handshake && formatOf(endpoint.format).asksPermission && (
        <ButtonForm action={may.handshake} label="Ask for permission">
          The CloudEvents handshake asks the receiver for permission.
        </ButtonForm>
      )}
    </Card>
  )
}

interface SecretProps extends Viewed {
  /** The signing secret in plain text, if it was requested. */
  secret?: string | undefined
  old_until?: number | undefined
  /** The deployment's public key, `whpk_...`. */
  publicKey: string | undefined
  snippets: Snippet[]
}

export function EndpointSecretCard({ viewer, endpoint, secret, old_until, publicKey, snippets, now }: SecretProps) {
  const { may, page } = viewer
  return (
    <Card id="secret">
      {may.reveal ? (
        <p>{WHY_SECRET}</p>
      ) : (
        <p>
          The secret is shown once, above the tabs of this page, for a few minutes after it was created. If you lost it,
          rotate it. <a href={keepFlash(`${page}?tab=test#signature`, useContext(Kept))}>Check a signature</a>
        </p>
      )}
      {secret && <Secret text={secret} label="Copy the secret" />}
      <OldSecret until={old_until} now={now} />
      {may.reveal && !secret && (
        <p>
          <ActLink href={may.reveal}>Show secret</ActLink>
        </p>
      )}
      <Snippets snippets={snippets} />
      <Form action={may.rotate}>
        <GraceSelect label="Rotate secret. Keep the old one valid for" />
        {may.reveal && <OwnSecret />}
        {endpoint.legacy_signature && (
          <p class="hint">
            <code>X-Hub-Signature-256</code> has room for one signature, which is made with the new secret at once. A
            receiver that checks this header must get the new secret at the same time.
          </p>
        )}
        <Submit label="Rotate" />
      </Form>
      {publicKey && (
        <p class="hint">
          To verify without a secret, use the <a href={DASHBOARD.signingKeys}>public key</a> of this guestbook:{' '}
          <code>{publicKey}</code>
        </p>
      )}
    </Card>
  )
}

/** @param until when the secret before it stops being valid, if there was one */
export function OldSecret({ until = 0, now }: { until: number | undefined; now: number }) {
  return until > now ? (
    <p>
      Requests are also signed with the old secret, which stays valid until <ExactTime at={until} />.
    </p>
  ) : null
}

/** Code to verify our signature, in the language of the receiver. It stands beside the secret. */
function Snippets({ snippets }: { snippets: Snippet[] }) {
  return (
    <details class="snippets">
      <summary>Code to verify the signature</summary>
      <p class="hint">
        Keep the secret in an environment variable. The <a href="/webhooks/guide">guide for receivers</a> explains each
        step, with complete programs. Instead of this code, you can use a library for{' '}
        <a href="https://www.standardwebhooks.com/">Standard Webhooks</a>.
      </p>
      {snippets.map(({ language, code }) => (
        <details name="snippet">
          <summary>{language}</summary>
          <CopyButton text={code.join('\n')} label={`Copy the code for ${language}`} />
          <UserBlock text={code.join('\n')} />
        </details>
      ))}
    </details>
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

/** What an endpoint gets. An integrator sees it, too. */
export const subscriptionOf = (endpoint: EndpointRow): NamedPart[] => stepsOfRow(ENDPOINT_FIELDS.rows, endpoint, false)

/** An integrator waits for the owner's decision. */
export function ApprovalForms({ endpoint, viewer: { may }, parked }: Viewed & { parked: Count }) {
  return (
    <>
      <Steps pairs={[...subscriptionOf(endpoint), ['Registered', <ExactTime at={endpoint.created_at} />]]} />
      <p>
        The URL answered a challenge, so it accepts our events. This does not prove who registered it. It will receive
        only events about published entries of these books. To choose other books, edit its settings first. After you
        approve it, it gets each new event.
      </p>
      {parked.count > 0 && <p>When you approve it, the waiting deliveries are sent, oldest first.</p>}
      <ButtonForm action={may.enable} hidden={{ url: endpoint.url }} label="Approve" kind="primary" />
      <Confirm action={may.delete ?? ''} label="Reject and delete this endpoint" summary="Reject">
        The integrator's link stops working. The URL can be registered again.
      </Confirm>
    </>
  )
}

/** Enables or resumes an endpoint. @param missed how many messages it has missed, for the owner */
export function EnableForm({ viewer: { isOwner, may }, missed }: Viewed & { missed: Count | null }) {
  return (
    <Form action={may.enable}>
      <p>Once it is enabled, waiting deliveries are sent, oldest first. Scheduled retries keep their times.</p>
      {missed && <Missed {...missed} />}
      <Submit label={isOwner ? 'Enable' : 'Resume'} kind="primary" />
    </Form>
  )
}

function Missed(missed: Count) {
  if (missed.count === 0) return <p>The endpoint has not missed any messages.</p>
  const label = `Also replay ${countText(missed, 'message')} that it missed`
  return <Check name="replay_missing" value="true" checked label={label} />
}

/** Disables or deletes an endpoint. An integrator pauses it. */
export function DangerCard({ endpoint, viewer: { isOwner, may } }: Viewed) {
  const { status, disabled_reason, manage_token_hash } = endpoint
  const isPaused = manage_token_hash !== null && disabled_reason === 'paused'
  return (
    <Card id="switch" title={isOwner ? 'Disable or delete' : 'Pause or delete'}>
      {status === 'enabled' && (
        <ButtonForm action={may.disable} label={isOwner ? 'Disable' : 'Pause'}>
          {isOwner
            ? 'Stops all deliveries until you enable the endpoint again. Waiting deliveries are kept, and you can replay the missed messages.'
            : 'No events are sent while the endpoint is paused. Waiting deliveries are kept, but the endpoint misses new events.'}
        </ButtonForm>
      )}
      {isOwner && isPaused && (
        <ButtonForm action={may.disable} label="Disable">
          The integrator who paused this endpoint can resume it. Disable the endpoint to prevent that.
        </ButtonForm>
      )}
      <Confirm action={may.delete ?? ''} label="Delete this endpoint" summary="Delete">
        {isOwner
          ? 'This deletes the secret and cancels waiting deliveries. The log is kept.'
          : 'No more events will be sent, and this link will stop working.'}
      </Confirm>
    </Card>
  )
}
