import { hasScope, requireAlso, sightOf } from '../../../access/rights'
import { invalidField } from '../../../kit/http/problem'
import { action, json } from '../../../kit/operation'
import { sendStored } from '../../../webhooks/receive/inspector/forward/forward'
import { showDetailAgain } from '../../../webhooks/receive/inspector/pages'
import { inboundOut, replayIn, type SentOut, sentOut, toInbound } from '../../../webhooks/receive/inspector/schemas'
import { type InboundHead, requireHead } from '../../../webhooks/receive/messages/load'
import { processAgain } from '../../../webhooks/receive/process/reprocess'

type Replayed = { sent: SentOut } | { head: InboundHead }

export const replayInbound = action({
  call: 'POST /api/inbound/{id}/replay',
  may: 'write',
  act: 'inbound.replayed',
  summary: 'Reprocess or forward a request',
  description:
    'Without `to`, the request is reprocessed immediately (202). Reprocessing never creates a second guestbook entry or event. With `to`, the request is forwarded to that URL, and the response is returned (200). An API key also needs the scope `read` to forward a request, or to reprocess a request that has not failed.',
  refusals: [409, 429, 503],
  takes: replayIn,
  isOptional: true,
  gives: {
    200: json(sentOut, 'The response to the forwarded request.'),
    202: json(inboundOut, 'The reprocessed request.'),
  },
  run: async (asked, { to, ...edited }): Promise<Replayed> => {
    const { env, now } = asked
    const { id } = asked.params
    if (to !== undefined) requireAlso(asked, 'read')
    if (edited.credentials) requireAlso(asked, 'secrets')
    if (to !== undefined) return { sent: await sendStored(asked, id, { to, ...edited }) }
    if (Object.keys(edited).length > 0) throw invalidField('to', 'Provide the URL to forward the edited request to.')
    // The source may do something else with it by now. What has failed was never acted on.
    if (!hasScope(asked, 'read') && (await requireHead(env, id)).row.status !== 'failed') requireAlso(asked, 'read')
    return { head: await processAgain(env, id, now) }
  },
  status: (replayed) => ('sent' in replayed ? 200 : 202),
  show: (replayed, asked) => ('sent' in replayed ? replayed.sent : toInbound(replayed.head, sightOf(asked))),
  /** The other form forwards the request, and shows the response: see webhooks/receive/inspector/pages.tsx. */
  form: {
    at: '/inbound/:id/process',
    next: (replayed, { asked }) => {
      const isWaiting = 'head' in replayed && replayed.head.row.status === 'new'
      return `/admin/inbound/${asked.params.id}?done=${isWaiting ? 'waiting' : 'replayed'}`
    },
    refused: showDetailAgain,
  },
  tool: {
    name: 'reprocess_inbound',
    title: 'Reprocess a request',
    description:
      'Verifies and processes one request again, for example after its secret was corrected. It never creates a second entry or event.',
    takes: ['id'],
    explains: { id: 'The ID of the request, such as `in_...`.' },
    fromStrangers: true,
    omits: ['headers', 'path', 'query'],
  },
})
