import { hasScope, requireAlso, sightOf } from '../../../access/rights'
import type { Context } from '../../../kit/context'
import { Refusal } from '../../../kit/http/problem'
import { action, json, type Params } from '../../../kit/operation'
import { requireMaySend, requireRoomToAct } from '../../../webhooks/registration/manage'
import { showManagedDelivery } from '../../../webhooks/registration/show-managed'
import { showDelivery } from '../../../webhooks/send/messages/pages'
import { findDelivery } from '../../../webhooks/send/messages/queries'
import { retryDelivery as retry } from '../../../webhooks/send/messages/retry'
import { deliveryOut, retryRequest, toDelivery } from '../../../webhooks/send/messages/schemas'

const toParams = ({ message_id = '', endpoint_id = '' }: Record<string, string>) => ({ id: message_id, endpoint_id })

type Retry = Context & { params: Params<'/{id}/{endpoint_id}'> }

/** A retry has succeeded since the page was shown, so a second request would be a duplicate. @throws Refusal 409 */
async function refuseDelivered({ env, params }: Retry, form: URLSearchParams): Promise<void> {
  const delivery = await findDelivery(env, { message_id: params.id, endpoint_id: params.endpoint_id })
  if (delivery?.status !== 'delivered' || delivery.attempt_count <= Number(form.get('attempts') ?? Infinity)) return
  throw new Refusal(409, 'delivered_meanwhile', 'It has been delivered meanwhile, so it was not sent again.')
}

export const retryDelivery = action({
  call: 'POST /api/messages/{id}/deliveries/{endpoint_id}/retry',
  may: 'write',
  act: 'delivery.retried',
  summary: 'Retry a delivery',
  description:
    'Sends a finished delivery (delivered or failed) again, with the same message ID. The new request counts as the next attempt. A pending delivery is not changed unless `hasten` is true. A test is not sent again: send another one. To resend a delivery that succeeded, an API key also needs the scope `read`.',
  refusals: [409],
  takes: retryRequest,
  isOptional: true,
  gives: {
    202: json(deliveryOut, 'The delivery will be sent immediately.'),
    200: json(deliveryOut, 'The delivery is pending and was not changed.'),
  },
  run: async (asked, { hasten }) => {
    const { id: message_id, endpoint_id } = asked.params
    const key = { message_id, endpoint_id }
    // The endpoint may have another URL by now. What has failed was never received.
    if (!hasScope(asked, 'read') && (await findDelivery(asked.env, key))?.status === 'delivered')
      requireAlso(asked, 'read')
    return retry(asked.env, key, asked.now, hasten)
  },
  status: ({ reopened }) => (reopened ? 202 : 200),
  changes: ({ reopened }) => reopened,
  show: ({ delivery }, asked) => toDelivery(delivery, sightOf(asked)),
  form: {
    at: '/messages/:message_id/deliveries/:endpoint_id/retry',
    params: toParams,
    isOptional: true,
    read: () => ({ hasten: true }),
    check: refuseDelivered,
    next: ({ reopened }, { asked: { params } }) =>
      `/admin/messages/${params.id}/deliveries/${params.endpoint_id}?done=${reopened ? 'retry' : 'pending'}`,
    refused: showDelivery,
  },
  managed: {
    at: '/messages/:message_id/retry',
    params: toParams,
    check: async (asked, form) => {
      await requireMaySend(asked)
      await refuseDelivered(asked, form)
      await requireRoomToAct(asked)
    },
    isOptional: true,
    read: () => ({ hasten: true }),
    next: ({ reopened }, { asked: { params }, base }) =>
      `${base}/messages/${params.id}?done=${reopened ? 'retry' : 'pending'}`,
    refused: showManagedDelivery,
  },
  tool: {
    name: 'retry_delivery',
    title: 'Retry a delivery',
    description:
      'Sends one delivered or failed message to one endpoint again, with the same ID. Fix the receiver first: see `explain_failure`.',
    takes: ['id', 'endpoint_id', 'hasten'],
    explains: {
      id: 'The ID of the message, such as `msg_...`.',
      endpoint_id: 'The ID of the endpoint, such as `ep_...`.',
    },
    fromStrangers: false,
  },
})
