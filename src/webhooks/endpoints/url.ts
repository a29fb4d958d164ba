import type { Grant, Sight } from '../../access/rights'
import { invalidField, type Refusal } from '../../kit/http/problem'
import { hostOf } from '../../kit/lib/url'
import { hideSecretIn, isHiddenUrl } from '../rules/delivering/secret-url'
import { checkEndpointUrl, type UrlPolicy } from '../rules/delivering/url-policy'
import { checkTarget, type Format, formatOf } from '../rules/events/formats'
import { isAddress, mailtoAddress } from '../rules/events/formats/lib/mail'
import type { EndpointRow } from './store'

/** @param origin the origin that received the request, one of our own. Unknown when a delivery is being sent */
export function urlPolicy(env: Env, origin?: string): UrlPolicy {
  const own = [env.PUBLIC_URL, origin ?? ''].filter(Boolean)
  return { ownHosts: own.map((url) => hostOf(url)), allowLocal: env.ALLOW_LOCAL_ENDPOINTS === 'true' }
}

/** Whether this deployment has a `send_email` binding and a sender. */
export function canSendEmail(env: Env): env is Env & Required<Pick<Env, 'EMAIL'>> {
  return env.EMAIL !== undefined && isAddress(env.EMAIL_FROM)
}

export const URL_HIDDEN = 'Part of this URL is hidden. Enter the whole URL.'
const NO_EMAIL = 'This guestbook cannot send e-mails yet. Set up send_email: see docs/notifications.md.'

/** @returns the URL to store. @throws Refusal 422 if the URL policy forbids it, or the format needs another address */
export function requireEndpointUrl(env: Env, url: string, origin: string, format: Format): string {
  if (isHiddenUrl(url)) throw refuse(URL_HIDDEN)
  const target = checkTarget(format, url)
  if (formatOf(format).isEmail || /^mailto:/i.test(url)) {
    const address = mailtoAddress(url)
    if (target !== null || address === null) throw refuse(target ?? NO_EMAIL)
    if (!canSendEmail(env)) throw refuse(NO_EMAIL)
    return `mailto:${address}`
  }
  // The policy comes first: its faults are also faults of the address.
  const checked = checkEndpointUrl(url, urlPolicy(env, origin))
  if (!checked.ok) throw refuse(checked.error.detail)
  if (target !== null) throw refuse(target)
  return checked.value
}

const refuse = (message: string): Refusal => invalidField('url', message)

/**
 * Reads a change of the URL. What `urlFor` shows stands for the stored URL, as it does with headers.
 * @returns null to keep the URL. @throws Refusal 422 if the new format would show more of a URL that stays
 */
export function newUrlIn(
  before: Pick<EndpointRow, 'url' | 'format'>,
  { url, format }: { url: string | undefined; format: Format },
  { credentials }: Grant
): string | null {
  const shown = hideSecretIn(before.url, before.format)
  if (url !== undefined && url !== shown) return url
  if (credentials || shown === before.url || hideSecretIn(before.url, format) === shown) return null
  throw refuse('The new format hides other parts of the URL. Send the whole URL.')
}

/** @returns an endpoint's URL as a caller may see it: without secrets, or as a whole */
export function urlFor({ url, format }: Pick<EndpointRow, 'url' | 'format'>, { secrets }: Sight): string {
  return secrets ? url : hideSecretIn(url, format)
}

/** @returns the endpoint as a caller may see it, so that a request built from it shows no more */
export function seenBy(endpoint: EndpointRow, sight: Sight): EndpointRow {
  return { ...endpoint, url: urlFor(endpoint, sight), moderation_links: sight.links ? endpoint.moderation_links : 0 }
}
