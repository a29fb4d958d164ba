import { toBase64, utf8 } from '../../../../kit/lib/bytes'
import { cut, shorten } from '../../../../kit/lib/text/shorten'
import type { Summary } from '../summary'
import { defineFormat, type Message } from './format'

/*
 * An e-mail as MIME text (RFC 5322, 2045 and 2047). Guests write the text, so nothing of it is put into a header except
 * the subject, which is encoded, and the body is in base64. No text can therefore add a header or a part.
 */

export const email = defineFormat({
  name: 'email',
  label: 'E-mail',
  urls: [/^mailto:/i],
  isEmail: true,
  contentType: 'message/rfc822',
  check: (url) => (mailtoAddress(url) === null ? NOT_EMAIL : null),
  render: renderEmail,
})

const NOT_EMAIL = 'Use mailto: and one address, for example mailto:owner@example.com.'

/** Without a sender or an address, the text is only shown, never sent. */
function renderEmail({ event, summary, from, endpoint }: Message): string {
  const { id, timestamp } = event()
  const to = mailtoAddress(endpoint.url) ?? NO_ADDRESS
  return toEmail(summary(), { from: from || NO_ADDRESS, to, id: `${id}.${endpoint.id}`, timestamp })
}

const NO_ADDRESS = 'nobody@example.invalid'

/** A plain address: no quotes, comments, or characters beyond ASCII, so it is safe in a header as it is. */
const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/
const ADDRESS_MAX = 254

export function isAddress(text: string): boolean {
  return text.length <= ADDRESS_MAX && ADDRESS.test(text)
}

/** @returns the address of `mailto:owner@example.com`, or null if the URL is anything else */
export function mailtoAddress(url: string): string | null {
  const address = /^mailto:/i.test(url) ? url.slice('mailto:'.length) : ''
  return isAddress(address) ? address : null
}

interface Envelope {
  /** Two addresses, as `isAddress` allows them. */
  from: string
  to: string
  /** The same for every attempt, so that mailboxes recognize a repeat. Letters, digits, underscores and dots. */
  id: string
  /** RFC 3339. */
  timestamp: string | undefined
}

const TEXT_MAX = 20_000

/** @returns the message, with CRLF line ends. The same input always gives the same text */
export function toEmail({ title, text, links }: Summary, { from, to, id, timestamp }: Envelope): string {
  const [firstLine = ''] = text.trim().split('\n', 1)
  const headers = [
    `From: Guesthook <${from}>`,
    `To: <${to}>`,
    `Subject: ${encodeWords(title.trim() || firstLine)}`,
    // Without its payload, an event has no time. The mail server then adds the date.
    ...(timestamp ? [`Date: ${new Date(timestamp).toUTCString().replace('GMT', '+0000')}`] : []),
    `Message-ID: <${id}@${from.slice(from.indexOf('@') + 1)}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
  ]
  const parts = [title, cut(text, TEXT_MAX), links.map(({ label, url }) => `${label}: ${url}`).join('\n')]
  const body = parts
    .map((part) => part.trim())
    .filter(Boolean)
    .join('\n\n')
  return `${headers.join('\r\n')}\r\n\r\n${inLines(toBase64(utf8(`${body.replace(/\r\n?|\n/g, '\r\n')}\r\n`)))}\r\n`
}

const SUBJECT_MAX = 200
/** A line with an encoded word may have 76 characters. This many bytes become 52 in base64, in a frame of 12. */
const WORD_BYTES = 39

/** @returns text as encoded words (RFC 2047), one in each line. It contains only ASCII, and no line break of its own */
export function encodeWords(text: string): string {
  const words: string[] = []
  let word = ''
  let bytes = 0
  for (const char of oneLine(text)) {
    const size = utf8(char).length
    if (bytes + size > WORD_BYTES) {
      words.push(word)
      word = ''
      bytes = 0
    }
    word += char
    bytes += size
  }
  return [...words, word].map((part) => `=?utf-8?B?${toBase64(utf8(part))}?=`).join('\r\n ')
}

function oneLine(text: string): string {
  const line = cut(text, 2 * SUBJECT_MAX).replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
  return shorten(line.trim(), SUBJECT_MAX) || '–'
}

/** Lines of base64 have at most 76 characters. */
function inLines(base64: string): string {
  return (base64.match(/.{1,76}/g) ?? []).join('\r\n')
}
