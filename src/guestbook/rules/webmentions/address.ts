import { err, ok, type Result } from '../../../kit/lib/result'
import {
  checkEndpointUrl,
  URL_MAX,
  type UrlPolicy,
  type UrlRefusal,
} from '../../../webhooks/rules/delivering/url-policy'
import { linkedPageOf } from './linked-addresses'

/** What a webmention says: the page `source` links to `target`, a page of ours. */
export interface MentionLink {
  source: string
  target: string
  /** The slug of the book that the target shows, or the entry whose permalink it is. */
  page: { slug: string } | { comment_id: string }
}

type MentionFault = { code: 'invalid_source' | 'invalid_target' | 'same_page'; detail: string }

/** @param origin ours @param policy which sources may be fetched @returns the mention, its URLs without fragments */
export function judgeMention(
  given: { source: string; target: string },
  origin: string,
  policy: UrlPolicy
): Result<MentionLink, MentionFault> {
  const target = given.target.length > URL_MAX ? null : linkedPageOf(given.target)
  const page = target === null ? null : pageAt(target, origin)
  if (target === null || page === null) return err({ code: 'invalid_target', detail: targetDetail(origin) })
  if (linkedPageOf(given.source) === target) {
    return err({ code: 'same_page', detail: 'The source and the target are the same page.' })
  }
  const source = checkEndpointUrl(given.source, policy)
  if (!source.ok) return err({ code: 'invalid_source', detail: SOURCE_DETAILS[source.error.reason] })
  return ok({ source: source.value, target, page })
}

/** @returns which page of ours a URL is, or null. Pages with parameters have no address of their own */
function pageAt(href: string, origin: string): MentionLink['page'] | null {
  if (!href.startsWith(`${origin}/`)) return null
  const path = href.slice(origin.length)
  if (path === '/') return { slug: 'main' }
  const [, kind, id = ''] = /^\/(b|comments)\/([\w-]{1,100})$/.exec(path) ?? []
  if (kind === undefined) return null
  return kind === 'b' ? { slug: id } : { comment_id: id }
}

/** @returns what is wrong with a target, and which targets there are */
export function targetDetail(origin: string): string {
  return `"target" must be the address of a guestbook here (${origin}/ or ${origin}/b/...), or of an entry in it.`
}

const SOURCE_DETAILS: Record<UrlRefusal['reason'], string> = {
  not_a_url: '"source" must be a full URL, such as https://example.com/post.',
  too_long: `"source" can have up to ${URL_MAX} characters.`,
  scheme: '"source" must be an https:// URL.',
  credentials: '"source" must not contain a user name or a password.',
  ip_address: '"source" must have a host name instead of an IP address.',
  port: '"source" must use port 443, 2053, 2083, 2087, 2096 or 8443.',
  internal_name: '"source" must have a public host name.',
  own_host: '"source" must be a page of another site.',
}
