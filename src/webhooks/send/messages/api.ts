import { firstAnswerOr } from '../../../kit/http/act-once'
import { idempotencyKey, json, jsonRequest, OWNER, problems } from '../../../kit/http/openapi'
import { ApiRouter, createRoute } from '../../../kit/http/router'
import { acceptMessage } from './publish-event'
import { messageIn, messageOut } from './schemas'

/** The largest request body. Standard Webhooks recommends payloads below 20 KB; a D1 row can hold 2 MB. */
export const MAX_MESSAGE_BYTES = 256 * 1_024

/** `POST /api/messages`, for the owner. It is no operation, because it stores the data as it was sent. */
export const messagesApi = new ApiRouter()

messagesApi.openapi(
  createRoute({
    method: 'post',
    path: '/',
    request: { headers: idempotencyKey, body: jsonRequest(messageIn) },
    tags: ['Messages'],
    security: OWNER,
    summary: 'Publish an event',
    responses: {
      201: json(messageOut, 'Published. The message will be delivered.'),
      200: json(messageOut, 'A message with this ID was already published.'),
      ...problems([401, 409, 422]),
    },
  }),
  async (c) => firstAnswerOr(c, 'messages', () => acceptMessage(c, c.req.valid('json')))
)
