import { freshId } from '../../kit/db/ids'
import { type Bound, batch } from '../../kit/db/statements'
import { freshToken, hashToken } from '../../kit/db/tokens'
import { eraseAnswers } from '../../kit/http/act-once'
import { changedMeanwhile, invalidField, orNotFound, Refusal, refuseIfNull } from '../../kit/http/problem'
import { isChanged } from '../../kit/lib/changed'
import { readReceiver } from '../endpoints/built-in-receiver'
import { releaseParkedRequests, unprocessedSince } from '../receive/messages/due'
import { checkTemplate, requireAct } from '../receive/process/program-act'
import { rotate } from '../rules/signing/rotation'
import { optionsFault, withOptions } from '../rules/verifying/custom-scheme'
import { explainPublicKey } from '../rules/verifying/keys'
import { findProvider } from '../rules/verifying/providers'
import { tooManyRotations } from '../signing-keys/too-many-rotations'
import { forgetSources, toSource } from './cache'
import { SOURCE_FIELDS } from './fields'
import type { SourceOptions } from './options'
import { textsOf } from './provider-texts'
import { haveSameName, SAME_NAME, type SourceChange, type SourceIn } from './schemas'
import { openSource, sealSource, tryToOpen, withoutSigningSecrets, withToken } from './secrets'
import { findSource, INSERT, MAX_SOURCES, type SourceChanges, type SourceRow, updatingSource } from './store'

/* What the API and the dashboard can do with a source. */

/** Writes nothing: run the statements in `refuseTooManySources`. @throws Refusal 422 for a bad template, book or secret */
export async function planSource(env: Env, input: SourceIn, now: number) {
  requireAct(input.act)
  requireTemplate(input.act, input.template)
  await checkTemplate(env, input.template, now)
  requireOptions(input.provider, input.options)
  await requireSecret(env, input.provider, input.options, input.secret)
  const id = freshId('src', now)
  const token = freshToken('hook')
  const secrets = { token, ...(input.secret ? { current: input.secret } : {}) }
  const strict = input.strict ?? findProvider(input.provider)?.strict ?? false
  const row: SourceRow = {
    id,
    status: 'active',
    provider: input.provider,
    bodies_removed_to: '',
    created_at: now,
    updated_at: now,
    token_hash: await hashToken(token),
    secrets: await sealSource(env, id, secrets),
    quota_day: 0,
    quota_bytes: 0,
    ...SOURCE_FIELDS.columnsFor({ ...input, strict }),
  }
  return { row, secrets, statements: [INSERT(env, row)] }
}

/** @throws Refusal 422 */
export function requireTemplate(act: string, template: unknown): void {
  if (act !== 'sign' || template) return
  const message = 'Required to sign the guestbook, in this form: {"name": "{{...}}", "body": "{{...}}"}.'
  throw invalidField('template', message)
}

/** The source of the built-in receiver gets this guestbook's own events, so acting on them could cause a loop. */
async function requireKeeping(env: Env, id: string, { act = 'keep' }: SourceChange): Promise<void> {
  if (act === 'keep' || (await readReceiver(env))?.source_id !== id) return
  const message = 'The built-in receiver can only store requests. Create another source.'
  throw invalidField('act', message)
}

/** A form sends all fields, so those of an earlier version may stay as they are. @throws Refusal 422 */
function requireDistinct(before: SourceRow, { fields = [] }: SourceChange): void {
  if (haveSameName(fields) && JSON.stringify(fields) !== before.fields) throw invalidField('fields', SAME_NAME)
}

/** @throws Refusal 422 */
export function requireOptions(slug: string, options: SourceOptions): void {
  const provider = findProvider(slug)
  const message = provider && optionsFault(provider, options)
  if (message) throw invalidField('options', message)
}

/** Other faults of a secret are only shown, because the owner may enter the options later. @throws Refusal 422 */
async function requireSecret(
  env: Env,
  slug: string,
  options: SourceOptions,
  secret: string | null | undefined
): Promise<void> {
  const provider = findProvider(slug)
  if (!provider || !secret) return
  const expected = async () => (await textsOf(env, provider)).secret
  const message = await explainPublicKey(withOptions(provider, options), secret, expected)
  if (message !== null) throw invalidField('secret', message)
}

/** @param write inserts a source. @throws Refusal 409 if there are too many. Nothing in the batch has been written */
export function refuseTooManySources<T>(write: () => Promise<T>): Promise<T> {
  const detail = `You have reached the limit of ${MAX_SOURCES} sources. Delete one first.`
  return refuseIfNull({ 'sources.status': () => new Refusal(409, 'too_many_sources', detail) }, write)
}

