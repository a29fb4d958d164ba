import type { Context } from 'hono'
import * as z from 'zod'
import { freshToken, hashToken } from '../db/tokens'
import { planEndpoint } from '../endpoints/manage'
import { endpointIn, eventTypes } from '../endpoints/schemas'
import { type EndpointRow, findByManageToken, listSelfRegistered } from '../endpoints/store'
import type { HonoEnv } from '../env'
import { parseFields } from '../http/form'
import { publicOrigin } from '../http/origin'
import { invalid, notFound, Refusal, tooMany } from '../http/problem'
import { withinLimit } from '../http/rate-limit'
import { identifyVisitor } from '../http/visitor'
import { log } from '../log'
import { challengeEndpoint } from './challenge'
import { type Mode, readMode } from './mode'

/** Events that tell no more than the page shows. */
export const PUBLIC_TYPES = ['comment.published', 'comment.updated', 'comment.removed'] as const
/** Of the whole deployment, and of one host, so that nobody takes all the places. */
const MAX_SELF_REGISTERED = 100
const MAX_PER_HOST = 5

/** What was typed into the public form. */
export interface RegistrationFields {
  url: string
  description: string
  event_types: string[]
}

const publicTypes = eventTypes.refine(
  (types) => types.every((type) => PUBLIC_TYPES.some((known) => known === type)),
  `Choose from ${PUBLIC_TYPES.join(', ')}.`
)

/** @throws Refusal 404 when the owner has not opened it */
export async function requireOpen(env: Env): Promise<Exclude<Mode, 'off'>> {
  const mode = await readMode(env)
  if (mode === 'off') throw notFound('page: registration is off here')
  return mode
}

export interface Registration {
  endpoint: EndpointRow
  /** In clear, for this once. */
  secret: string
  /** The capability to manage the endpoint; for this once. */
  token: string
}

/**
 * An integrator registers a URL. It proves itself before anything is stored.
 * @throws Refusal 404 when that is off, 429 and 409 over the limits, 422 for what does not fit or did not prove itself
 */
export async function register(
  c: Context<HonoEnv>,
  fields: RegistrationFields,
  now: number
): Promise<Registration> {
  const mode = await requireOpen(c.env)
  const { key } = await identifyVisitor(c, now)
  if (!(await withinLimit(c.env.REGISTER_LIMIT, key)))
    throw tooMany('That is enough for a minute. Wait a little, then try again.')
  const planned = await plan(c, fields, mode, now)
  await requireRoom(c.env, planned.endpoint.url)
  const refusal = await challengeEndpoint(c.env, planned.endpoint, now)
  if (refusal !== null)
    throw invalid([{ path: 'url', message: `The URL did not prove itself. ${refusal}` }])
  await c.env.DB.batch(planned.statements)
  log('endpoint.registered', { endpoint_id: planned.endpoint.id, mode })
  return planned
}

/** Two at once may make one too many, which harms nobody. */
async function requireRoom(env: Env, url: string): Promise<void> {
  const urls = await listSelfRegistered(env)
  if (urls.includes(url))
    throw new Refusal(409, 'registered_already', 'That URL is registered already.')
  const { host } = new URL(url)
  const ofHost = urls.filter((other) => new URL(other).host === host).length
  if (urls.length < MAX_SELF_REGISTERED && ofHost < MAX_PER_HOST) return
  const detail = 'No more can be registered here just now. Ask the owner of the guestbook.'
  throw new Refusal(409, 'registration_full', detail)
}

async function plan(c: Context<HonoEnv>, fields: RegistrationFields, mode: Mode, now: number) {
  parseFields(z.object({ event_types: publicTypes }), fields)
  const input = parseFields(endpointIn, { ...fields, enabled: mode === 'open' })
  const token = freshToken('link')
  const more = {
    manage_token_hash: await hashToken(token),
    ...(mode === 'approve' && { disabled_reason: 'awaiting_approval' }),
  }
  const { row, secret, statements } = await planEndpoint(c.env, input, publicOrigin(c), now, more)
  return { endpoint: row, secret, statements, token }
}

/** What the owner has switched off, or not yet switched on, only the owner switches on. */
export const RESUMABLE: readonly string[] = ['paused', 'failing', 'gone']

export function mayResume({ status, disabled_reason: disabledReason }: EndpointRow): boolean {
  return status === 'disabled' && RESUMABLE.includes(disabledReason ?? '')
}

/** @throws Refusal 404 for a link that leads nowhere (any more) */
export async function requireManaged(env: Env, token: string): Promise<EndpointRow> {
  const endpoint = await findByManageToken(env, await hashToken(token))
  if (!endpoint) throw notFound('link: it may have been deleted')
  return endpoint
}
