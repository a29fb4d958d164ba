import * as z from 'zod'
import { requireAlso, sightOf } from '../../access/rights'
import { Refusal } from '../../kit/http/problem'
import { isChanged } from '../../kit/lib/changed'
import { DASHBOARD } from '../../kit/lib/paths'
import { action, bodyOf, json, pageOf, readCursor } from '../../kit/operation'
import { readExplanations } from '../explanations'
import { requireMaySend, requireRoomToAct, requireTestType } from '../registration/manage'
import { showManaged } from '../registration/show-managed'
import { listDeliveries } from '../send/messages/list-deliveries'
import { countParked, withoutEcho } from '../send/messages/queries'
import { tryEndpoint as attempt } from '../send/messages/retry'
import {
  attemptOut,
  deliveryOut,
  deliveryQuery,
  testRequest,
  timesOf,
  toAttempt,
  toDelivery,
} from '../send/messages/schemas'
import { jobOut, toJob } from '../send/resend/schemas'
import { endpointOut, toEndpoint } from './api-output'
import { shakeHands } from './cloudevents-handshake'
import { disableEndpoint as disable } from './health'
import { requireEndpoint } from './manage'
import { startEndpoint } from './page/lifecycle'
import { showEndpointAgain } from './page/show-endpoint'
import { noFields } from './schemas'
import { sendTest } from './send-test'
import type { EndpointRow } from './store'

/* The operations that start, stop and try an endpoint, and that list what was sent to it. */

const enabling = bodyOf('Enabling', { replay_missing: z.boolean().default(false) })
const enabledEndpoint = endpointOut.and(z.object({ job: z.union([jobOut, z.null()]) })).meta({ id: 'EnabledEndpoint' })

export const enableEndpoint = action({
  call: 'POST /api/endpoints/{id}/enable',
  may: 'write',
  act: 'endpoint.enabled',
  summary: 'Enable an endpoint',
  description:
    'Sends waiting deliveries, oldest first. With `replay_missing`, messages published while the endpoint was disabled are also replayed. ' +
    'To count those messages first, call `replay` with `dry_run`, `only` = `missing` and `since` = `disabled_at`.',
  refusals: [409],
  takes: enabling,
  isOptional: true,
  gives: { 200: json(enabledEndpoint, 'The endpoint, and the job that replays missed messages.') },
  run: (asked, { replay_missing }) => {
    if (replay_missing) requireAlso(asked, 'read')
    return startEndpoint(asked, asked.params.id, replay_missing, asked.manages ? 'resumed' : 'enabled')
  },
  changes: ({ before, row }) => isChanged(before, row),
  show: ({ row, job }, asked) => ({ ...toEndpoint(row, sightOf(asked)), job: job && toJob(job) }),
  form: {
    at: '/endpoints/:id/enable',
    read: (form) => ({ replay_missing: form.get('replay_missing') === 'true' }),
    check: async ({ env, params }, form) => requireSeen(await requireEndpoint(env, params.id), form.get('url')),
    // Only the form of an approval says which URL it is about.
    next: ({ row }, { form }) => `${DASHBOARD.endpoints}/${row.id}?done=${form.has('url') ? 'approved' : 'enabled'}`,
    refused: showEndpointAgain,
  },
  managed: {
    at: '/resume',
    check: requireMaySend,
    next: (_, { base }) => `${base}?done=resumed`,
    refused: showManaged,
  },
})

/** An integrator may have changed the URL since the owner looked. @throws Refusal 409 */
function requireSeen({ disabled_reason, url }: EndpointRow, seen: string | null): void {
  if (disabled_reason !== 'awaiting_approval' || seen === url) return
  const detail = 'The integrator has changed this URL in the meantime. Look at it, then approve it.'
  throw new Refusal(409, 'changed_meanwhile', detail)
}

export const disableEndpoint = action({
  call: 'POST /api/endpoints/{id}/disable',
  may: 'write',
  act: 'endpoint.disabled',
  summary: 'Disable an endpoint',
  takes: noFields,
  isOptional: true,
  gives: { 200: json(endpointOut, 'The endpoint.') },
  run: async ({ env, now, params: { id }, manages }) => {
    // What an integrator has paused, the integrator can resume.
    const hasChanged = await disable(env, id, manages ? 'paused' : 'manual', now)
    return { row: await requireEndpoint(env, id), hasChanged }
  },
  changes: ({ hasChanged }) => hasChanged,
  show: ({ row }, asked) => toEndpoint(row, sightOf(asked)),
  form: { at: '/endpoints/:id/disable', next: ({ row }) => `${DASHBOARD.endpoints}/${row.id}?done=disabled` },
  managed: { at: '/pause', next: (_, { base }) => `${base}?done=paused` },
})

export const tryEndpoint = action({
  call: 'POST /api/endpoints/{id}/try',
  may: 'write',
  act: 'endpoint.tried',
  summary: 'Try an endpoint now',
  description:
    'Sends one delivery immediately: the oldest that waits, also for its retry. If none waits, it sends the last one that failed for good. If this delivery succeeds, the others follow. If there is no such delivery, the response is `409 nothing_waiting`.',
  refusals: [409],
  takes: noFields,
  isOptional: true,
  gives: { 202: json(deliveryOut, 'The delivery that is being sent.') },
  run: async ({ env, now, params: { id } }) => {
    const { count } = await countParked(env, id)
    return { delivery: await attempt(env, id, now), count }
  },
  show: ({ delivery }, asked) => toDelivery(delivery, sightOf(asked)),
  form: {
    at: '/endpoints/:id/try',
    next: ({ delivery, count }, { asked }) =>
      `${DASHBOARD.endpoints}/${delivery.endpoint_id}?${toWatch(count, asked.now)}`,
    refused: showEndpointAgain,
  },
  managed: {
    at: '/try',
    limit: 'attempts',
    check: async (asked) => {
      await requireMaySend(asked)
      await requireRoomToAct(asked)
    },
    next: ({ count }, { asked, base }) => `${base}?${toWatch(count, asked.now)}`,
    refused: showManaged,
  },
})

