import { shorten } from '../../../kit/lib/text/shorten'
import type { EntryAnswer } from '../entries/answers'
import type { FormatOptions } from '../looks/formatting'
import { wordsOf } from './entry-html'
import { legible, xmlText } from './markup'

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
  /** How the texts of guests and the replies are shown. */
  options: FormatOptions
  entries: FeedEntry[]
}

export interface FeedEntry {
  /** The permalink. It is also the id. */
  url: string
  title: string
  author: { name: string; url: string | null }
  body: string
  /** Whether the body is a drawing of characters. */
  pre: boolean
  /** What the guest has drawn, as HTML; empty for nothing. */
  drawing: string
  answers: EntryAnswer[]
  reply: { heading: string; text: string } | null
  published: number
  updated: number
}

/** The length of a summary in code points. It should not repeat a long entry (RFC 4287, section 4.2.13). */
const SUMMARY_MAX = 280

/** @returns the beginning of an entry as plain text, without the answers and the reply */
export const summaryOf = ({ body }: FeedEntry): string => shorten(legible(body), SUMMARY_MAX)

/** @returns an entry with its answers and its reply as plain text */
export function feedText({ body, answers, reply }: FeedEntry): string {
  const answered = answers.map(({ question, answer }) => `${question}\n${answer}`)
  const replied = reply ? [`${reply.heading}\n${reply.text}`] : []
  return legible([body, ...answered, ...replied].join('\n\n'))
}

/** @returns an entry with its answers and its reply as HTML. The body and the reply look as on the page */
export function htmlOf({ body, pre, drawing, answers, reply }: FeedEntry, options: FormatOptions): string {
  const answered = answers.map(
    ({ question, answer }) => `${heading(question, ' dir="auto"')}<p dir="auto">${xmlText(answer)}</p>`
  )
  const shown = words(body, options, pre) + drawing + answered.join('')
  if (!reply) return shown
  return `${shown}<blockquote>${heading(reply.heading)}${words(reply.text, options)}</blockquote>`
}

const heading = (text: string, attributes = ''): string => `<p${attributes}><strong>${xmlText(text)}</strong></p>`

/** Feed readers have no style that keeps spaces, so those that HTML would not show cannot be ordinary ones. */
function words(text: string, options: FormatOptions, pre = false): string {
  const shown = legible(text)
  return wordsOf(pre ? shown : shown.replace(/(?<!^>) (?= )|(?<=^(?:> )?) /gm, '\u00a0'), options, pre)
}
