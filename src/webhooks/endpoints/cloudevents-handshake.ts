import { tooMany } from '../../kit/http/problem'
import { TOO_MANY_TESTS, withinLimit } from '../../kit/http/rate-limit'
import { hostOf } from '../../kit/lib/url'
import { checkEndpointUrl } from '../rules/delivering/url-policy'
import { call, type Exchange } from '../send/http/call'
import { USER_AGENT } from '../send/http/signed-request'
import { changeEndpoint } from './manage'
import { openSecrets } from './secrets'
import type { EndpointRow } from './store'
import { urlPolicy } from './url'

interface Handshake extends Pick<Exchange, 'status_code' | 'error_class'> {
  allowed: boolean
  /** The guestbook's host name, for which permission is requested. */
  origin: string
  /** Requests per minute that the receiver allows; null for no limit, or if permission was not given. */
  allowed_rate: number | null
}

/**
 * Asks a receiver for permission to send to it, and takes a lower rate that it allows. Only the headers count.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md#4-abuse-protection
 * @throws Refusal 429. The rate limit for tests applies, because the handshake also calls a host of the user's choice
 */
export async function shakeHands(
  env: Env,
  endpoint: EndpointRow,
  publicOrigin: string,
  now: number
): Promise<Handshake> {
  if (!(await withinLimit(env.TEST_LIMIT, 'test'))) throw tooMany(TOO_MANY_TESTS)
  const handshake = await ask(env, endpoint, hostOf(publicOrigin), now)
  const rate_limit = handshake.allowed_rate
  if (rate_limit !== null && rate_limit < endpoint.rate_limit)
    await changeEndpoint(env, endpoint.id, { rate_limit }, publicOrigin, now)
  return handshake
}

async function ask(env: Env, endpoint: EndpointRow, origin: string, now: number): Promise<Handshake> {
  const url = checkEndpointUrl(endpoint.url, urlPolicy(env))
  if (!url.ok) {
    const error_class = `url_${url.error.reason}` as const
    return { allowed: false, origin, allowed_rate: null, status_code: null, error_class }
  }
  const { headers: customHeaders } = await openSecrets(env, endpoint.id, endpoint.secrets)
  const headers = {
    ...customHeaders,
    'User-Agent': USER_AGENT,
    'WebHook-Request-Origin': origin,
    'WebHook-Request-Rate': String(endpoint.rate_limit),
  }
  const { response_headers, status_code, error_class } = await call(url.value, { method: 'OPTIONS', headers }, now)
  const allowed = allows(response_headers?.get('WebHook-Allowed-Origin') ?? '', origin)
  const allowed_rate = allowed ? readRate(response_headers?.get('WebHook-Allowed-Rate') ?? '') : null
  return { allowed, origin, allowed_rate, status_code, error_class }
}

function allows(allowedOrigin: string, origin: string): boolean {
  const allowed = allowedOrigin.split(',').map((item) => item.trim().toLowerCase())
  return allowed.includes('*') || allowed.includes(origin.toLowerCase())
}

/** @returns null for `*`, which means no limit, and for an invalid value */
function readRate(allowedRate: string): number | null {
  return /^[1-9]\d{0,8}$/.test(allowedRate.trim()) ? Number(allowedRate) : null
}
