import { htmlText, legible } from './markup'

/* What a feed says, before it is written as Atom or as JSON. All times are in epoch milliseconds, all URLs absolute. */

export interface Feed {
  /** The same for each page of the feed. */
  id: string
  title: string
  subtitle: string
  /** A BCP 47 language tag. */
  language: string
  /** The page that shows the same entries. */
  home: string
  icon: string
  /** The URL of this page of the feed, of the first page, and of the page with older entries, if there is one. */
  self: string
  first: string
  next: string | null
  /** The newest change of what this page of the feed contains. */
  updated: number
  entries: FeedEntry[]
}

export interface FeedEntry {
  /** The permalink. It is also the id. */
  url: string
  title: string
  author: { name: string; url: string | null }
  body: string
  /** The owner's reply below its heading. */
  reply: { heading: string; text: string } | null
  published: number
  updated: number
}

/** The length of a summary in code points. It should not repeat a long entry (RFC 4287, section 4.2.13). */
const SUMMARY_MAX = 280

/** @returns the beginning of an entry as plain text, without the reply */
export function summaryOf({ body }: FeedEntry): string {
  // Half a character at the end of the slice is removed with the rest. A code point has at most two units.
  const points = [...legible(body.slice(0, 2 * SUMMARY_MAX + 2))]
  return points.length > SUMMARY_MAX ? `${points.slice(0, SUMMARY_MAX - 1).join('')}…` : points.join('')
}

/** @returns an entry and its reply as plain text */
export function textOf({ body, reply }: FeedEntry): string {
  return legible(reply ? `${body}\n\n${reply.heading}\n${reply.text}` : body)
}

/** @returns an entry and its reply as HTML. Each line break of the text is a `<br>`. */
export function htmlOf({ body, reply }: FeedEntry): string {
  const shown = paragraph(body)
  if (!reply) return shown
  const heading = `<p><strong>${htmlText(reply.heading)}</strong></p>`
  return `${shown}<blockquote>${heading}${paragraph(reply.text)}</blockquote>`
}

function paragraph(text: string): string {
  return `<p dir="auto">${htmlText(text)}</p>`
}
