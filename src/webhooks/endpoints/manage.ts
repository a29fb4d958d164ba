import type * as z from 'zod'
import { type Grant, NO_GRANT } from '../../access/rights'
import { freshId } from '../../kit/db/ids'
import type { Bound } from '../../kit/db/statements'
import { changedMeanwhile, invalid, invalidField, orNotFound, Refusal } from '../../kit/http/problem'
import { changedNames, isChanged } from '../../kit/lib/changed'
import { findUnknownSlugs } from '../program'
import { receiverSource } from '../rules/delivering/built-in-receiver'
import type { Headers } from '../rules/delivering/custom-headers'
import { HEALTHY, newStart } from '../rules/delivering/endpoint-health'
import { type PaceColumns, paceOf } from '../rules/delivering/pace'
import { afterNewPace } from '../rules/delivering/waiting'
import { type Format, formatOf } from '../rules/events/formats'
import { rotate } from '../rules/signing/rotation'
import { ensureKeyPair } from '../signing-keys/store'
import { tooManyRotations } from '../signing-keys/too-many-rotations'
import { refuseToRotateReceiver, requireReceiverChange } from './built-in-receiver'
import { ENDPOINT_FIELDS } from './fields'
import { newRev, nextRev } from './health'
import { digestHour, newPace, paceColumns } from './new-pace'
import type { endpointChange, endpointIn, rotation } from './schemas'
import {
  headerColumns,
  newSigningSecret,
  openSecrets,
  requireHeaders,
  type SigningSecrets,
  sealSecrets,
} from './secrets'
import { findRoom, hostPart } from './self-registered'
import { type EndpointChanges, type EndpointRow, findEndpoint, insertEndpoint, updateEndpoint } from './store'
import { newUrlIn, requireEndpointUrl } from './url'

/* The operations on endpoints that the API and the dashboard share. */

const NEW = {
  ...HEALTHY,
  health_rev: '',
  status: 'enabled',
  disabled_reason: null,
  disabled_at: null,
  pull_token_hash: null,
  manage_token_hash: null,
  excerpts_removed_to: '',
} as const

/**
 * Plans a new endpoint, without writing anything yet.
 * @param more columns that are not in the input. `url` is that of the built-in receiver, which no input may contain
 * @param copied the endpoint that the input was copied from
 * @returns the row, the secret in plain text, which is shown once, and the statements that store both
 * @throws Refusal 422 for a URL, header, book, interval or text that cannot be used; 403 for links without the right
 */
export async function planEndpoint(
  env: Env,
  input: z.infer<typeof endpointIn>,
  origin: string,
  now: number,
  grant: Grant,
  more: Partial<Pick<EndpointRow, 'url' | 'manage_token_hash' | 'disabled_reason'>> = {},
  copied?: EndpointRow
): Promise<{ row: EndpointRow; secret: string; statements: Bound<never>[] }> {
  const { enabled: isEnabled, secret = newSigningSecret(), ...fields } = input
  const url = more.url ?? requireEndpointUrl(env, fields.url, origin, fields.format)
  const headers = requireHeaders({}, fields.headers)
  requireAccessToken(fields.format, headers)
  if (fields.books) await requireBooks(env, fields.books, copied)
  requireTexts(fields.format, fields.texts)
  const id = freshId('ep', now)
  const row: EndpointRow = {
    ...NEW,
    ...(!isEnabled && { status: 'disabled', disabled_reason: 'manual', disabled_at: now }),
    ...ENDPOINT_FIELDS.columnsFor({
      ...fields,
      url,
      headers,
      ...paceColumns(fields.format, fields.min_interval_minutes, digestHour(fields, null)),
      moderation_links: requireLinks(fields.moderation_links, grant) ?? grant.links,
    }),
    id,
    secrets: await sealSecrets(env, id, { current: secret, headers }),
    created_at: now,
    updated_at: now,
    ...more,
  }
  return { row, secret, statements: [insertEndpoint(env, row), await ensureKeyPair(env, now)] }
}

