import { invalid } from '../../../kit/http/problem'
import { action, described, doc, documented, json } from '../../../kit/operation'
import { requireEndpoint } from '../../../webhooks/endpoints/manage'
import { shakeHands } from '../../../webhooks/endpoints/page/cloudevents-handshake'
import { showEndpointAgain } from '../../../webhooks/endpoints/page/show-endpoint'
import { noFields } from '../../../webhooks/endpoints/schemas'
import { sendTest } from '../../../webhooks/endpoints/testing/send-test'
import { previewEvent } from '../../../webhooks/endpoints/texts/preview'
import { previewOut, previewRequest } from '../../../webhooks/endpoints/texts/schemas'
import { findType } from '../../../webhooks/event-types/manage'
import { readExplanations } from '../../../webhooks/explanations'
import { requireMaySend, requireTestType } from '../../../webhooks/registration/manage'
import { showManaged } from '../../../webhooks/registration/show-managed'
import { exampleAt } from '../../../webhooks/rules/events/catalogue'
import { attemptOut, testRequest, toAttempt } from '../../../webhooks/send/messages/schemas'
import * as z from '../../../zod'

export const previewMessage = action({
  call: 'POST /api/endpoints/preview',
  act: null,
  ...doc({
    summary: 'Preview a message',
    description:
      'Shows whether an endpoint with these settings would get an event, and what it would get. Nothing is stored or sent.',
    noTool: 'setup',
    noForm: 'The form has a preview of its own, of all event types: see webhooks/endpoints/pages.tsx.',
  }),
  takes: previewRequest,
  gives: { 200: json(previewOut, doc('What the endpoint would get.')) },
  run: async (asked, { type, data, ...draft }) => {
    if (data !== undefined) return previewEvent(asked, draft, type, data)
    const known = await findType(asked.env, type)
    if (!known)
      throw invalid([{ path: 'type', message: `There is no event type "${type}". Pass \`data\`, or define the type.` }])
    return previewEvent(asked, draft, type, exampleAt(known, asked.linkOrigin()))
  },
  show: (preview) => preview,
})

const testResult = documented('TestResult', () => attemptOut.extend({ message_id: z.string() }))

export const testEndpoint = action({
  call: 'POST /api/endpoints/{id}/test',
  act: 'endpoint.tested',
  ...doc({
    summary: 'Send a test',
    description:
      "Sends a signed `ping`, or an event type's example, and waits for the response. A test is logged but never retried.",
    refusals: [429, 503],
    noTool: 'rare',
  }),
  takes: testRequest,
  isOptional: true,
  gives: { 200: json(testResult, doc('The attempt, whether it succeeded or failed.')) },
  run: async (asked, { type }) => {
    const { env, params, manages } = asked
    // Integrators do not use up the owner's tests.
    const limit = manages ? { binding: env.REGISTER_LIMIT, key: manages.id } : undefined
    return sendTest(asked, await requireEndpoint(env, params.id), type, limit)
  },
  show: async ({ message_id, attempt, format }, { env }) => ({
    message_id,
    ...toAttempt(attempt, await readExplanations(env), format),
  }),
  form: {
    at: '/endpoints/:id/test',
    read: (form) => ({ type: form.get('type') ?? undefined }),
    next: ({ message_id }, { asked }) => `/admin/endpoints/${asked.params.id}?tab=test&tested=${message_id}`,
    refused: showEndpointAgain,
  },
  managed: {
    at: '/test',
    check: async (asked, form) => {
      await requireMaySend(asked)
      await requireTestType(asked, form.get('type') ?? 'ping')
    },
    read: (form) => ({ type: form.get('type') ?? undefined }),
    next: ({ message_id }, { base }) => `${base}?tab=test&tested=${message_id}`,
    refused: showManaged,
  },
})

const handshakeOut = documented('Handshake', () =>
  z.object({
    allowed: z.boolean(),
    origin: z.string().openapi(described('The host name for which permission was requested.')),
    allowed_rate: z
      .int()
      .nullable()
      .openapi(described('Requests per minute that the receiver allows; null for no limit.')),
    status_code: z.int().nullable(),
    error_class: z.string().nullable(),
  })
)

export const shakeHandsWithEndpoint = action({
  call: 'POST /api/endpoints/{id}/handshake',
  act: 'endpoint.handshake',
  ...doc({
    summary: 'Ask the receiver for permission',
    description:
      'The CloudEvents validation handshake. It sends an OPTIONS request with `WebHook-Request-Origin`; a receiver that agrees returns ' +
      '`WebHook-Allowed-Origin`. The handshake runs only on request. If `WebHook-Allowed-Rate` is below the `rate_limit` of the endpoint, it becomes the new `rate_limit`. ' +
      'That rate applies to waiting and replayed deliveries. New messages are sent immediately.',
    refusals: [429],
    noTool: 'rare',
  }),
  takes: noFields,
  isOptional: true,
  gives: { 200: json(handshakeOut, doc("The receiver's response.")) },
  run: async ({ env, now, params, linkOrigin }) =>
    shakeHands(env, await requireEndpoint(env, params.id), linkOrigin(), now),
  show: (handshake) => handshake,
  form: {
    at: '/endpoints/:id/handshake',
    next: ({ allowed }, { asked }) =>
      `/admin/endpoints/${asked.params.id}?tab=test&done=${allowed ? 'allowed' : 'not_allowed'}`,
    refused: showEndpointAgain,
  },
})
