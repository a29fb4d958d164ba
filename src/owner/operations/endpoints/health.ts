import { requireAlso, sightOf } from '../../../access/rights'
import { Refusal } from '../../../kit/http/problem'
import { action, doc, documented, json, pageOf, readCursor } from '../../../kit/operation'
import { disableEndpoint as disable } from '../../../webhooks/endpoints/health'
import { requireEndpoint } from '../../../webhooks/endpoints/manage'
import { startEndpoint } from '../../../webhooks/endpoints/page/lifecycle'
import { showEndpointAgain } from '../../../webhooks/endpoints/page/show-endpoint'
import { noFields } from '../../../webhooks/endpoints/schemas'
import { endpointOut, toEndpoint } from '../../../webhooks/endpoints/shown'
import type { EndpointRow } from '../../../webhooks/endpoints/store'
import { RESUMABLE, requireMaySend, requireRoomToAct } from '../../../webhooks/registration/manage'
import { showManaged } from '../../../webhooks/registration/show-managed'
import { listDeliveries } from '../../../webhooks/send/messages/list-deliveries'
import { countParked } from '../../../webhooks/send/messages/queries'
import { tryEndpoint as attempt } from '../../../webhooks/send/messages/retry'
import { deliveryOut, deliveryQuery, timesOf, toDelivery } from '../../../webhooks/send/messages/schemas'
import { jobOut, toJob } from '../../../webhooks/send/replay/schemas'
import * as z from '../../../zod'

const enabling = z.strictObject({ replay_missing: z.boolean().default(false) }).openapi(doc('Enabling'))
const enabledEndpoint = documented('EnabledEndpoint', () => endpointOut.extend({ job: z.union([jobOut, z.null()]) }))

export const enableEndpoint = action({
  call: 'POST /api/endpoints/{id}/enable',
  act: 'endpoint.enabled',
  ...doc({
    summary: 'Enable an endpoint',
    description:
      'Sends waiting deliveries, oldest first. With `replay_missing`, messages published while the endpoint was disabled are also replayed. ' +
      'To count those messages first, call `replay` with `dry_run`, `only` = `missing` and `since` = `disabled_at`.',
    refusals: [409],
    noTool: 'setup',
  }),
  takes: enabling,
  isOptional: true,
  gives: { 200: json(enabledEndpoint, doc('The endpoint, and the job that replays missed messages.')) },
  run: (asked, { replay_missing }) => {
    if (replay_missing) requireAlso(asked, 'read')
    return startEndpoint(asked, asked.params.id, replay_missing, asked.manages ? RESUMABLE : null)
  },
  show: ({ row, job }, asked) => ({ ...toEndpoint(row, sightOf(asked)), job: job && toJob(job) }),
  form: {
    at: '/endpoints/:id/enable',
    read: (form) => ({ replay_missing: form.get('replay_missing') === 'true' }),
    check: async ({ env, params }, form) => requireSeen(await requireEndpoint(env, params.id), form.get('url')),
    next: ({ row }) => `/admin/endpoints/${row.id}?done=enabled`,
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
  const detail = 'The integrator has changed this URL in the meantime. Look at the new one, then approve it.'
  throw new Refusal(409, 'changed_meanwhile', detail)
}

export const disableEndpoint = action({
  call: 'POST /api/endpoints/{id}/disable',
  act: 'endpoint.disabled',
  ...doc({ summary: 'Disable an endpoint', noTool: 'setup' }),
  takes: noFields,
  isOptional: true,
  gives: { 200: json(endpointOut, doc('The endpoint.')) },
  run: async ({ env, now, params: { id }, manages }) => {
    // What an integrator has paused, the integrator can resume.
    await disable(env, id, manages ? 'paused' : 'manual', now)
    return requireEndpoint(env, id)
  },
  show: (row, asked) => toEndpoint(row, sightOf(asked)),
  form: { at: '/endpoints/:id/disable', next: ({ id }) => `/admin/endpoints/${id}?done=disabled` },
  managed: { at: '/pause', next: (_, { base }) => `${base}?done=paused` },
})

export const tryEndpoint = action({
  call: 'POST /api/endpoints/{id}/try',
  act: 'endpoint.tried',
  ...doc({
    summary: 'Try an endpoint now',
    description:
      'Sends one delivery immediately: the oldest that waits, or the one that has just failed. If it succeeds, the others follow. `409 nothing_waiting` if there is none.',
    refusals: [409],
    noTool: 'covered',
  }),
  takes: noFields,
  isOptional: true,
  gives: { 202: json(deliveryOut, doc('The delivery that is being sent.')) },
  run: async ({ env, now, params: { id } }) => {
    const { count } = await countParked(env, id)
    return { delivery: await attempt(env, id, now), count }
  },
  show: ({ delivery }, asked) => toDelivery(delivery, sightOf(asked)),
  form: {
    at: '/endpoints/:id/try',
    next: ({ delivery, count }, { asked }) => `/admin/endpoints/${delivery.endpoint_id}?${toWatch(count, asked.now)}`,
    refused: showEndpointAgain,
  },
  managed: {
    at: '/try',
    check: async (asked) => {
      await requireMaySend(asked)
      await requireRoomToAct(asked)
    },
    next: ({ count }, { asked, base }) => `${base}?${toWatch(count, asked.now)}`,
    refused: showManaged,
  },
})

/** @returns the query of a page that shows how much of what waits is sent from now on */
function toWatch(count: number, now: number): string {
  return `done=tried&of=${count}&at=${now}`
}

export const listDeliveriesTo = action({
  call: 'GET /api/endpoints/{id}/deliveries',
  ...doc({ summary: 'List deliveries, newest first', refusals: [400, 422] }),
  query: deliveryQuery,
  gives: {
    200: json(
      pageOf(deliveryOut, 'DeliveryPage'),
      doc('A page of deliveries. With a filter, the page may be empty even if there is a next page.')
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
    ...doc({
      title: 'List deliveries to an endpoint',
      description:
        'Lists the deliveries to one endpoint, newest first. `status: failed` lists those that need a retry.',
    }),
    takes: ['id', 'status', 'limit', 'cursor'],
    explains: doc({ id: 'The ID of the endpoint, such as `ep_...`.', status: 'Only deliveries with this status.' }),
    fromStrangers: true,
  },
})
