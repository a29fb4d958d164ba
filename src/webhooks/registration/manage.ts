import { hashToken, isToken } from '../../kit/db/tokens'
import { Refusal } from '../../kit/http/problem'
import { type EndpointRow, findByManageToken } from '../endpoints/store'

/* What an integrator may do with the private link. */

/** An integrator may resume an endpoint that is disabled for one of these reasons. Otherwise, only the owner may. */
export const RESUMABLE: readonly string[] = ['paused', 'failing', 'gone']

type Switched = Pick<EndpointRow, 'status' | 'disabled_reason'>

export function mayResume({ status, disabled_reason }: Switched): boolean {
  return status === 'disabled' && RESUMABLE.includes(disabled_reason ?? '')
}

/** Whether the integrator may send a test to the endpoint or resume it. */
export function maySend(endpoint: Switched): boolean {
  return endpoint.status === 'enabled' || mayResume(endpoint)
}

/** @throws Refusal 409 unless the owner lets the endpoint receive something */
export function requireMaySend(endpoint: Switched): void {
  if (!maySend(endpoint)) throw ownerMustEnable()
}

export function ownerMustEnable(): Refusal {
  return new Refusal(409, 'owner_decides', 'The owner of the guestbook must enable this endpoint first.')
}

/**
 * Finds the endpoint that a private link manages.
 * @throws Refusal 404 if the link is not valid, or if its endpoint has been deleted
 */
export async function requireManaged(env: Env, token: string): Promise<EndpointRow> {
  const endpoint = isToken('link', token) ? await findByManageToken(env, await hashToken(token)) : null
  if (endpoint) return endpoint
  throw new Refusal(404, 'not_found', 'This link is not valid. The endpoint may have been deleted.')
}