/** @throws Refusal 404 */
export async function requireSource(env: Env, id: string): Promise<SourceRow> {
  return orNotFound(await findSource(env, id), 'source')
}

/**
 * If it is resumed, parked messages are released. @returns the row before and after
 * @throws Refusal 404; 409 if the secret changed meanwhile; 422
 */
export async function changeSource(env: Env, id: string, change: SourceChange, now: number) {
  const before = await requireSource(env, id)
  const template = change.template === undefined ? before.template : change.template
  requireAct(change.act)
  requireTemplate(change.act ?? before.act, template)
  await requireKeeping(env, id, change)
  await checkTemplate(env, change.template, now)
  if (change.options) requireOptions(before.provider, change.options)
  requireDistinct(before, change)
  await requireSecret(env, before.provider, change.options ?? toSource(before).options, change.secret)
  const secrets = await sealSecret(env, before, change.secret)
  const changes: SourceChanges = { ...SOURCE_FIELDS.columnsFor(change), status: change.status, secrets }
  if (!isChanged(before, changes)) return { before, row: before }
  const row = await save(env, before, { ...changes, updated_at: now })
  if (before.status === 'paused' && row.status === 'active') await releaseParkedRequests(env, id, now)
  return { before, row }
}

/** @param secret null to remove the secret, undefined to leave it unchanged @returns undefined if it is the only secret */
async function sealSecret(env: Env, row: SourceRow, secret: string | null | undefined) {
  if (secret === undefined) return undefined
  const before = await openSource(env, row)
  const after = { ...withoutSigningSecrets(before), ...(secret !== null && { current: secret }) }
  return isChanged({ secrets: before }, { secrets: after }) ? sealSource(env, row.id, after) : undefined
}

/** New secrets are saved only if the stored ones are those in `before`. @param more statements for the same batch */
async function save(env: Env, before: SourceRow, changes: SourceChanges, ...more: Bound<never>[]): Promise<SourceRow> {
  const guard = changes.secrets === undefined ? undefined : before.secrets
  const [updated] = await batch(env, [updatingSource(env, before.id, changes, guard), ...more])
  const [after] = updated.results
  forgetSources(env)
  if (after) return after
  await requireSource(env, before.id)
  throw changedMeanwhile('The secret was changed')
}

/**
 * The old secret is valid for `grace_seconds`. @returns the row before and after
 * @throws Refusal 404, 422; 409 as `save`, or for too many old secrets
 */
export async function rotateSourceSecret(
  env: Env,
  id: string,
  { secret, grace_seconds }: { secret: string; grace_seconds: number },
  now: number
): Promise<{ before: SourceRow; row: SourceRow }> {
  const before = await requireSource(env, id)
  await requireSecret(env, before.provider, toSource(before).options, secret)
  const [opened, needed] = await Promise.all([openSource(env, before), unprocessedSince(env, id, now)])
  const rotated = rotate(opened, secret, grace_seconds * 1_000, now, needed)
  if (!rotated.ok) throw tooManyRotations('secret', rotated.error)
  if (!isChanged({ secrets: opened }, { secrets: rotated.value })) return { before, row: before }
  const secrets = await sealSource(env, id, rotated.value)
  return { before, row: await save(env, before, { secrets, updated_at: now }) }
}

/** Makes a new URL, even if secrets are unreadable. The old one works while it is cached. @throws Refusal 404, 409 */
export async function renewAddress(env: Env, id: string, now: number): Promise<SourceRow> {
  const before = await requireSource(env, id)
  const renewed = withToken(await tryToOpen(env, before), freshToken('hook'))
  const secrets = await sealSource(env, id, renewed)
  const token_hash = await hashToken(renewed.token)
  return save(env, before, { secrets, token_hash, updated_at: now })
}

/** Deletes a source's secrets and disables its URL. The source's messages are kept. @throws Refusal 404, 409 */
export async function deleteSource(env: Env, id: string, now: number): Promise<void> {
  const before = await requireSource(env, id)
  const { token = '', formerTokens } = (await tryToOpen(env, before)) ?? {}
  // Accepted race: if another request changes the secrets at the same time, the source is not deleted, but the
  // responses are erased. The tokens are kept, so that the log can show which URL a request was sent to.
  const secrets = await sealSource(env, id, { token, formerTokens })
  await save(env, before, { status: 'deleted', token_hash: null, secrets, updated_at: now }, eraseAnswers(env, id))
  // If the source was paused, its parked messages are released. They will fail, because the source has been deleted.
  await releaseParkedRequests(env, id, now)
}
