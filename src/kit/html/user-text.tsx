import { type Child, createContext, useContext } from '#jsx'
import { contained } from '../lib/text/bidi'

/*
 * Shows what somebody else wrote: it can contain invisible characters that reverse the order of what follows. Titles,
 * options and attributes use `isolated` from kit/lib/text/bidi.ts instead.
 */

type UserTextProps = { text: string }

/** What the search of the page looks for, as a group of a pattern; null without a search. */
export const Searched = createContext<RegExp | null>(null)

export function toPattern(q = ''): RegExp | null {
  const text = q.trim()
  return text === '' ? null : new RegExp(`(${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')})`, 'i')
}

/** A text within a line: a name, a URL, a header, an id. A match of the search is marked. */
export const UserText = ({ text }: UserTextProps) => <bdi>{marked(contained(text), useContext(Searched))}</bdi>

/** Every other part is a match. */
const marked = (text: string, pattern: RegExp | null): Child =>
  pattern ? text.split(pattern).map((part, i) => (i % 2 === 0 ? part : <mark>{part}</mark>)) : text

/** The same, as a link. Without an address, the text alone. */
export function UserLink({ href, ...props }: UserTextProps & { href: string | undefined }) {
  const text = <UserText {...props} />
  return href === undefined ? text : <a href={href}>{text}</a>
}

/** The same, as code. */
export function UserCode(props: UserTextProps) {
  return (
    <code>
      <UserText {...props} />
    </code>
  )
}

/** A text with its line breaks: a body, a payload, a response, a command. Each line gets its own direction. */
export const UserBlock = ({ text }: UserTextProps) => <pre dir="auto">{text}</pre>

/** What a search has found, if none of the texts that are `shown` has it. @param text see `excerptAround` */
export function Excerpt({ text, shown }: { text: string | null | undefined; shown: string }) {
  const pattern = useContext(Searched)
  if (!text || !pattern || pattern.test(shown)) return null
  return (
    <div class="small">
      …<UserText text={text} />…
    </div>
  )
}
