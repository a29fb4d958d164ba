import { checkEndpointUrl, type UrlPolicy } from '../core/delivering/url-policy'
import { invalid } from '../http/problem'

/** @param origin where the request came in, which is us too; not known when a delivery is sent */
export function urlPolicy(env: Env, origin?: string): UrlPolicy {
  const own = [env.PUBLIC_URL, origin].filter((url) => url)
  return {
    ownHosts: own.map((url) => new URL(url as string).host),
    allowLocal: env.ALLOW_LOCAL_ENDPOINTS === 'true',
  }
}

/** @returns the URL as it is stored. @throws Refusal 422 that says what to change */
export function requireEndpointUrl(env: Env, url: string, origin: string): string {
  const checked = checkEndpointUrl(url, urlPolicy(env, origin))
  if (!checked.ok) throw invalid([{ path: 'url', message: checked.error.detail }])
  return checked.value
}
