import { freshId } from '../../../kit/db/ids'
import { statement } from '../../../kit/db/statements'
import { iso } from '../../../kit/http/pagination'
import { hostOf } from '../../../kit/lib/url'
import { RECEIVER_NAME, receiverSource } from '../../rules/delivering/built-in-receiver'
import { DISABLE_AFTER_MS, type EndpointHealth, type HealthEvent } from '../../rules/delivering/endpoint-health'
import { FIRST_WAKE_MS } from '../../rules/delivering/retry-schedule'
import { isOperational, serializePayload } from '../../rules/events/catalogue'
import type { messages } from '../../tables/outgoing'
import type { AttemptResult } from './attempt'
import type { Sending } from './sending'
import type { DeliveryRow, SettledDelivery } from './store'

/* Operational events, in the batch that writes what they report: if that is not written, they are not. */

type MessageRow = typeof messages.$inferSelect

interface OperationalEvent extends Pick<MessageRow, 'id' | 'type' | 'payload' | 'hops'> {
  /** The endpoint that the event is about. That endpoint never gets the event. */
  about: NonNullable<MessageRow['about']>
  /** The event is inserted only if this was written: a revision of the endpoint, or the failed delivery. */
  proof: { health_rev: string } | Pick<DeliveryRow, 'message_id' | 'settled_at'>
}

type LastAttempt = Pick<AttemptResult, 'outcome' | 'status_code' | 'error_class' | 'started_at'> & {
  message_id: string | null
}

/** A health event with the data for its payload. It applies only if the revision `health_rev` was written. */
export interface EndpointEvent {
  endpoint: Pick<Sending['endpoint'], 'id' | 'url' | 'description'>
  event: HealthEvent
  health: Pick<EndpointHealth, 'failing_since' | 'consecutive_failures' | 'outage_since' | 'outage_failures'>
  /** Undefined if the log of attempts has been removed. */
  attempt: LastAttempt | undefined
  health_rev: string
}

export function endpointEvent(
  { endpoint, event, health, attempt, health_rev }: EndpointEvent,
  now: number
): OperationalEvent {
  // A recovery reports the failures that have ended.
  const isOver = event.type === 'endpoint.recovered'
  const failing_since = isOver ? health.outage_since : health.failing_since
  const consecutive_failures = isOver ? health.outage_failures : health.consecutive_failures
  const data = {
    ...summarize(endpoint, attempt),
    failing_since: iso(failing_since),
    consecutive_failures,
    ...(event.type === 'endpoint.disabled' && { reason: event.reason }),
    ...(event.type === 'endpoint.failing' && {
      percent: event.percent,
      disabled_at: iso((failing_since ?? now) + DISABLE_AFTER_MS),
    }),
  }
  return operationalEvent(event.type, { about: endpoint.id, hops: 0, proof: { health_rev } }, data, now)
}

/** @returns null if the delivery has not failed, or if its message is an operational event */
export function deliveryEvent(
  { endpoint, message }: Sending,
  delivery: SettledDelivery,
  attempt: AttemptResult,
  now: number
): OperationalEvent | null {
  const { message_id, status, reason, attempt_count, settled_at } = delivery
  if (status !== 'failed' || isOperational(message.type)) return null
  const data = {
    ...summarize(endpoint, { ...attempt, message_id }),
    message: { id: message_id, type: message.type },
    reason,
    attempt_count,
  }
  // The event has the hops of the failed message. Otherwise, it could keep a loop of guestbooks going.
  const options = { about: endpoint.id, hops: message.hops, proof: { message_id, settled_at } }
  return operationalEvent('delivery.failed', options, data, now)
}

/** Includes only the host of the URL, because the rest may contain a secret. */
function summarize({ id, url, description }: EndpointEvent['endpoint'], attempt: LastAttempt | undefined) {
  const { message_id = null, outcome = 'delivered', status_code = null, error_class = null, started_at } = attempt ?? {}
  return {
    endpoint: { id, host: receiverHost(url), description },
    last_attempt: { message_id, outcome, status_code, error_class, started_at: iso(started_at ?? null) },
  }
}

/** An address has no host, so its domain is shown. */
function receiverHost(url: string): string {
  if (receiverSource(url) !== null) return RECEIVER_NAME
  return /^mailto:/i.test(url) ? url.slice(url.indexOf('@') + 1) : hostOf(url)
}

function operationalEvent(
  type: string,
  options: Pick<OperationalEvent, 'about' | 'hops' | 'proof'>,
  data: unknown,
  now: number
): OperationalEvent {
  const id = freshId('msg', now)
  return { id, type, payload: serializePayload(id, type, now, data), ...options }
}

const INSERT_EVENTS = statement<{ events: string; now: number }, Pick<MessageRow, 'id' | 'type'>>(`
  insert or ignore into messages (id, type, created_at, payload, wake_at, about, hops)
  select j.value ->> 'id', j.value ->> 'type', :now, j.value ->> 'payload',
    :now + ${FIRST_WAKE_MS}, j.value ->> 'about', j.value ->> 'hops'
  from json_each(:events) j
  where (
      exists (
        select 1 from endpoints e
        where e.id = j.value ->> 'about' and e.health_rev = j.value ->> 'health_rev')
      or exists (
        select 1 from deliveries d
        where d.endpoint_id = j.value ->> 'about'
          and d.message_id = j.value ->> 'message_id'
          and d.status = 'failed'
          and d.settled_at = j.value ->> 'settled_at'))
    and exists (
      select 1 from endpoints indexed by endpoints_enabled
      where status = 'enabled' and id > '' and id <> j.value ->> 'about')
  returning id, type`)

/** Inserts the events whose conditions are now met, if another endpoint is enabled. @returns the inserted events */
export function insertEvents(env: Env, events: OperationalEvent[], now: number) {
  const rows = events.map(({ proof, ...event }) => ({ ...event, ...proof }))
  return INSERT_EVENTS(env, { events: JSON.stringify(rows), now })
}
