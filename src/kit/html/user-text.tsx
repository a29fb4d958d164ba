import { contained } from '../lib/text/bidi'

/*
 * Shows text that somebody else wrote: a guest, a sender, a receiver, an integrator, or the owner. Such text can
 * contain invisible characters that reverse the order of what follows, so that a page appears to say something else.
 * Every page shows such text with one of these components. Titles, options and attributes use `isolated` from
 * kit/lib/text/bidi.ts.
 */

interface UserTextProps {
  text: string
}

/** A text within a line: a name, a URL, a header, an id. */
export function UserText({ text }: UserTextProps) {
  return <bdi>{contained(text)}</bdi>
}

/** A text with its line breaks: a body, a payload, a response, a command. Each line gets its own direction. */
export function UserBlock({ text }: UserTextProps) {
  return <pre dir="auto">{text}</pre>
}
