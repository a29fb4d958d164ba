import { type Bytes, concat } from '../../../kit/lib/bytes'

/* Parsing a page takes ten times as long as searching it, so of a long page only the part around the link is parsed. */

/** A page of this size is parsed as a whole. */
const PARSED_BYTES = 80_000
/** How much of a long page is parsed before the link, which is usually in the text of the entry. */
const BEFORE = 50_000

/** What has to come from the start of a page. */
const HEAD = [/<title[^<>]{0,200}>[^<>]{0,1000}<\/title/, /<base\s[^<>]{0,2000}/]

/** Whether links to a host can have another spelling: a host with `xn--` can also be written in its own script. */
const isWrittenOtherwise = (host: string) => host.includes('xn--')

/**
 * @param targets as `pageOf` returns them @returns what to parse: all of a short page, or the part of a long page
 * around the first link to a target. Nothing if there can be no link
 */
export function aroundLink(html: Bytes, targets: readonly string[]): Bytes {
  const addresses = targets.map((target) => target.replace(/^https?:\/\//, '').toLowerCase())
  // One character for each byte, so that positions are the same.
  const text = new TextDecoder('latin1').decode(html).toLowerCase()
  const at = firstOf(text, addresses)
  if (at < 0) return addresses.some(isWrittenOtherwise) ? html.subarray(0, PARSED_BYTES) : html.subarray(0, 0)
  if (html.length <= PARSED_BYTES) return html
  const start = at < BEFORE ? 0 : text.indexOf('<', at - BEFORE)
  const part = html.subarray(start, start + PARSED_BYTES)
  const heads = HEAD.map((one) => one.exec(text.slice(0, start))).filter((found) => found !== null)
  return concat([
    ...heads.flatMap(({ index, 0: { length } }) => [html.subarray(index, index + length), END_OF_TAG]),
    part,
  ])
}

const END_OF_TAG = Uint8Array.of('>'.charCodeAt(0))

/** @returns where an address is, or else its host, because links can be written otherwise; -1 if neither is there */
function firstOf(text: string, addresses: string[]): number {
  const escaped = addresses.map((address) => address.replace(/[^\w]/g, '\\$&').replace(/\\\/$/, '/?'))
  const whole = text.search(new RegExp(`(?:${escaped.join('|')})[\\s"'>#]`))
  if (whole >= 0) return whole
  const hosts = addresses.map((address) => text.indexOf(address.split('/', 1)[0] ?? '')).filter((at) => at >= 0)
  return hosts.length === 0 ? -1 : Math.min(...hosts)
}
