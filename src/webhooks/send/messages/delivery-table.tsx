import { ShortId, Status } from '../../../kit/html/dashboard'
import { ButtonForm } from '../../../kit/html/parts/form'
import { type Column, Rows, Table } from '../../../kit/html/parts/table'
import { RelativeTime } from '../../../kit/html/time'
import { UserText } from '../../../kit/html/user-text'
import { timeOfId } from '../../../kit/lib/ids'
import { DASHBOARD } from '../../../kit/lib/paths'
import { MINUTE_MS } from '../../../kit/lib/time'
import { EndpointLink as NamedLink } from '../../endpoints/built-in-views'
import { leaseFrom } from '../deliver/lease'
import type { ListedDelivery } from './list-deliveries'
import type { DeliveryOutcome } from './list-messages'
import { isSending, type ShownDelivery } from './queries'

interface DeliveryTableProps {
  deliveries: ListedDelivery[]
  now: number
  /** Whether to show each delivery's message or its endpoint, whichever the page is not about. */
  show: 'message' | 'endpoint'
  /** What each message says in a few words, by its id. */
  titles?: Map<string, string>
  /** Whether to show a button beside what has not arrived. Nothing is left to send of a message that was erased. */
  canRetry?: boolean
  /** The path of a delivery's page. Defaults to the owner's page. */
  pathOf?: (delivery: ShownDelivery) => string
}

function ownersPath({ message_id, endpoint_id }: ShownDelivery): string {
  return `${DASHBOARD.messages}/${message_id}/deliveries/${endpoint_id}`
}

/** The rows of a table of deliveries. */
export function DeliveryRows({ deliveries, ...columns }: DeliveryTableProps) {
  return <Rows columns={columnsFor(columns)} rows={deliveries} />
}

export function DeliveryTable({ deliveries, ...columns }: DeliveryTableProps) {
  return <Table columns={columnsFor(columns)} rows={deliveries} isLive />
}

type ColumnsProps = Omit<DeliveryTableProps, 'deliveries'>

function columnsFor({ now, show, titles, canRetry, pathOf = ownersPath }: ColumnsProps): Column<ListedDelivery>[] {
  const isMessage = show === 'message'
  return [
    { head: 'Status', cell: StatusCell },
    {
      head: isMessage ? 'Message' : 'Endpoint',
      class: 'wide',
      cell: (delivery) =>
        isMessage ? <MessageLink {...{ delivery, titles, pathOf }} /> : <EndpointLink {...{ delivery, pathOf }} />,
    },
    { head: 'When', cell: ({ message_id }) => <RelativeTime at={timeOfId(message_id)} now={now} /> },
    { head: 'Attempts', cell: ({ attempt_count }) => attempt_count },
    { head: 'Last response', cell: (delivery) => <LastResponse delivery={delivery} now={now} /> },
    {
      head: 'Next attempt',
      cell: (delivery) => (
        <>
          <NextAttempt delivery={delivery} now={now} />
          {canRetry && <RetryButton delivery={delivery} now={now} />}
        </>
      ),
    },
    ...(isMessage ? [ID_COLUMN] : []),
  ]
}

/** With its time, if that is not the time of the message: after retries, a pause or a replay. */
function LastResponse({ delivery, now }: { delivery: ListedDelivery; now: number }) {
  const { message_id, last_status_code, tried_at } = delivery
  const isLater = tried_at != null && tried_at - timeOfId(message_id) >= MINUTE_MS
  return (
    <>
      {last_status_code ?? '–'}
      {isLater && (
        <div class="small">
          <RelativeTime at={tried_at} now={now} />
        </div>
      )}
    </>
  )
}

/** For what has not arrived. A test is not retried. */
function RetryButton({ delivery, now }: AttemptProps) {
  const { status, reason } = delivery
  const isMissing = (status === 'failed' && reason !== 'test_failed') || status === 'pending'
  if (!isMissing || !mayRetry(delivery, now)) return null
  return <ButtonForm action={`${ownersPath(delivery)}/retry`} label="Retry now" hidden={seen(delivery)} />
}

