import type { Context } from '../../kit/context'
import { batch, insist, run } from '../../kit/db/statements'
import { invalidField, tooMany } from '../../kit/http/problem'
import { TOO_MANY_TESTS, withinLimit } from '../../kit/http/rate-limit'
import { findType } from '../event-types/manage'
import { newDelivery } from '../rules/delivering/delivery-state'
import { EVENT_TYPES, type EventType, exampleAt, findEventType } from '../rules/events/catalogue'
import { wantsType } from '../rules/events/filter'
import { type AttemptResult, attemptDelivery } from '../send/deliver/attempt'
import { attemptRow, deliveryAfter } from '../send/deliver/settle'
import { insertAttempts, insertSettledDelivery } from '../send/deliver/store'
import type { ListedAttempt } from '../send/messages/queries'
import { planMessage } from '../send/publish/publish'
import { findText } from './condition-and-texts'
import { signingMaterial } from './secrets'
import type { EndpointRow } from './store'

/**
 * Sends one signed example and waits for the result, which is logged, but never retried, and no part of the health.
 * @param limit prevents the scanning of other hosts; the owner's by default
 * @throws Refusal 422 for an unknown type, 429 over the limit; SecretsKeyError if the secrets cannot be unsealed
 */
export async function sendTest(
  { env, now, clock, linkOrigin }: Context,
  endpoint: EndpointRow,
  type: string,
  limit: { binding: RateLimit; key: string } = { binding: env.TEST_LIMIT, key: 'test' }
): Promise<{ message_id: string; attempt: ListedAttempt; type: string; endpoint: EndpointRow }> {
  const eventType = await findType(env, type)
  if (!eventType) throw invalidField('type', `There is no event type "${type}". See /api/event-types.`)
  if (!(await withinLimit(limit.binding, limit.key))) throw tooMany(TOO_MANY_TESTS)
  // Without its secrets, the endpoint cannot get a signed test. Only the operator can fix that.
  await signingMaterial(env, endpoint, now)
  const example = exampleAt(eventType, linkOrigin())
  const { message, statement } = planMessage(env, type, example, now, { audience: endpoint.id })
  // Insert the message before the attempt: a receiver that has already pulled a later id would never see it.
  await run(statement)
  const signed = { ...endpoint, text: findText(endpoint.texts, type) }
  const attempt = await attemptDelivery(env, { endpoint: signed, message, trigger: 'test' }, clock)
  const row = await recordTest(env, endpoint, message, attempt, clock())
  return { message_id: message.id, attempt: row, type, endpoint }
}

/** Records the delivery of a test, which is settled from the start, and its attempt. */
async function recordTest(
  env: Env,
  endpoint: EndpointRow,
  message: { id: string },
  attempt: AttemptResult,
  now: number
): Promise<ListedAttempt> {
  const state = { ...newDelivery(now), trigger: attempt.trigger }
  const delivery = deliveryAfter({ endpoint, message, state }, attempt, now)
  const row = attemptRow({ delivery, attempt }, null)
  await insist(() => batch(env, [insertSettledDelivery(env, delivery), insertAttempts(env, [row])]))
  const { endpoint_id, message_id, late_at, job_id, ...shown } = row
  return shown
}

type Subscribed = Pick<EndpointRow, 'event_types'>

/** Integrators may test with the public built-in types, and with those of the owner's own that the endpoint gets. */
export function mayTestWith(type: string, { event_types }: Subscribed): boolean {
  return findEventType(type) !== undefined || wantsType(JSON.parse(event_types), type)
}

/** @param own the owner's types. @returns what the endpoint gets, and the others that may be tested, without ping */
export function testableTypes({ event_types }: Subscribed, own: EventType[], isOwner: boolean) {
  const subscribed: string[] = JSON.parse(event_types)
  const isWanted = ({ name }: EventType) => wantsType(subscribed, name)
  const builtIn = EVENT_TYPES.filter(({ name }) => name !== 'ping')
  const all = [...builtIn, ...own]
  return { wanted: all.filter(isWanted), others: (isOwner ? all : builtIn).filter((type) => !isWanted(type)) }
}
