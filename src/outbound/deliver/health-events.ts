import { DISABLE_AFTER_MS } from '../../core/delivering/endpoint-health'
import { FIRST_WAKE_MS } from '../../core/delivering/retry-schedule'
import { isOperational, serialisePayload } from '../../core/events/catalogue'
import { freshId } from '../../db/ids'
import { iso } from '../../http/pagination'
import type { AttemptResult } from './attempt'
import type { EndpointNews } from './health-tracker'
import type { Sending } from './sending'
import type { SettledRow } from './settle-store'

/*
 * Operational events: how endpoints are, told to the others. They are written in the batch that makes them true, and only if it does.
 */

export interface Announcement {
  id: string
  type: string
  payload: string
  /** The endpoint that it is about, which never gets it. */
  about: string
  /** What must have been written for it to be true: the endpoint's revision, or the delivery's end. */
  proof: { rev: string } | { message_id: string; settled_at: number }
}

export function endpointNews(news: EndpointNews, now: number): Announcement {
  const { endpoint, event, health, attempt } = news
  const { failing_since: failingSince, consecutive_failures: consecutiveFailures } = health
  const data = {
    ...about(endpoint, attempt),
    failing_since: iso(failingSince),
    consecutive_failures: consecutiveFailures,
    ...(event.type === 'endpoint.disabled' && { reason: event.reason }),
    ...(event.type === 'endpoint.failing' && {
      percent: event.percent,
      disabled_at: iso((failingSince ?? now) + DISABLE_AFTER_MS),
    }),
  }
  return announcement(event.type, endpoint.id, data, { rev: news.rev }, now)
}

/** @returns null when there is nothing to tell, or when that would be told of telling */
export function deliveryNews(sending: Sending, row: SettledRow): Announcement | null {
  const { endpoint, message } = sending
  const { state, attempt, now } = row
  if (state.status !== 'failed' || isOperational(message.type)) return null
  const data = {
    ...about(endpoint, { ...attempt, message_id: message.id }),
    message: { id: message.id, type: message.type },
    reason: state.reason,
    attempt_count: state.attempt_count,
  }
  const proof = { message_id: message.id, settled_at: now }
  return announcement('delivery.failed', endpoint.id, data, proof, now)
}

/** Of the URL only the host: for some receivers the rest is as good as a password. */
function about(
  { id, url, description }: Sending['endpoint'],
  attempt: AttemptResult & { message_id: string }
) {
  return {
    endpoint: { id, host: new URL(url).host, description },
    last_attempt: {
      message_id: attempt.message_id,
      outcome: attempt.outcome,
      status_code: attempt.status_code,
      error_class: attempt.error_class,
      started_at: iso(attempt.started_at),
    },
  }
}

function announcement(
  type: string,
  endpointId: string,
  data: unknown,
  proof: Announcement['proof'],
  now: number
): Announcement {
  const id = freshId('msg', now)
  return { id, type, payload: serialisePayload(id, type, now, data), about: endpointId, proof }
}

/** Inserts those that came true, if there is another endpoint that may ask for them. @returns (as rows) them */
export function insertAnnouncements(
  env: Env,
  announcements: Announcement[],
  now: number
): D1PreparedStatement {
  const rows = announcements.map(({ proof, ...rest }) => ({ ...rest, ...proof }))
  return env.DB.prepare(
    `insert or ignore into messages (id, type, created_at, payload, wake_at, about)
     select j.value ->> 'id', j.value ->> 'type', ?2, j.value ->> 'payload', ?2 + ${FIRST_WAKE_MS}, j.value ->> 'about'
     from json_each(?1) j
     where (exists (select 1 from endpoints e
         where e.id = j.value ->> 'about' and e.health_rev = j.value ->> 'rev')
       or exists (select 1 from deliveries d
         where d.endpoint_id = j.value ->> 'about' and d.message_id = j.value ->> 'message_id'
           and d.status = 'failed' and d.settled_at = j.value ->> 'settled_at'))
       and exists (select 1 from endpoints indexed by endpoints_enabled
         where status = 'enabled' and id > '' and id <> j.value ->> 'about')
     returning id, type`
  ).bind(JSON.stringify(rows), now)
}
