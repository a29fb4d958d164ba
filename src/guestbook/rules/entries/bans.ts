import { siteOf } from '../../../kit/lib/url'
import { type Folded, foldEntry, foldRules, type Said, says } from './fold'

/* The entries of banned guests are spam, whatever they say. The owner sees them with the reason `banned`. */

/** How a ban recognizes a guest: by the network, the name, the host of the website, or a text in the entry. */
export const BAN_KINDS = ['visitor', 'name', 'website', 'word'] as const
type BanKind = (typeof BAN_KINDS)[number]

export interface Ban {
  id: string
  by: BanKind
  /** For a visitor, a hash of the network: see kit/http/visitor.ts. */
  value: string
  /** When the ban ends, in epoch milliseconds; null for never. */
  until: number | null
  /** For a visitor, the key of the hash. */
  key?: string | undefined
}

/** A book has at most this many bans, because each entry is compared with all of them. */
export const MAX_BANS = 100
/** In code points. */
export const BAN_MAX = 100

export const isActive = ({ until }: Ban, now: number): boolean => until === null || until > now

/** @returns whether a ban by name, website or word applies to an entry. See `fold` for what does not matter */
export function isBannedText(said: Said, bans: readonly Ban[], now: number): boolean {
  if (bans.length === 0) return false
  const entry = foldEntry(said)
  const host = siteOf(said.website ?? '')
  const values = foldRules(bans, ({ value }) => value)
  return bans.some((ban, i) => isActive(ban, now) && matches(ban, values[i] ?? '', entry, host))
}

/** @param value of the ban, folded */
function matches(ban: Ban, value: string, entry: Folded, host: string): boolean {
  if (ban.by === 'name') return entry.name === value
  if (ban.by === 'website') return host === ban.value || host.endsWith(`.${ban.value}`)
  return ban.by === 'word' && says(entry, value)
}

/** @returns the host in what an owner has entered: a host, or a URL; null if there is none */
export function hostIn(text: string): string | null {
  const host = siteOf(/^https?:\/\//i.test(text) ? text : `https://${text}`)
  return /[^.]\.[^.]/.test(host) ? host : null
}