/** @returns the query of a page that shows how much of what waits is sent from now on */
const toWatch = (count: number, now: number): string => `done=tried&of=${count}&at=${now}`

const testResult = attemptOut.and(z.object({ message_id: z.string() })).meta({ id: 'TestResult' })

export const testEndpoint = action({
  call: 'POST /api/endpoints/{id}/test',
  may: 'write',
  act: 'endpoint.tested',
  summary: 'Send a test',
  description:
    "Sends a signed `ping`, or an event type's example, and waits for the response. A test is logged but never retried.",
  refusals: [429, 503],
  takes: testRequest,
  isOptional: true,
  gives: { 200: json(testResult, 'The attempt. The status is 200 even if the attempt failed.') },
  run: async (asked, { type }) => {
    const { env, params, manages } = asked
    // Integrators do not use up the owner's tests.
    const limit = manages ? { binding: env.REGISTER_LIMIT, key: manages.id } : undefined
    return sendTest(asked, await requireEndpoint(env, params.id), type, limit)
  },
  show: async ({ message_id, attempt, type, endpoint }, asked) => ({
    message_id,
    ...toAttempt(
      withoutEcho(attempt, type, endpoint, sightOf(asked)),
      await readExplanations(asked.env),
      endpoint.format
    ),
  }),
  form: {
    at: '/endpoints/:id/test',
    read: (form) => ({ type: form.get('type') ?? undefined }),
    next: ({ message_id }, { asked }) => `${DASHBOARD.endpoints}/${asked.params.id}?tab=test&tested=${message_id}`,
    refused: showEndpointAgain,
  },
  managed: {
    at: '/test',
    limit: 'tests',
    check: async (asked, form) => {
      await requireMaySend(asked)
      await requireTestType(asked, form.get('type') ?? 'ping')
    },
    read: (form) => ({ type: form.get('type') ?? undefined }),
    next: ({ message_id }, { base }) => `${base}?tab=test&tested=${message_id}`,
    refused: showManaged,
  },
})

const handshakeOut = z
  .object({
    allowed: z.boolean(),
    origin: z.string().describe('The host name for which permission was requested.'),
    allowed_rate: z.int().nullable().describe('Requests per minute that the receiver allows; null for no limit.'),
    status_code: z.int().nullable(),
    error_class: z.string().nullable(),
  })
  .meta({ id: 'Handshake' })

export const shakeHandsWithEndpoint = action({
  call: 'POST /api/endpoints/{id}/handshake',
  may: 'write',
  act: 'endpoint.handshake',
  summary: 'Ask the receiver for permission',
  description:
    'Runs the CloudEvents validation handshake: we send an OPTIONS request with `WebHook-Request-Origin`, and a receiver that agrees returns ' +
    '`WebHook-Allowed-Origin`. The handshake runs only when you make this call. If `WebHook-Allowed-Rate` is below the `rate_limit` of the endpoint, the allowed rate becomes the new `rate_limit`. ' +
    'The `rate_limit` applies only to waiting and replayed deliveries. New messages are sent immediately.',
  refusals: [429],
  takes: noFields,
  isOptional: true,
  gives: { 200: json(handshakeOut, "The receiver's response.") },
  run: async ({ env, now, params, linkOrigin }) =>
    shakeHands(env, await requireEndpoint(env, params.id), linkOrigin(), now),
  show: (handshake) => handshake,
  form: {
    at: '/endpoints/:id/handshake',
    next: ({ allowed }, { asked }) =>
      `${DASHBOARD.endpoints}/${asked.params.id}?tab=test&done=${allowed ? 'allowed' : 'not_allowed'}`,
    refused: showEndpointAgain,
  },
})

export const listDeliveriesTo = action({
  call: 'GET /api/endpoints/{id}/deliveries',
  may: 'read',
  summary: 'List deliveries, newest first',
  refusals: [400, 422],
  query: deliveryQuery,
  gives: {
    200: json(
      pageOf(deliveryOut, 'DeliveryPage'),
      'A page of deliveries. With a filter, the page may be empty even if there is a next page.'
    ),
  },
  run: async ({ env, params, query: { limit, cursor, since, until, ...filter } }) => {
    const { id } = await requireEndpoint(env, params.id)
    const before = readCursor('msg', cursor)
    return listDeliveries(env, id, { ...filter, ...timesOf({ since, until }) }, { before, limit })
  },
  show: ({ data, next }, asked) => ({ data: data.map((row) => toDelivery(row, sightOf(asked))), next }),
  tool: {
    name: 'list_deliveries',
    title: 'List deliveries to an endpoint',
    description: 'Lists the deliveries to one endpoint, newest first. `status: failed` lists those that need a retry.',
    takes: ['id', 'status', 'limit', 'cursor'],
    explains: { id: 'The ID of the endpoint, such as `ep_...`.', status: 'Only deliveries with this status.' },
    fromStrangers: true,
  },
})
