import { contained } from '../lib/text/bidi'

/*
 * Shows what somebody else wrote: it can contain invisible characters that reverse the order of what follows. Titles,
 * options and attributes use `isolated` from kit/lib/text/bidi.ts instead.
 */

type UserTextProps = { text: string }

/** A text within a line: a name, a URL, a header, an id. */
export const UserText = ({ text }: UserTextProps) => <bdi>{contained(text)}</bdi>

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
