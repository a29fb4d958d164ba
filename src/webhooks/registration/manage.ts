import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../../env'
import type { Context } from '../../kit/context'
import { hashToken, isToken } from '../../kit/db/tokens'
import { invalid, Refusal, tooMany } from '../../kit/http/problem'
import { WAIT, withinLimit } from '../../kit/http/rate-limit'
import { firstIdAt } from '../../kit/lib/ids'
import { requireEndpoint } from '../endpoints/manage'
import type { Viewer } from '../endpoints/page/viewer'
import { mayTestWith } from '../endpoints/send-test'
import { type EndpointRow, findByManageToken } from '../endpoints/store'
import { verbFor } from '../rules/delivering/endpoint-health'
import { disabledBefore } from '../rules/delivering/endpoint-state'

/* What an integrator may do with the private link. */

type Switched = Pick<EndpointRow, 'status' | 'disabled_reason'>

function mayResume({ status, disabled_reason }: Switched): boolean {
  return status === 'disabled' && disabledBefore('resumed').some((reason) => reason === disabled_reason)
}

/** Whether the owner lets the endpoint receive something. */
const maySend = (endpoint: Switched): boolean => endpoint.status === 'enabled' || mayResume(endpoint)

/** @throws Refusal 409 unless the owner lets the endpoint receive something */
export async function requireMaySend({ env, manages }: Context): Promise<void> {
  refuseUnlessSending(await requireEndpoint(env, manages?.id ?? ''))
}

function refuseUnlessSending(endpoint: Switched): void {
  if (!maySend(endpoint)) throw ownerDecides(endpoint)
}

export function ownerDecides(endpoint: Switched): Refusal {
  const detail = `The owner of the guestbook must ${verbFor(endpoint)} this endpoint first.`
  return new Refusal(409, 'owner_decides', detail)
}

/** @throws Refusal 422 for an event type that the integrator need not know about */
export async function requireTestType({ env, manages }: Context, type: string): Promise<void> {
  if (mayTestWith(type, await requireEndpoint(env, manages?.id ?? ''))) return
  throw invalid([{ path: 'type', message: `There is no event type "${type}" for this endpoint.` }])
}

/** What calls the receiver, or makes the guestbook work, has a limit for each private link. @throws Refusal 429 */
export async function requireRoomToAct({ env, manages }: Pick<Context, 'env' | 'manages'>): Promise<void> {
  if (!(await withinLimit(env.REGISTER_LIMIT, manages?.id ?? ''))) throw tooMany(TOO_MANY)
}

/**
 * Like a replay, the pull token of an integrator's endpoint gives nothing from before the registration.
 * @returns the id after which it reads, or null for an endpoint of the owner. @throws Refusal 409, 429
 */
export async function pullableFrom(env: Env, endpoint: EndpointRow): Promise<string | null> {
  if (endpoint.manage_token_hash === null) return null
  refuseUnlessSending(endpoint)
  if (!(await withinLimit(env.TEST_LIMIT, `pull ${endpoint.id}`))) throw tooMany(TOO_MANY)
  return firstIdAt('msg', endpoint.created_at)
}

const TOO_MANY = `Too many requests. ${WAIT}, then try again.`

/** A page whose address is a secret is in no cache and no search engine. */
export const keepUnlisted: MiddlewareHandler<HonoEnv> = (c, next) => {
  c.header('Cache-Control', 'no-store')
  c.header('X-Robots-Tag', 'noindex')
  return next()
}

/** @returns the path of the page that a private link leads to */
export const pageWith = (token: string): string => `/webhooks/manage/${token}`

/** @param page the path of the endpoint's page, which contains the private link */
export function integratorOf(endpoint: EndpointRow, page: string): Viewer {
  return {
    isOwner: false,
    page,
    may: {
      test: maySend(endpoint) ? `${page}/test` : undefined,
      filter: maySend(endpoint) ? page : undefined,
      try: `${page}/try`,
      rotate: `${page}/rotate`,
      replay: `${page}/replay`,
      pull: maySend(endpoint) ? `${page}/pull-token` : undefined,
      disable: `${page}/pause`,
      enable: mayResume(endpoint) ? `${page}/resume` : undefined,
      delete: `${page}/delete`,
    },
    pathTo: ({ message_id }) => `${page}/messages/${message_id}`,
  }
}

/** @returns the endpoint of a private link. @throws Refusal 404 if the link is wrong or the endpoint was deleted */
export async function requireManaged(env: Env, token: string): Promise<EndpointRow> {
  const endpoint = isToken('link', token) ? await findByManageToken(env, await hashToken(token)) : null
  if (endpoint) return endpoint
  throw new Refusal(404, 'not_found', 'This link is not valid. The endpoint may have been deleted.')
}
