import { type DeliveryState, newDelivery, transition } from '../../core/delivering/delivery-state'
import type { EndpointRow } from '../../endpoints/store'
import { findType } from '../../event-types/manage'
import { invalid, tooMany } from '../../http/problem'
import { withinLimit } from '../../http/rate-limit'
import { type AttemptResult, attemptDelivery } from '../deliver/attempt'
import { insertAttempts, insertSettledDelivery } from '../deliver/settle-store'
import type { AttemptRow } from '../messages/queries'
import { planMessage } from '../publish/publish'

/**
 * Sends one signed example to one endpoint and waits for what comes of it. It goes into the log like any delivery, but is never
 * retried, and says nothing about the endpoint's health. Limited, so that it is no probe of other hosts.
 * @param limit who is limited: the owner, unless it is said
 * @throws Refusal 422 for an unknown type, 429 over the limit
 */
export async function sendTest(
  env: Env,
  endpoint: EndpointRow,
  type: string,
  limit: { binding: RateLimit; key: string } = { binding: env.TEST_LIMIT, key: 'test' }
): Promise<{ message_id: string; attempt: AttemptRow }> {
  const eventType = await findType(env, type)
  if (!eventType) {
    throw invalid([
      { path: 'type', message: `There is no event type "${type}". See /api/event-types.` },
    ])
  }
  if (!(await withinLimit(limit.binding, limit.key))) {
    throw tooMany('That is enough tests for this minute. Wait a little.')
  }
  const now = Date.now()
  const { message, statement } = planMessage(env, type, eventType.example, now, {
    audience: endpoint.id,
  })
  // Written first, since whoever pulls goes by the order of ids: it must not come later than its id says.
  await statement.run()
  const attempt = await attemptDelivery(env, { endpoint, message, trigger: 'test' })
  await recordTest(env, endpoint.id, message.id, attempt)
  return { message_id: message.id, attempt: toRow(attempt) }
}

/** The one delivery and attempt of a message that is for nobody else. */
async function recordTest(
  env: Env,
  endpointId: string,
  messageId: string,
  attempt: AttemptResult
): Promise<void> {
  const now = Date.now()
  const before: DeliveryState = { ...newDelivery(now), trigger: 'test' }
  const state = transition(before, { type: 'attempted', attempt, now, random: 0 })
  const row = { endpoint_id: endpointId, message_id: messageId, state, attempt, now }
  await env.DB.batch([insertSettledDelivery(env, row), insertAttempts(env, [row])])
}

function toRow(attempt: AttemptResult): AttemptRow {
  return {
    number: 1,
    trigger: attempt.trigger,
    started_at: attempt.started_at,
    duration_ms: attempt.duration_ms,
    outcome: attempt.outcome,
    status_code: attempt.status_code,
    error_class: attempt.error_class,
    response_excerpt: attempt.excerpt,
  }
}
