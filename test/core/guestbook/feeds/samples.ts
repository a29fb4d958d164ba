import fc from 'fast-check'
import type { Feed, FeedEntry } from '../../../../src/guestbook/rules/feeds/feed'
import type { FormatOptions } from '../../../../src/guestbook/rules/looks/formatting'
import { anyText } from '../../../support/arbitraries'

/** Texts that have broken feeds before. */
const HOSTILE = [
  ']]>',
  '<![CDATA[',
  '<!--',
  '-->',
  '<script>alert(1)</script>',
  '&amp;',
  '&amp;amp;',
  '&#0;',
  '&#x202e;',
  '<?xml version="1.0"?>',
  '<!DOCTYPE x [<!ENTITY a "b">]>',
  '</content></entry></feed>',
  '\u0000',
  '\u000b',
  '\u001b[31m',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\ufffe',
  '\uffff',
  '\ud800',
  '\udfff',
  '\u202eevil\u202c',
  '\u2067\u2069',
  '👩‍👩‍👧‍👦',
  '🏳️‍🌈',
  'שלום',
  'مرحبا',
  'e\u0301',
  '\r\n',
  '\r',
  '\n\n',
  '  ',
  '"\'',
  '*<b>x</b>*',
  '**<i>**',
  '`"<`',
  '\n> <q>\n',
  ':-)',
  'https://e.vil/"><x>',
]

export const PLAIN: FormatOptions = { links: false, markup: false, smileys: false }
export const ALL: FormatOptions = { links: true, markup: true, smileys: true }

/** A text made of hostile parts and of any others. */
export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), anyText), { maxLength: 8 })
  .map((parts) => parts.join(''))

const time = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) })

export const anyEntry: fc.Arbitrary<FeedEntry> = fc.record({
  url: fc.nat().map((n) => `https://guestbook.example.com/comments/cmt_${n}`),
  title: hostileText,
  author: fc.record({ name: hostileText, url: fc.option(fc.webUrl({ withQueryParameters: true })) }),
  body: hostileText,
  pre: fc.boolean(),
  drawing: fc.constant(''),
  answers: fc.array(fc.record({ question: hostileText, answer: hostileText }), { maxLength: 3 }),
  reply: fc.option(fc.record({ heading: hostileText, text: hostileText })),
  published: time,
  updated: time,
})

/** A feed of a book that shows texts as they were written. */
export const anyFeed: fc.Arbitrary<Feed> = fc.record({
  id: fc.constant('https://guestbook.example.com/'),
  title: hostileText,
  subtitle: hostileText,
  language: fc.constantFrom('en', 'ja', 'ar'),
  home: fc.constant('https://guestbook.example.com/'),
  icon: fc.constant('https://guestbook.example.com/favicon.svg'),
  self: fc.constant('https://guestbook.example.com/feed.atom?before=cmt_1&x="<'),
  first: fc.constant('https://guestbook.example.com/feed.atom'),
  next: fc.option(fc.constant('https://guestbook.example.com/feed.atom?before=cmt_2')),
  updated: time,
  options: fc.constant(PLAIN),
  entries: fc.array(anyEntry, { maxLength: 4 }),
})

/** A text as readers get it: without what XML 1.0 forbids, checked character by character, and with line feeds. */
export function allowed(text: string): string {
  const chars = [...text].filter((char) => isAllowed(char.codePointAt(0) ?? 0))
  return chars.join('').replaceAll('\r\n', '\n').replaceAll('\r', '\n')
}

function isAllowed(code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13
  if (code >= 0xd800 && code <= 0xdfff) return false
  return code !== 0xfffe && code !== 0xffff
}

/** @returns the texts of an entry, as a reader sees them: an empty line is between two paragraphs */
export function textsOf(html: string): string {
  const paragraphs = [...html.matchAll(/<(p|pre)(?: [^>]*)?>(.*?)<\/\1>/gs)].map(([, tag, inner = '']) =>
    inner
      .replace(/<\/?strong>/g, '')
      // A parser drops the first line break of <pre>.
      .replace(tag === 'pre' ? /^\n/ : '', '')
      .split(tag === 'pre' ? '\n' : '<br>')
      // Except in <pre>, HTML shows white space as one space, and none at the start of a line.
      .map((line) => (tag === 'pre' ? line : line.replace(/[ \n]+/g, ' ').replace(/^ /, '')))
      .map(withoutEnd)
      .join('\n')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&')
  )
  return paragraphs.join('\n\n')
}

/** Nobody sees spaces at the end of a line, or which kind of space is between words. */
function withoutEnd(line: string): string {
  return line.replaceAll('\u00a0', ' ').replace(/ +$/, '')
}

/** The texts of an entry, as a reader should see them. Headings and answers have one line. */
export function shownTexts({ body, pre, answers, reply }: FeedEntry): string {
  const lines = (text: string) => allowed(text).split('\n').map(withoutEnd).join('\n')
  const line = (text: string) =>
    withoutEnd(
      allowed(text)
        .replace(/[ \n]+/g, ' ')
        .replace(/^ /, '')
    )
  const written = (text: string) => (allowed(text) === '' ? [] : [lines(text)])
  const answered = answers.flatMap(({ question, answer }) => [line(question), line(answer)])
  const replied = reply ? [line(reply.heading), ...written(reply.text)] : []
  return [...(pre ? [lines(body)] : written(body)), ...answered, ...replied].join('\n\n')
}
