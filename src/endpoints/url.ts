import { checkEndpointUrl, type UrlPolicy } from '../core/delivering/url-policy'
import { invalid } from '../http/problem'

/** @param origin where the request came in, which is also one of our own hosts. Unknown when a delivery is sent */
export function urlPolicy(env: Env, origin?: string): UrlPolicy {
  const own = [env.PUBLIC_URL, origin ?? ''].filter(Boolean)
  return { ownHosts: own.map((url) => new URL(url).host), allowLocal: env.ALLOW_LOCAL_ENDPOINTS === 'true' }
}

/** @returns the URL in the form that is stored. @throws Refusal 422 */
export function requireEndpointUrl(env: Env, url: string, origin: string): string {
  const checked = checkEndpointUrl(url, urlPolicy(env, origin))
  if (!checked.ok) throw invalid([{ path: 'url', message: checked.error.detail }])
  return checked.value
}
