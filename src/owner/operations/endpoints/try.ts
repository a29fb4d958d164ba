import { sightOf } from '../../../access/rights'
import { action, json } from '../../../kit/operation'
import { showEndpointAgain } from '../../../webhooks/endpoints/page/show-endpoint'
import { noFields } from '../../../webhooks/endpoints/schemas'
import { requireMaySend, requireRoomToAct } from '../../../webhooks/registration/manage'
import { showManaged } from '../../../webhooks/registration/show-managed'
import { countParked } from '../../../webhooks/send/messages/queries'
import { tryEndpoint as attempt } from '../../../webhooks/send/messages/retry'
import { deliveryOut, toDelivery } from '../../../webhooks/send/messages/schemas'

export const tryEndpoint = action({
  call: 'POST /api/endpoints/{id}/try',
  may: 'write',
  act: 'endpoint.tried',
  summary: 'Try an endpoint now',
  description:
    'Sends one delivery immediately: the oldest that waits, also for its retry. If none waits, it sends the last one that failed for good. If this delivery succeeds, the others follow. If there is no such delivery, the response is `409 nothing_waiting`.',
  refusals: [409],
  noTool: 'covered',
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
const toWatch = (count: number, now: number): string => `done=tried&of=${count}&at=${now}`
