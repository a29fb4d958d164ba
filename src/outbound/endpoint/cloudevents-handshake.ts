import { checkEndpointUrl } from '../../core/delivering/url-policy'
import { changeEndpoint } from '../../endpoints/manage'
import type { EndpointRow } from '../../endpoints/store'
import { urlPolicy } from '../../endpoints/url'
import { tooMany } from '../../http/problem'
import { withinLimit } from '../../http/rate-limit'
import { call, type Exchange } from '../http/call'
import { USER_AGENT } from '../http/signed-request'

export interface Handshake extends Pick<Exchange, 'status_code' | 'error_class'> {
  isAllowed: boolean
  /** The host of the guestbook, which asks for permission. */
  origin: string
  /** Requests a minute that the receiver allows; null for no limit, or if it allows none. */
  allowedRate: number | null
}

/**
 * Asks a receiver for permission to send to it: the validation handshake of CloudEvents. Only the headers of the
 * response count, not its status. If the receiver allows a lower rate than the endpoint has, the endpoint takes it
 * over.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md#4-abuse-protection
 * @throws Refusal 429 over the rate limit of tests, because this too calls a host of the user's choice
 */
export async function shakeHands(
  env: Env,
  endpoint: EndpointRow,
  publicOrigin: string,
  now: number
): Promise<Handshake> {
  if (!(await withinLimit(env.TEST_LIMIT, 'test'))) throw tooMany('Too many tests. Try again in a minute.')
  const handshake = await ask(env, endpoint, new URL(publicOrigin).host)
  const { allowedRate } = handshake
  if (allowedRate !== null && allowedRate < endpoint.rate_limit)
    await changeEndpoint(env, endpoint.id, { rate_limit: allowedRate }, publicOrigin, now)
  return handshake
}

async function ask(env: Env, endpoint: EndpointRow, origin: string): Promise<Handshake> {
  const url = checkEndpointUrl(endpoint.url, urlPolicy(env))
  if (!url.ok) {
    const error_class = `url_${url.error.reason}` as const
    return { isAllowed: false, origin, allowedRate: null, status_code: null, error_class }
  }
  const headers = {
    'User-Agent': USER_AGENT,
    'WebHook-Request-Origin': origin,
    'WebHook-Request-Rate': String(endpoint.rate_limit),
  }
  const called = await call(url.value, { method: 'OPTIONS', headers })
  const { response_headers: answer, status_code, error_class } = called
  const isAllowed = allows(answer?.get('WebHook-Allowed-Origin') ?? '', origin)
  const allowedRate = isAllowed ? readRate(answer?.get('WebHook-Allowed-Rate') ?? '') : null
  return { isAllowed, origin, allowedRate, status_code, error_class }
}

function allows(allowedOrigin: string, origin: string): boolean {
  const allowed = allowedOrigin.split(',').map((item) => item.trim().toLowerCase())
  return allowed.includes('*') || allowed.includes(origin.toLowerCase())
}

/** @returns null for `*`, which means no limit, and for an invalid value */
function readRate(allowedRate: string): number | null {
  return /^[1-9]\d{0,8}$/.test(allowedRate.trim()) ? Number(allowedRate) : null
}
