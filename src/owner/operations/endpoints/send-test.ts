import * as z from 'zod'
import { sightOf } from '../../../access/rights'
import { action, json } from '../../../kit/operation'
import { requireEndpoint } from '../../../webhooks/endpoints/manage'
import { showEndpointAgain } from '../../../webhooks/endpoints/page/show-endpoint'
import { sendTest } from '../../../webhooks/endpoints/testing/send-test'
import { readExplanations } from '../../../webhooks/explanations'
import { requireMaySend, requireTestType } from '../../../webhooks/registration/manage'
import { showManaged } from '../../../webhooks/registration/show-managed'
import { withoutEcho } from '../../../webhooks/send/messages/queries'
import { attemptOut, testRequest, toAttempt } from '../../../webhooks/send/messages/schemas'

const testResult = attemptOut.and(z.object({ message_id: z.string() })).meta({ id: 'TestResult' })

export const testEndpoint = action({
  call: 'POST /api/endpoints/{id}/test',
  may: 'write',
  act: 'endpoint.tested',
  summary: 'Send a test',
  description:
    "Sends a signed `ping`, or an event type's example, and waits for the response. A test is logged but never retried.",
  refusals: [429, 503],
  noTool: 'rare',
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
