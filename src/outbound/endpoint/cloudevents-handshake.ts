import { checkEndpointUrl } from '../../core/delivering/url-policy'
import { changeEndpoint } from '../../endpoints/manage'
import type { EndpointRow } from '../../endpoints/store'
import { urlPolicy } from '../../endpoints/url'
import { tooMany } from '../../http/problem'
import { withinLimit } from '../../http/rate-limit'
import { call } from '../http/call'
import { USER_AGENT } from '../http/signed-request'

export interface Handshake {
  isAllowed: boolean
  /** Who asked: the host of the guestbook. */
  origin: string
  /** Requests a minute that the receiver allows; null for any number, or when it allows none. */
  allowedRate: number | null
  status_code: number | null
  error_class: string | null
}

/**
 * Asks a receiver whether it wants to be called from here, as CloudEvents does before the first event. Its status says nothing, only its
 * headers do. A rate below the endpoint's becomes the endpoint's: it paces what waited, and what is sent again.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md#4-abuse-protection
 * @throws Refusal 429 over the limit of tests: it is a call to a host of somebody's choice as well
 */
export async function shakeHands(
  env: Env,
  endpoint: EndpointRow,
  publicOrigin: string,
  now: number
): Promise<Handshake> {
  if (!(await withinLimit(env.TEST_LIMIT, 'test')))
    throw tooMany('That is enough tests for this minute. Wait a little.')
  const handshake = await ask(env, endpoint, new URL(publicOrigin).host)
  const { allowedRate } = handshake
  if (allowedRate !== null && allowedRate < endpoint.rate_limit)
    await changeEndpoint(env, endpoint.id, { rate_limit: allowedRate }, publicOrigin, now)
  return handshake
}

async function ask(env: Env, endpoint: EndpointRow, origin: string): Promise<Handshake> {
  const allowed = checkEndpointUrl(endpoint.url, urlPolicy(env))
  const nothing = { isAllowed: false, origin, allowedRate: null, status_code: null }
  if (!allowed.ok) return { ...nothing, error_class: `url_${allowed.error.reason}` }
  const headers = {
    'User-Agent': USER_AGENT,
    'WebHook-Request-Origin': origin,
    'WebHook-Request-Rate': String(endpoint.rate_limit),
  }
  const {
    answer,
    status_code: statusCode,
    error_class: errorClass,
  } = await call(allowed.value, {
    method: 'OPTIONS',
    headers,
  })
  const isAllowed = allows(answer?.get('WebHook-Allowed-Origin') ?? null, origin)
  const allowedRate = isAllowed ? readRate(answer?.get('WebHook-Allowed-Rate') ?? null) : null
  return { isAllowed, origin, allowedRate, status_code: statusCode, error_class: errorClass }
}

function allows(answer: string | null, origin: string): boolean {
  const allowed = (answer ?? '').split(',').map((item) => item.trim().toLowerCase())
  return allowed.includes('*') || allowed.includes(origin.toLowerCase())
}

function readRate(answer: string | null): number | null {
  return answer !== null && /^[1-9]\d{0,8}$/.test(answer.trim()) ? Number(answer) : null
}
