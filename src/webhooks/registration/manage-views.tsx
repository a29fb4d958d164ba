import type { Child } from '#jsx'
import { Secret, ShortId } from '../../kit/html/dashboard'
import { ActLink } from '../../kit/html/list'
import { Card } from '../../kit/html/parts/card'
import { Submit } from '../../kit/html/parts/form'
import { EndpointDetails, type EndpointProps } from '../endpoints/page/views'
import { type CheckProps, SignatureCard } from '../endpoints/signature-views'
import type { EndpointRow } from '../endpoints/store'
import { DeliveryStatusMark } from '../send/messages/delivery-table'
import { DeliveryDetails, type DetailProps } from '../send/messages/delivery-views'
import { isSending } from '../send/messages/queries'
import type { ChallengeShown } from './challenge'
import { ChallengeReport, WaitingForAnswer } from './challenge-views'
import { type FrameProps, IntegratorPage } from './frame'
import type { RegistrationFields } from './register'
import { RegistrationInputs, refusedInBrief } from './views'

interface ManageProps extends EndpointProps, Omit<FrameProps, 'title'> {
  /** The check of a signature, on its tab. */
  check: CheckProps | false
  /** The host of this guestbook: its reader may have endpoints at several. */
  host: string
}

export function ManagePage(props: ManageProps) {
  const { once, check, viewer } = props
  return (
    <IntegratorPage title={`Your endpoint at ${props.host}`} notice={noticeOf(props)} error={props.error}>
      <EndpointDetails {...props}>
        {once?.is_new_link && <NewLink link={once.origin + viewer.page} />}
        {once?.challenge && (
          <details class="card">
            <summary>How your URL answered the challenge</summary>
            <ChallengeReport challenge={once.challenge} />
          </details>
        )}
        <p>
          <a href={`${viewer.page}/guide`}>How to receive, verify and answer our requests</a>
        </p>
      </EndpointDetails>
      {check && <SignatureCard {...check} />}
    </IntegratorPage>
  )
}

/** A new link without a new secret replaces a lost one. */
function noticeOf({ once, tab, notice }: ManageProps): Child {
  if (!once?.is_new_link || tab !== 'deliveries') return notice
  return once.secret === undefined
    ? 'This page has a new private link. The old one no longer works.'
    : 'Verified: your URL has answered the challenge.'
}

function NewLink({ link }: { link: string }) {
  return (
    <Card title="Save the address of this page">
      <Secret text={link} label="Copy the link" />
      <p class="hint">
        Anyone with this link can read the log, send tests, retry, replay and pull messages, edit the endpoint, rotate
        the secret, and pause or delete the endpoint. Treat the link like a password. If you lose it, register the URL
        again. The URL then gets an event with a link that creates a new private link.
      </p>
    </Card>
  )
}

interface DeliveryProps extends DetailProps, Omit<FrameProps, 'title'> {
  endpoint: EndpointRow
  /** The path of the endpoint's page. */
  page: string
}

export function ManagedDeliveryPage(props: DeliveryProps) {
  const { page, endpoint, delivery, notice } = props
  const mayRetry = endpoint.status === 'enabled' && !isSending(delivery)
  return (
    <IntegratorPage title="Delivery" {...{ page, notice }}>
      <p class="lead">
        <DeliveryStatusMark delivery={delivery} /> <code>{delivery.event_type}</code>{' '}
        <ShortId id={delivery.message_id} /> to <a href={page}>your endpoint</a>
      </p>
      <DeliveryDetails
        {...props}
        isOwner={false}
        retryAt={mayRetry ? `${page}/messages/${delivery.message_id}/retry` : null}
        check={`${page}?tab=test&tested=${delivery.message_id}#signature`}
      />
    </IntegratorPage>
  )
}

interface EditProps {
  page: string
  fields: RegistrationFields
  /** What a new URL was sent, if it has not answered. */
  challenge: ChallengeShown | null
  /** The event types that the owner has given to the endpoint. */
  given: string[]
}

export function EditManagedPage({ page, fields, given, challenge }: EditProps) {
  return (
    <IntegratorPage title="Edit your endpoint" page={page} error={refusedInBrief(challenge)}>
      {challenge && <ChallengeReport challenge={challenge} />}
      <Card action={`${page}/edit`}>
        <RegistrationInputs fields={fields} isEdit />
        {given.length > 0 && (
          <p class="hint">
            The owner of the guestbook has added <code>{given.join(' ')}</code>. The endpoint keeps getting these
            events.
          </p>
        )}
        <Submit label="Save" kind="primary" />
        <ActLink href={page}>Cancel</ActLink>
        <WaitingForAnswer isEdit />
      </Card>
    </IntegratorPage>
  )
}

export function DeletedPage() {
  return (
    <IntegratorPage title="Deleted">
      <p>
        Your endpoint has been deleted and will not receive any more events. To register a URL, start with the{' '}
        <a href="/webhooks/guide">guide</a>.
      </p>
    </IntegratorPage>
  )
}
