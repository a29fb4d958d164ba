import { cut } from '../../../../kit/lib/text/shorten'
import type { Summary } from '../summary'
import { defineFormat, type FormattedMessage } from './format'
import { ADDRESS, encodeText, encodeWords, mailtoAddress } from './lib/mail'
import { asLine } from './lib/plain-text'

/* Guests write the text of an e-mail. Its subject and body are encoded, and nothing else of it is in the headers. */

export const email = defineFormat({
  name: 'email',
  label: 'E-mail',
  urls: [/^mailto:/i, ADDRESS],
  isEmail: true,
  contentType: 'message/rfc822',
  check: (url) => (mailtoAddress(url) === null ? NOT_EMAIL : null),
  render: renderEmail,
})

const NOT_EMAIL = 'Use mailto: and one address, for example mailto:owner@example.com.'

/** Without a sender or an address, the text is only shown, never sent. */
function renderEmail({ event, summary, from, endpoint }: FormattedMessage): string {
  const { id, timestamp } = event()
  const to = mailtoAddress(endpoint.url) ?? NO_ADDRESS
  return toEmail(summary(), { from: from || NO_ADDRESS, to, id: `${id}.${endpoint.id}`, timestamp })
}

const NO_ADDRESS = 'nobody@example.invalid'

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
function toEmail({ title, text, links }: Summary, { from, to, id, timestamp }: Envelope): string {
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
  const parts = [title, cut(text, TEXT_MAX), links.map(asLine).join('\n')]
  const body = parts
    .map((part) => part.trim())
    .filter(Boolean)
    .join('\n\n')
  return `${headers.join('\r\n')}\r\n\r\n${encodeText(body)}\r\n`
}
