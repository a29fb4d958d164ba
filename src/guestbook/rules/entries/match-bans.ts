import { siteOf } from '../../../kit/lib/url'
import { type EntryTexts, type Folded, type FoldedRule, fold, foldEntry, foldRules, isNamed, says } from './fold'

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
export function isBannedText(said: EntryTexts, bans: readonly Ban[], now: number): boolean {
  if (bans.length === 0) return false
  const entry = foldEntry(said)
  const host = siteOf(said.website ?? '')
  return foldRules(bans, ({ value }) => value).some((one) => isActive(one.rule, now) && matches(one, entry, host))
}

function matches(ban: FoldedRule<Ban>, entry: Folded, host: string): boolean {
  const { by, value } = ban.rule
  if (by === 'name') return isNamed(entry, ban)
  if (by === 'website') return host === value || host.endsWith(`.${value}`)
  return by === 'word' && says(entry, ban)
}

/** @returns whether two bans apply to the same entries: the case of a name, for example, does not matter */
export function isSameBan(one: Pick<Ban, 'by' | 'value'>, other: Pick<Ban, 'by' | 'value'>): boolean {
  if (one.by !== other.by) return false
  return (
    one.value === other.value || ((one.by === 'name' || one.by === 'word') && fold(one.value) === fold(other.value))
  )
}

/** @returns the host in what an owner has entered: a host, or a URL; null if there is none */
export function hostIn(text: string): string | null {
  const host = siteOf(/^https?:\/\//i.test(text) ? text : `https://${text}`)
  return /[^.]\.[^.]/.test(host) ? host : null
}
