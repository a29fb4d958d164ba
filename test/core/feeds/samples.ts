import fc from 'fast-check'
import type { Feed, FeedEntry } from '../../../src/guestbook/rules/feeds/feed'
import { anyText } from '../../support/arbitraries'

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
]

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

/** @returns the texts of the paragraphs of an entry, with its line breaks */
export function paragraphsOf(html: string): string[] {
  return [...html.matchAll(/<(p|pre)(?: [^>]*)?>(.*?)<\/\1>/gs)].map(([, tag, inner = '']) =>
    inner
      .replace(/<\/?strong>/g, '')
      .split(tag === 'pre' ? '\n' : '<br>')
      // Except in <pre>, HTML shows several spaces as one, and none at the start of a line.
      .map((line) => (tag === 'pre' ? line : line.replace(/ +/g, ' ').replace(/^ /, '')))
      .map(withoutEnd)
      .join('\n')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&')
  )
}

/** Nobody sees spaces at the end of a line, or which kind of space is between words. */
function withoutEnd(line: string): string {
  return line.replaceAll('\u00a0', ' ').replace(/ +$/, '')
}

/** The texts of an entry, as a reader should see them. */
export function shownTexts({ body, answers, reply }: FeedEntry): string[] {
  const answered = answers.flatMap(({ question, answer }) => [question, answer])
  const replied = reply ? [reply.heading, reply.text] : []
  return [body, ...answered, ...replied].map((text) => allowed(text).split('\n').map(withoutEnd).join('\n'))
}
