import type { z } from '@hono/zod-openapi'
import { type Headers, mergeHeaders, redactHeaders } from '../core/delivering/custom-headers'
import { enabled } from '../core/delivering/endpoint-health'
import { freshId } from '../db/ids'
import { freshToken, hashToken } from '../db/tokens'
import { invalid, notFound, Refusal } from '../http/problem'
import { ensureKeyPair } from '../signing-keys/store'
import { newRev } from './health'
import { DEFAULT_RATE, type endpointChange, type endpointIn, type rotation } from './schemas'
import { newSigningSecret, openSecrets, rotated, type SigningSecrets, sealSecrets } from './secrets'
import {
  type EndpointRow,
  findEndpoint,
  insertEndpoint,
  replaceSecrets,
  setPullToken,
  updateEndpoint,
} from './store'
import { requireEndpointUrl } from './url'

/*
 * What can be done with an endpoint, for the API and the dashboard alike.
 */

type EndpointIn = z.infer<typeof endpointIn>
type EndpointChange = z.infer<typeof endpointChange>

/** @returns the row to be, its secret in clear for this once, and the statements that make it so */
export async function planEndpoint(
  env: Env,
  input: EndpointIn,
  origin: string,
  now: number,
  more: Partial<Pick<EndpointRow, 'manage_token_hash' | 'disabled_reason'>> = {}
) {
  const url = requireEndpointUrl(env, input.url, origin)
  const id = freshId('ep', now)
  const secret = input.secret ?? newSigningSecret()
  const headers = requireHeaders({}, input.headers)
  const row: EndpointRow = {
    ...NEW,
    ...(!input.enabled && { status: 'disabled', disabled_reason: 'manual', disabled_at: now }),
    id,
    url,
    ...(await plainColumns(env, input)),
    headers: shownHeaders(headers),
    secrets: await sealSecrets(env, id, { current: secret, headers }),
    created_at: now,
    updated_at: now,
    ...more,
  }
  const statements = [insertEndpoint(env, row), await ensureKeyPair(env, now)]
  return { row, secret, statements }
}

/** What is stored as it is sent. @throws Refusal 422 for a book that is not there */
async function plainColumns(env: Env, input: EndpointChange): Promise<Partial<EndpointRow>> {
  const { description, event_types: types, books, format, legacy_signature, rate_limit } = input
  if (books) await requireBooks(env, books)
  return {
    ...(description !== undefined && { description }),
    ...(types && { event_types: JSON.stringify([...new Set(types)]) }),
    ...(books !== undefined && { books: books && JSON.stringify([...new Set(books)]) }),
    ...(format && { format }),
    ...(legacy_signature !== undefined && { legacy_signature: legacy_signature }),
    ...(rate_limit !== undefined && { rate_limit: rate_limit }),
  }
}

async function requireBooks(env: Env, slugs: string[]): Promise<void> {
  const { results } = await env.DB.prepare(
    'select value as slug from json_each(?1) where value not in (select slug from books)'
  )
    .bind(JSON.stringify(slugs))
    .all<{ slug: string }>()
  if (results.length === 0) return
  throw invalid(
    results.map(({ slug }) => ({ path: 'books', message: `There is no book "${slug}".` }))
  )
}

function requireHeaders(before: Headers, next: Headers): Headers {
  const merged = mergeHeaders(before, next)
  if (merged.ok) return merged.value
  const message = `There is no value of ${merged.error} to keep. Write it out.`
  throw invalid([{ path: `headers.${merged.error}`, message }])
}

function shownHeaders(headers: Headers): string | null {
  return Object.keys(headers).length === 0 ? null : JSON.stringify(redactHeaders(headers))
}

const NEW = {
  status: 'enabled',
  disabled_reason: null,
  failing_since: null,
  consecutive_failures: 0,
  last_failure_at: null,
  slow_until: null,
  resume_at: null,
  probes: 0,
  warnings: 0,
  breaker: 'closed',
  health_rev: '',
  disabled_at: null,
  description: '',
  event_types: '["*"]',
  books: null,
  format: 'standard',
  legacy_signature: null,
  pull_token_hash: null,
  manage_token_hash: null,
  rate_limit: DEFAULT_RATE,
} as const

/** @throws Refusal 404 */
export async function requireEndpoint(env: Env, id: string): Promise<EndpointRow> {
  const row = await findEndpoint(env, id)
  if (!row) throw notFound('endpoint')
  return row
}

/** @throws Refusal 404, 422 for what the policy refuses, or 409 when somebody else changed the secrets meanwhile */
export async function changeEndpoint(
  env: Env,
  id: string,
  change: EndpointChange,
  origin: string,
  now: number
): Promise<EndpointRow> {
  const before = await requireEndpoint(env, id)
  const url = change.url === undefined ? before.url : requireEndpointUrl(env, change.url, origin)
  const plain = await plainColumns(env, change)
  const sealed = change.headers && (await headerColumns(env, before, change.headers))
  const start = url !== before.url && { url, ...newStart(before, now) }
  const changes = { updated_at: now, ...plain, ...sealed, ...start }
  const row = await updateEndpoint(env, id, changes, sealed && before.secrets)
  if (row) return row
  await requireEndpoint(env, id)
  throw changedMeanwhile()
}

/** Of the custom headers: as they are shown, and in the box with the secrets. */
async function headerColumns(env: Env, before: EndpointRow, next: Headers) {
  const secrets = await openSecrets(env, before.id, before.secrets)
  const headers = requireHeaders(secrets.headers ?? {}, next)
  return {
    headers: shownHeaders(headers),
    secrets: await sealSecrets(env, before.id, { ...secrets, headers }),
  }
}

function changedMeanwhile(): Refusal {
  const detail = 'The secret was changed by somebody else just now. Look at it, then try again.'
  return new Refusal(409, 'changed_meanwhile', detail)
}

/** What an old URL answered says nothing about a new one: what was parked goes there at once. */
function newStart(before: EndpointRow, now: number): Partial<EndpointRow> {
  const { breaker, ...health } = enabled(before.disabled_reason, now)
  if (before.breaker === 'closed') return { ...health, health_rev: newRev() }
  const { state, resume_at: resumeAt, probes } = breaker
  return { ...health, breaker: state, resume_at: resumeAt, probes, health_rev: newRev() }
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
  throw changedMeanwhile()
}

/**
 * A new token to pull with; the one before is no longer valid.
 * @returns it, for this once, and the statement that makes it so. @throws Refusal 404
 */
export async function planPullToken(env: Env, id: string, now: number) {
  await requireEndpoint(env, id)
  const token = freshToken('pull')
  return { token, statement: setPullToken(env, id, await hashToken(token), now) }
}

/** @throws Refusal 404 */
export async function revokePullToken(env: Env, id: string, now: number): Promise<void> {
  const { meta } = await setPullToken(env, id, null, now).run()
  if (meta.changes === 0) throw notFound('endpoint')
}