/** @param before an endpoint that keeps its books, even if they are gone */
async function requireBooks(env: Env, slugs: string[], before?: EndpointRow): Promise<void> {
  const kept: string[] = JSON.parse(before?.books ?? '[]')
  const unknown = (await findUnknownSlugs(env, slugs)).filter((slug) => !kept.includes(slug))
  if (unknown.length === 0) return
  throw invalid(unknown.map((slug) => ({ path: 'books', message: `There is no book "${slug}".` })))
}

function requireAccessToken(format: Format, headers: Headers): void {
  const message = formatOf(format).needsAuthorization
  if (!message || Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) return
  throw invalidField('headers', message)
}

function requireTexts(format: Format, texts: Record<string, string>): void {
  if (Object.keys(texts).length === 0 || !formatOf(format).hasNoOwnText) return
  throw invalidField('texts', `Messages in the format ${format} have no text. Remove the texts.`)
}

/** @throws Refusal 404 */
export async function requireEndpoint(env: Env, id: string): Promise<EndpointRow> {
  return orNotFound(await findEndpoint(env, id), 'endpoint')
}

export type EndpointChange = z.infer<typeof endpointChange>

/** What holds for a new URL of an integrator, who may register only some. */
export interface UrlRules {
  /** What else changes. */
  columns(before: EndpointRow): EndpointChanges
  noRoom(): Refusal
}

/**
 * Changes the given fields. @param rules for an integrator
 * @returns the row before and after, which are the same if nothing changes
 * @throws Refusal 404, 422 for a bad value, 409 if another request changed the secrets or the health
 */
export async function changeEndpoint(
  env: Env,
  id: string,
  change: EndpointChange,
  origin: string,
  now: number,
  grant: Grant = NO_GRANT,
  rules: UrlRules | null = null
): Promise<Changed> {
  for (let tries = MAX_TRIES; tries > 0; tries--) {
    const row = await tryToChange(env, await requireEndpoint(env, id), change, { origin, now, grant, rules })
    if (row) return row
  }
  throw changedMeanwhile('The endpoint has changed')
}

type Changed = { before: EndpointRow; row: EndpointRow }

/** Each result of an endpoint that fails, or gets calls, changes its health. That is no conflict. */
const MAX_TRIES = 3

interface Changing {
  origin: string
  now: number
  grant: Grant
  rules: UrlRules | null
}

/** @returns null if only the health has changed in the meantime */
async function tryToChange(
  env: Env,
  before: EndpointRow,
  change: EndpointChange,
  { origin, now, grant, rules }: Changing
): Promise<Changed | null> {
  const { headers, books, texts, format = before.format } = change
  const url = changedUrl(env, before, change, origin, grant)
  if (books) await requireBooks(env, books, before)
  if (texts) requireTexts(format, texts)
  const kept = url === before.url || grant.credentials
  if (!kept && before.headers !== null && !headers) throw invalidField('headers', NOT_KEPT)
  const sealed = headers && (await headerColumns(env, before, headers, kept))
  const pace = newPace(before, change)
  const isMoved = url !== before.url
  const health = newHealth(before, pace, isMoved, now)
  const changes = {
    ...ENDPOINT_FIELDS.columnsFor({ ...change, url: undefined, headers: undefined, moderation_links: undefined }),
    // They would never be sent, and the form could not be saved.
    ...(!texts && formatOf(format).hasNoOwnText && { texts: null }),
    ...pace,
    ...sealed,
    ...health,
    ...(isMoved && { url, ...rules?.columns(before) }),
  }
  const links = linksAfter(before, changes, change.moderation_links, grant)
  if (!isChanged(before, { ...changes, ...links })) return { before, row: before }
  const row = await updateEndpoint(
    env,
    before.id,
    { ...changes, ...links, updated_at: now },
    {
      secrets: sealed && before.secrets,
      health_rev: health && before.health_rev,
      ...(isMoved && rules && { url, host: hostPart(url) }),
    }
  )
  if (row) return { before, row }
  return unchanged(env, { ...before, url }, health !== undefined, isMoved ? rules : null)
}

/** @param before with the new URL @returns null if only the health has changed in the meantime, and the change needs it */
async function unchanged(env: Env, before: EndpointRow, hasHealth: boolean, rules: UrlRules | null): Promise<null> {
  if (hasHealth && (await findEndpoint(env, before.id))?.health_rev !== before.health_rev) return null
  throw await whyUnchanged(env, before, rules)
}

