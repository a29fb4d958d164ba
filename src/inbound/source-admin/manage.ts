import { optionsFault, type SourceOptions } from '../../core/verifying/custom-scheme'
import { findProvider } from '../../core/verifying/providers'
import { freshId } from '../../db/ids'
import { freshToken, hashToken } from '../../db/tokens'
import { invalid, notFound, Refusal } from '../../http/problem'
import { releaseParked } from '../messages/pause'
import { forgetSources } from '../sources/cache'
import type { SourceChange, SourceIn } from '../sources/schemas'
import { openSource, sealSource, tryToOpen, withSecret, withToken } from '../sources/secrets'
import {
  countSources,
  findSource,
  insertSource,
  type SourceRow,
  updateSource,
} from '../sources/store'

/*
 * What can be done with a source, for the API and the dashboard alike.
 */

const MAX_SOURCES = 1_000

/** @throws Refusal 422 for an act that lacks what it takes, 409 when there are too many */
export async function planSource(env: Env, input: SourceIn, now: number) {
  requireTemplate(input.act, input.template ?? null)
  requireOptions(input.provider, input.options)
  await requireRoom(env)
  const id = freshId('src', now)
  const token = freshToken('hook')
  const secrets = { token, ...(input.secret ? { current: input.secret } : {}) }
  const strict = input.strict ?? findProvider(input.provider)?.strict ?? false
  const row: SourceRow = {
    id,
    status: 'active',
    provider: input.provider,
    name: input.name,
    act: input.act,
    strict: Number(strict),
    retention_days: input.retention_days,
    body_retention_days: input.body_retention_days,
    bodies_removed_to: '',
    created_at: now,
    updated_at: now,
    token_hash: await hashToken(token),
    secrets: await sealSource(env, id, secrets),
    options: JSON.stringify(input.options),
    fields: JSON.stringify(input.fields),
    template: input.template ? JSON.stringify(input.template) : null,
  }
  return { row, secrets, statements: [insertSource(env, row)] }
}

function requireTemplate(act: string, template: unknown): void {
  if (act !== 'sign' || template) return
  const message = 'To sign the guestbook, say how: {"name": "{{...}}", "body": "{{...}}"}.'
  throw invalid([{ path: 'template', message }])
}

function requireOptions(slug: string, options: SourceOptions): void {
  const provider = findProvider(slug)
  const message = provider && optionsFault(provider, options)
  if (message) throw invalid([{ path: 'options', message }])
}

async function requireRoom(env: Env): Promise<void> {
  if ((await countSources(env, MAX_SOURCES)) < MAX_SOURCES) return
  const detail = `There are ${MAX_SOURCES} sources, and no room for more. Delete one first.`
  throw new Refusal(409, 'too_many_sources', detail)
}

/** @throws Refusal 404 */
export async function requireSource(env: Env, id: string): Promise<SourceRow> {
  const row = await findSource(env, id)
  if (!row) throw notFound('source')
  return row
}

/** @throws Refusal 404, 409 when somebody else has just changed its secret, 422 for an act that lacks what it takes */
export async function changeSource(
  env: Env,
  id: string,
  change: SourceChange,
  now: number
): Promise<SourceRow> {
  const before = await requireSource(env, id)
  const template = change.template === undefined ? before.template : change.template
  requireTemplate(change.act ?? before.act, template)
  if (change.options) requireOptions(before.provider, change.options)
  const changes = { ...columnsOf(change), ...(await secretOf(env, before, change, now)) }
  const after = await save(env, before, { ...changes, updated_at: now })
  if (before.status === 'paused' && after.status === 'active') await releaseParked(env, id, now)
  return after
}

function columnsOf(change: SourceChange): Partial<SourceRow> {
  const { name, act, strict, status, options, fields, template } = change
  const { retention_days: days, body_retention_days: bodyDays } = change
  return {
    ...(name !== undefined && { name }),
    ...(act !== undefined && { act }),
    ...(strict !== undefined && { strict: Number(strict) }),
    ...(status !== undefined && { status }),
    ...(options !== undefined && { options: JSON.stringify(options) }),
    ...(fields !== undefined && { fields: JSON.stringify(fields) }),
    ...(template !== undefined && { template: template && JSON.stringify(template) }),
    ...(days !== undefined && { retention_days: days }),
    ...(bodyDays !== undefined && { body_retention_days: bodyDays }),
  }
}

async function secretOf(
  env: Env,
  row: SourceRow,
  { secret }: SourceChange,
  now: number
): Promise<Partial<SourceRow>> {
  if (secret === undefined) return {}
  const secrets = withSecret(await openSource(env, row), secret ?? undefined, 0, now)
  return { secrets: await sealSource(env, row.id, secrets) }
}

/** Changes of secrets are made over what was read, so that two at once cannot undo each other. */
async function save(env: Env, before: SourceRow, changes: Partial<SourceRow>): Promise<SourceRow> {
  const guard = changes.secrets === undefined ? undefined : before.secrets
  const after = await updateSource(env, before.id, changes, guard)
  forgetSources(env)
  if (after) return after
  await requireSource(env, before.id)
  throw new Refusal(409, 'changed_meanwhile', 'The secret was changed meanwhile. Look again.')
}

/** Until the grace is over, what the old secret signed passes too. @throws Refusal 404, 409 */
export async function rotateSourceSecret(
  env: Env,
  id: string,
  { secret, grace_seconds }: { secret: string; grace_seconds: number },
  now: number
): Promise<SourceRow> {
  const before = await requireSource(env, id)
  const secrets = withSecret(await openSource(env, before), secret, grace_seconds * 1_000, now)
  const sealed = await sealSource(env, id, secrets)
  return save(env, before, { secrets: sealed, updated_at: now })
}

/** Another address, for when the old one has got about, or is sealed under a key that is gone: that one is dead here at once, and elsewhere when caches are over. @throws Refusal 404, 409 */
export async function renewAddress(env: Env, id: string, now: number): Promise<SourceRow> {
  const before = await requireSource(env, id)
  const secrets = withToken(await tryToOpen(env, before), freshToken('hook'))
  const sealed = await sealSource(env, id, secrets)
  const tokenHash = await hashToken(secrets.token)
  return save(env, before, { secrets: sealed, token_hash: tokenHash, updated_at: now })
}

/** Its address is dead, its secrets are gone, its log stays until it is old. @throws Refusal 404 */
export async function deleteSource(env: Env, id: string, now: number): Promise<void> {
  const before = await requireSource(env, id)
  const { token = '', formerTokens } = (await tryToOpen(env, before)) ?? {}
  const secrets = await sealSource(env, id, { token, formerTokens })
  await save(env, before, { status: 'deleted', token_hash: null, secrets, updated_at: now })
  // What still waits is told that its source is gone.
  await releaseParked(env, id, now)
}