/** How much of the delivery the page shows, for a form that retries it. */
export const seen = ({ attempt_count }: ShownDelivery) => ({ attempts: String(attempt_count) })

/** @returns false if an attempt may be under way, or if the endpoint is disabled or deleted */
export function mayRetry(delivery: ShownDelivery, now: number): boolean {
  const { status, next_attempt_at, endpoint_url, disabled_reason } = delivery
  if (endpoint_url === null || disabled_reason !== null) return false
  return status !== 'pending' || next_attempt_at === null || next_attempt_at > leaseFrom(now)
}

const ID_COLUMN: Column<ShownDelivery> = {
  head: 'ID',
  label: null,
  cell: ({ message_id }) => <ShortId id={message_id} />,
}

function StatusCell(delivery: ShownDelivery) {
  const reason = reasonOf(delivery)
  return (
    <>
      <DeliveryStatusMark delivery={delivery} />
      {reason && <div class="small">{REASONS[reason] ?? reason.replaceAll('_', ' ')}</div>}
    </>
  )
}

/** @returns why a delivery is in its state. An endpoint that was never enabled is not called disabled */
export function reasonOf({ reason, disabled_reason }: ShownDelivery) {
  return reason === 'endpoint_disabled' && disabled_reason === 'awaiting_approval' ? disabled_reason : reason
}

/** Reasons that need other words than their names. */
const REASONS: Record<string, string> = {
  breaker_open: 'the endpoint is down',
  throttled: 'paused by the receiver',
  endpoint_draining: 'queued',
  paced: 'for the next call',
  schedule_spent: 'every attempt failed',
  coalesced: 'part of another call',
}

interface LinkProps {
  titles: Map<string, string> | undefined
  delivery: ShownDelivery
  pathOf: (delivery: ShownDelivery) => string
}

function MessageLink({ delivery, titles, pathOf }: LinkProps) {
  const title = titles?.get(delivery.message_id)
  const type = <code>{delivery.event_type}</code>
  if (title === undefined) return <a href={pathOf(delivery)}>{type}</a>
  return (
    <>
      <a href={pathOf(delivery)}>
        <UserText text={title} />
      </a>
      <div class="small">{type}</div>
    </>
  )
}

function EndpointLink({ delivery, pathOf }: Omit<LinkProps, 'titles'>) {
  return (
    <NamedLink
      href={pathOf(delivery)}
      url={delivery.endpoint_url ?? 'deleted endpoint'}
      description={delivery.endpoint_description}
    />
  )
}

/**
 * @returns what pages call the state of a delivery. A pending one is failing if an attempt failed, also while its
 *   endpoint is down; otherwise it is being sent, or it waits
 */
export function shownState({ status, reason, attempt_count }: DeliveryOutcome) {
  if (status !== 'pending') return status
  if (attempt_count > 0 && (reason === 'retrying' || reason === 'breaker_open')) return 'failing'
  return reason === null ? 'sending' : 'held'
}

export const DeliveryStatusMark = ({ delivery }: { delivery: ShownDelivery }) => <Status value={shownState(delivery)} />

/** A page of a list of deliveries whose filter matches none of them. */
export const NoneOnThisPage = () => <p class="empty">No deliveries on this page. There may be some on the next page.</p>

/** When the next attempt is, if that has no time. */
const UNTIL: Record<string, string> = {
  endpoint_disabled: 'when it is enabled or resumed',
  awaiting_approval: 'when approved',
  breaker_open: 'when it works again',
  throttled: 'after the pause',
  endpoint_draining: 'queued',
  paced: 'with the next call',
}

type AttemptProps = { delivery: ShownDelivery; now: number }

export function NextAttempt({ delivery, now }: AttemptProps) {
  const { status, next_attempt_at } = delivery
  if (status !== 'pending') return <>–</>
  if (isSending(delivery)) return <>now</>
  if (next_attempt_at === null || delivery.reason === 'breaker_open')
    return <>{UNTIL[reasonOf(delivery) ?? ''] ?? 'waiting'}</>
  return next_attempt_at <= now ? <>due now</> : <RelativeTime at={next_attempt_at} now={now} />
}
