import { parseForReading } from '../../../kit/lib/json'
import { parseUrl } from '../../../kit/lib/url'

/* Whether a page that is not HTML mentions a target: https://www.w3.org/TR/webmention/#webmention-verification */

/** @returns the URL in its normal form, without its fragment; null if it is not a URL */
export function linkedPageOf(href: string, base?: string): string | null {
  const url = parseUrl(href, base)
  if (!url) return null
  url.hash = ''
  return url.href
}

const ADDRESS = /https?:\/\/[^\s<>"'`]+/gi
/** What follows an address in a sentence, or in Markdown. */
const TAIL = /[.,;:!?)\]}*_]+$/
/** Every address that is found is parsed, so there is a limit. */
const MAX_ADDRESSES = 300

/** @returns those of the targets whose address is in a plain text */
export function linksInText(text: string, targets: readonly string[]): Set<string> {
  const found = new Set<string>()
  let left = MAX_ADDRESSES
  for (const [address] of text.matchAll(ADDRESS)) {
    if (--left < 0 || found.size === targets.length) break
    const page = linkedPageOf(address.slice(0, MAX_ADDRESS)) ?? ''
    const bare = linkedPageOf(withoutTail(address.slice(0, MAX_ADDRESS))) ?? ''
    for (const target of targets) if (target === page || target === bare) found.add(target)
  }
  return found
}

/** Longer than any target, so that a longer address never equals one. */
const MAX_ADDRESS = 4_096

function withoutTail(address: string): string {
  const tail = TAIL.exec(address.slice(-MAX_TAIL))?.[0] ?? ''
  return address.slice(0, address.length - tail.length)
}

/** The search for a tail starts again at each character, so only the end of an address is searched. */
const MAX_TAIL = 20

/** @returns those of the targets that a JSON document has as a value. JSON that is too complex has none */
export function linksInJson(text: string, targets: readonly string[]): Set<string> {
  const found = new Set<string>()
  const waiting: unknown[] = [parseForReading(text)]
  for (let addresses = 0; waiting.length > 0 && addresses < MAX_ADDRESSES && found.size < targets.length; ) {
    const value = waiting.pop()
    if (typeof value === 'string') addresses += addTarget(value, targets, found)
    else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) waiting.push(part)
  }
  return found
}

/** @returns 1 if the text had to be parsed as an address, otherwise 0 */
function addTarget(value: string, targets: readonly string[], found: Set<string>): number {
  if (!/^https?:/i.test(value) || value.length > MAX_ADDRESS) return 0
  const page = linkedPageOf(value) ?? ''
  if (targets.includes(page)) found.add(page)
  return 1
}
