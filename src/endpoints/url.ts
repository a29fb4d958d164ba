import { checkEndpointUrl, type UrlPolicy } from '../core/delivering/url-policy'
import { invalid } from '../http/problem'

/** @param origin the origin that received the request, one of our own. Unknown when a delivery is being sent */
export function urlPolicy(env: Env, origin?: string): UrlPolicy {
  const own = [env.PUBLIC_URL, origin ?? ''].filter(Boolean)
  return { ownHosts: own.map((url) => new URL(url).host), allowLocal: env.ALLOW_LOCAL_ENDPOINTS === 'true' }
}

/** @returns the URL as it will be stored. @throws Refusal 422 if the URL policy forbids it */
export function requireEndpointUrl(env: Env, url: string, origin: string): string {
  const checked = checkEndpointUrl(url, urlPolicy(env, origin))
  if (!checked.ok) throw invalid([{ path: 'url', message: checked.error.detail }])
  return checked.value
}
