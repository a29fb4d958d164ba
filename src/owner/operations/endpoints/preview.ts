import { invalidField } from '../../../kit/http/problem'
import { action, json } from '../../../kit/operation'
import { previewEvent, previewOut, previewRequest } from '../../../webhooks/endpoints/preview'
import { findType } from '../../../webhooks/event-types/manage'
import { exampleAt } from '../../../webhooks/rules/events/catalogue'

export const previewMessage = action({
  call: 'POST /api/endpoints/preview',
  may: 'write',
  act: null,
  summary: 'Preview a message',
  description:
    'Shows whether an endpoint with these settings would get an event, and the request that it would get. Nothing is stored or sent.',
  noTool: 'setup',
  noForm: 'The form has a preview of its own, of all event types: see webhooks/endpoints/pages.tsx.',
  takes: previewRequest,
  gives: { 200: json(previewOut, 'What the endpoint would get.') },
  run: async (asked, { type, data, ...draft }) => {
    if (data !== undefined) return previewEvent(asked, draft, type, data)
    const known = await findType(asked.env, type)
    if (!known) throw invalidField('type', `There is no event type "${type}". Pass \`data\`, or define the type.`)
    return previewEvent(asked, draft, type, exampleAt(known, asked.linkOrigin()))
  },
  show: (preview) => preview,
})
