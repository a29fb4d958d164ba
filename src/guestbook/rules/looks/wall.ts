import type { Bytes } from '../../../kit/lib/bytes'
import { parseUrl, siteOf } from '../../../kit/lib/url'
import { BUTTON } from '../feeds/button'
import { judgePicture } from './picture'

/* The buttons of guests' sites. In the late 90s, sites linked to each other with such pictures. */

/** How many sites of guests a book checks for a button. Most have none. */
export const MAX_SITES = 150
/** How many sites an owner can leave out. */
export const MAX_EXCLUDED = 200
/** How many buttons a page shows. With more, the compressed page would exceed 15 KB. */
export const MAX_BUTTONS = 50
export const BUTTON_MAX_BYTES = 20_000

/** A button that is shown, and the entry that it belongs to. */
export type Button = { host: string; hash: string; name: string; website: string }

/** @returns what is wrong with a file, or null */
export function findButtonFault(bytes: Bytes): 'too_large' | 'not_a_picture' | 'wrong_size' | null {
  if (bytes.length > BUTTON_MAX_BYTES) return 'too_large'
  const facts = judgePicture(bytes)
  if (!facts.ok) return 'not_a_picture'
  return facts.value.width === BUTTON.width && facts.value.height === BUTTON.height ? null : 'wrong_size'
}

/** @returns the path of the file. It has other bytes under another path, so it can be kept forever */
export function buttonPath(slug: string, { host, hash }: Pick<Button, 'host' | 'hash'>): string {
  return `/buttons/${slug}/${host}/${hash}`
}

/** Hosts that need no escaping in a path. Others exist in URLs, but not in DNS. */
const HOST = /^[a-z0-9._-]+$/

/**
 * Plans one button for each site. A button that works can only be replaced by a later entry with the same name, so that
 * a stranger who names the site cannot replace it.
 * @param entries newest first. `button` is the address that the guest gave
 * @param excluded hosts without a button
 * @param shown the ids of the entries whose buttons work
 * @returns where to look for the buttons
 */
export function planWall(
  entries: { id: string; name: string; website: string; button: string | null }[],
  excluded: readonly string[],
  shown: readonly string[] = []
) {
  const working = entries.filter(({ id }) => shown.includes(id))
  const names = new Map(working.map(({ website, name }) => [siteOf(website), name]))
  const sites = new Map<string, { host: string; comment_id: string; url: string }>()
  for (const { id, name, website, button } of entries) {
    const usual = parseUrl('/button.gif', website)
    const host = siteOf(website)
    if (!usual || !HOST.test(host) || sites.has(host) || excluded.includes(host)) continue
    if ((names.get(host) ?? name) !== name) continue
    if (sites.size === MAX_SITES) break
    sites.set(host, { host, comment_id: id, url: button ?? usual.href })
  }
  return [...sites.values()]
}
