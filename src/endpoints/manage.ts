import type { z } from '@hono/zod-openapi'
import { enabled } from '../core/endpoint-health'
import { freshId } from '../db/keys'
import { notFound, Refusal } from '../middleware/problem'
import { newRev } from './health'
import type { endpointChange, endpointIn, rotation } from './schemas'
import { newSigningSecret, openSecrets, rotated, type SigningSecrets, sealSecrets } from './secrets'
import {
  type EndpointRow,
  findEndpoint,
  insertEndpoint,
  replaceSecrets,
  updateEndpoint,
} from './store'
import { requireEndpointUrl } from './url'

/*
 * What can be done with an endpoint, for the API and the dashboard alike.
 */

/** @returns the row to be, its secret in clear for this once, and the statement that makes it so */
export async function planEndpoint(
  env: Env,
  input: z.infer<typeof endpointIn>,
  origin: string,
  now: number
) {
  const url = requireEndpointUrl(env, input.url, origin)
  const id = freshId('ep', now)
  const secret = input.secret ?? newSigningSecret()
  const row: EndpointRow = {
    id,
    url,
    description: input.description,
    eventTypes: JSON.stringify([...new Set(input.event_types)]),
    rateLimit: input.rate_limit,
    secrets: await sealSecrets(env, id, { current: secret }),
    createdAt: now,
    updatedAt: now,
    ...NEW,
  }
  return { row, secret, statement: insertEndpoint(env, row) }
}

const NEW = {
  status: 'enabled',
  disabledReason: null,
  failingSince: null,
  consecutiveFailures: 0,
  lastFailureAt: null,
  slowUntil: null,
  resumeAt: null,
  probes: 0,
  warnings: 0,
  breaker: 'closed',
  healthRev: '',
  disabledAt: null,
  books: null,
  format: 'standard',
  legacySignature: null,
  headers: null,
} as const

/** @throws Refusal 404 */
export async function requireEndpoint(env: Env, id: string): Promise<EndpointRow> {
  const row = await findEndpoint(env, id)
  if (!row) throw notFound('endpoint')
  return row
}

/** @throws Refusal 404, or 422 for a URL that the policy refuses */
export async function changeEndpoint(
  env: Env,
  id: string,
  change: z.infer<typeof endpointChange>,
  origin: string,
  now: number
): Promise<EndpointRow> {
  const { description, event_types: eventTypes, rate_limit: rateLimit } = change
  const before = await requireEndpoint(env, id)
  const url = change.url === undefined ? before.url : requireEndpointUrl(env, change.url, origin)
  const row = await updateEndpoint(env, id, {
    updatedAt: now,
    ...(url !== before.url && { url, ...newStart(before, now) }),
    ...(description !== undefined && { description }),
    ...(eventTypes && { eventTypes: JSON.stringify([...new Set(eventTypes)]) }),
    ...(rateLimit !== undefined && { rateLimit }),
  })
  if (!row) throw notFound('endpoint')
  return row
}

/** What an old URL answered says nothing about a new one: what was parked goes there at once. */
function newStart(before: EndpointRow, now: number): Partial<EndpointRow> {
  const { breaker, ...health } = enabled(before.disabledReason, now)
  if (before.breaker === 'closed') return { ...health, healthRev: newRev() }
  const { state, resumeAt, probes } = breaker
  return { ...health, breaker: state, resumeAt, probes, healthRev: newRev() }
}

/** @returns the secrets in clear. @throws Refusal 404 */
export async function revealSecrets(env: Env, id: string): Promise<SigningSecrets> {
  const { secrets } = await requireEndpoint(env, id)
  return openSecrets(env, id, secrets)
}

/** @throws Refusal 404, or 409 when somebody else rotated it meanwhile */
export async function rotateSecret(
  env: Env,
  id: string,
  request: z.infer<typeof rotation>,
  now: number
): Promise<SigningSecrets> {
  const row = await requireEndpoint(env, id)
  const before = await openSecrets(env, id, row.secrets)
  const next = request.secret ?? newSigningSecret()
  const secrets = rotated(before, next, request.grace_seconds * 1_000, now)
  const sealed = await sealSecrets(env, id, secrets)
  if (await replaceSecrets(env, id, row.secrets, sealed, now)) return secrets
  const detail = 'The secret was rotated by somebody else just now. Look at it, then try again.'
  throw new Refusal(409, 'rotated_meanwhile', detail)
}
