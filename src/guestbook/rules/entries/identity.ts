import { type FormatOptions, formatEntry } from '../looks/formatting'
import { LINK_START } from './decide'
import type { CommentText } from './entry-content'

const LINKS = new RegExp(String.raw`(?:${LINK_START})\S*`, 'gi')

/** A link in the JSON of a formatted text, in which other quotes are escaped. */
const LINKED = /"link","url":"[^"]*/g

/** `answers` and `extra` are JSON. */
type Linking = CommentText & { pre?: number; answers?: string; extra?: string }

/**
 * @param format of the book, which decides which addresses become links @returns whether an edit changes who an entry
 * is from, or where it leads: the name, the website, or the links in what it says
 */
export function changesIdentity(before: Linking, after: Linking, format: FormatOptions): boolean {
  const linksOf = ({ body, pre, answers, extra }: Linking) => {
    const linked = pre ? '' : JSON.stringify(formatEntry(body, format))
    return `${[body, answers, extra].join('\n').match(LINKS)} ${linked.match(LINKED)}`
  }
  return before.name !== after.name || before.website !== after.website || linksOf(before) !== linksOf(after)
}