async function whyUnchanged(env: Env, wanted: Pick<EndpointRow, 'id' | 'url'>, rules: UrlRules | null) {
  await requireEndpoint(env, wanted.id)
  if (rules && (await findRoom(env, wanted)) !== 'free') return rules.noRoom()
  return changedMeanwhile('The endpoint has changed')
}

/** A new format may need another address than the old one. */
function changedUrl(env: Env, before: EndpointRow, change: EndpointChange, origin: string, grant: Grant): string {
  const { format = before.format, headers = JSON.parse(before.headers ?? '{}') } = change
  requireAccessToken(format, headers)
  requireReceiverChange(before, change)
  const url = newUrlIn(before, { url: change.url, format }, grant)
  const isSame = (url === null && format === before.format) || receiverSource(before.url) !== null
  return isSame ? before.url : requireEndpointUrl(env, url ?? before.url, origin, format)
}

const NOT_KEPT = 'The stored headers were meant for the old URL. Send all headers again, with their values, or {}.'

/** @returns whether the endpoint gets moderation links, if the input says so. @throws Refusal 403 */
function requireLinks(wanted: boolean | undefined, { links }: Grant): boolean | undefined {
  if (!wanted || links) return wanted
  const detail = 'Only ADMIN_TOKEN, the dashboard or a key with "moderate" can give an endpoint moderation links.'
  throw new Refusal(403, 'missing_scope', detail)
}

/** What decides which events go where, and what they contain. The secrets contain the headers. */
const DECIDING = ['url', 'format', 'event_types', 'books', 'when', 'texts', 'secrets'] as const

/** A change by a caller who may not moderate removes the links. */
function linksAfter(before: EndpointRow, changes: EndpointChanges, wanted: boolean | undefined, grant: Grant) {
  if (wanted !== undefined) return { moderation_links: Number(requireLinks(wanted, grant)) }
  const isDecided = changedNames(before, changes).some((name) => DECIDING.some((one) => one === name))
  return isDecided && !grant.links ? { moderation_links: 0 } : {}
}

/**
 * Failures at the old URL say nothing about the new URL, so what waits is sent to the new URL immediately. A new pace
 * takes effect at once: the revision changes, so a call that is under way is followed by the new pace, too.
 * @returns the columns of health to write; undefined if neither has changed
 */
function newHealth(before: EndpointRow, pace: PaceColumns, isMoved: boolean, now: number) {
  if (isMoved) return { ...newStart('moved', before, paceOf(pace), now), health_rev: newRev() }
  const isSame = pace.min_interval_minutes === before.min_interval_minutes && pace.digest_hour === before.digest_hour
  if (isSame) return undefined
  const waiting = afterNewPace(before, paceOf(before), before.consecutive_failures, paceOf(pace), now)
  return { ...waiting, health_rev: nextRev(before.health_rev) }
}

/** @throws Refusal 404 */
export async function revealSecrets(env: Env, id: string): Promise<SigningSecrets> {
  const { secrets } = await requireEndpoint(env, id)
  return openSecrets(env, id, secrets)
}

/**
 * @returns the secrets in plain text, before and after
 * @throws Refusal 404; 409 if they changed, or too many old ones are valid
 */
export async function rotateSecret(env: Env, id: string, request: z.infer<typeof rotation>, now: number) {
  const before = await requireEndpoint(env, id)
  refuseToRotateReceiver(before)
  const opened = await openSecrets(env, id, before.secrets)
  const next = request.secret ?? newSigningSecret()
  const rotated = rotate(opened, next, request.grace_seconds * 1_000, now)
  if (!rotated.ok) throw tooManyRotations('secret', rotated.error)
  const result = { before: opened, after: rotated.value }
  if (!isChanged({ secrets: opened }, { secrets: rotated.value })) return result
  const secrets = await sealSecrets(env, id, rotated.value)
  if (await updateEndpoint(env, id, { secrets, updated_at: now }, { secrets: before.secrets })) return result
  throw changedMeanwhile('The secret was changed')
}
