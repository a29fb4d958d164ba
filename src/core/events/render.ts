import { parseUrl } from '../lib/url'
import { dataText, isAboutComment, type Payload } from './catalogue'
import { type Digest, summarizeDigest } from './digest'
import type { Format } from './formats'
import { hasOwnText, renderOwnText } from './own-text'
import { toDiscord, toSlack, toTeams } from './people/chat'
import { mailtoAddress, toEmail } from './people/email'
import { toMatrix, toNtfy, toTelegram } from './people/push'
import { ntfyTopic, telegramChat } from './people/targets'
import { type Summary, summarize } from './summary'
import { textAt } from './text-at'

/** What a body can depend on besides the payload. */
export interface RenderOptions {
  /** The template of the owner's own text for this type of event, or null. */
  text?: string | null
  /** The guestbook's public origin, for links to the dashboard, or null. */
  origin?: string | null
  /** The endpoint. Its URL contains the ntfy topic, the Telegram chat or the address. */
  endpoint?: { id: string; url: string }
  /** The address that e-mails are sent from. */
  from?: string
  /** What to report instead of the event, in formats for people. It has no own text. */
  digest?: Digest
}

/**
 * Renders a message for a receiver. The same payload and the same options always produce the same body, so every
 * attempt sends the same bytes unless the owner changes the endpoint in between.
 * @param payload the stored payload, as `serializePayload` wrote it
 */
export function renderPayload(
  format: Format,
  payload: string,
  options: RenderOptions = {}
): { contentType: string; body: string } {
  const { text, origin = null } = options
  const own = text && hasOwnText(format) && !options.digest ? renderOwnText(text, payload, origin) : null
  if (format === 'standard') return { contentType: JSON_TYPE, body: own === null ? payload : withText(payload, own) }
  const event: Payload = JSON.parse(payload)
  if (format === 'build-hook') return { contentType: JSON_TYPE, body: toBuildHook(event) }
  if (format === 'cloudevents') return { contentType: CLOUDEVENT_TYPE, body: toCloudEvent(event, payload) }
  const { digest } = options
  const summary = wellFormed(digest ? summarizeDigest(digest, origin) : withOwnText(summarize(event, origin), own))
  if (format === 'email') return { contentType: 'message/rfc822', body: renderEmail(event, summary, options) }
  return { contentType: JSON_TYPE, body: JSON.stringify(PEOPLE[format](summary, options.endpoint?.url ?? '')) }
}

const JSON_TYPE = 'application/json'
const CLOUDEVENT_TYPE = 'application/cloudevents+json; charset=utf-8'

const PEOPLE = {
  slack: toSlack,
  discord: toDiscord,
  teams: toTeams,
  ntfy: (summary: Summary, url: string) => toNtfy(summary, ntfyTopic(url)),
  telegram: (summary: Summary, url: string) => toTelegram(summary, telegramChat(url)),
  matrix: toMatrix,
}

/** Adds the property `text` to the envelope, behind the others, and leaves every other byte as it is. */
function withText(payload: string, text: string): string {
  return `${payload.slice(0, -1)},"text":${JSON.stringify(text)}}`
}

/** The first line of several is the title. An empty text changes nothing, because no service accepts one. */
function withOwnText(summary: Summary, own: string | null): Summary {
  const text = own?.trim() ?? ''
  if (text === '') return summary
  const end = text.indexOf('\n')
  return end < 0
    ? { ...summary, title: '', text }
    : { ...summary, title: text.slice(0, end).trim(), text: text.slice(end).trim() }
}

/** Programs can publish events with half a character, which services reject. */
function wellFormed(summary: Summary): Summary {
  return { ...summary, title: summary.title.toWellFormed(), text: summary.text.toWellFormed() }
}

/** Without a sender or an address, the text is only shown, never sent. */
function renderEmail({ id, timestamp }: Payload, summary: Summary, { from, endpoint }: RenderOptions): string {
  const to = mailtoAddress(endpoint?.url ?? '') ?? NO_ADDRESS
  return toEmail(summary, { from: from || NO_ADDRESS, to, id: `${id}.${endpoint?.id ?? ''}`, timestamp })
}

const NO_ADDRESS = 'nobody@example.invalid'

/**
 * CloudEvents 1.0.2 in structured mode. Only the guestbook's own events about comments take their source and subject
 * from the data. In other events, the owner or a stranger wrote the data, so it can contain anything.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/formats/json-format.md
 */
function toCloudEvent({ id, type, timestamp, data }: Payload, payload: string): string {
  const head = { specversion: '1.0', id, ...originOf(type, data), type, time: timestamp }
  const before = JSON.stringify({ ...head, datacontenttype: 'application/json' })
  return data === undefined ? before : `${before.slice(0, -1)},"data":${dataText(payload)}}`
}

const GUESTHOOK = 'urn:guesthook'

/**
 * The body of GitHub's `repository_dispatch`; the other services ignore the body of a deploy hook. It contains no text
 * of guests, because everybody who can read the logs of a build can read it. Only the guestbook's own events about
 * comments have a trustworthy book.
 * https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event
 */
function toBuildHook({ id, type, data }: Payload): string {
  const book = isAboutComment(type) ? textAt(data, 'book.slug') : ''
  return JSON.stringify({ event_type: 'guesthook', client_payload: { type, ...(book && { book }), message_id: id } })
}

function originOf(type: string, data: unknown): { source: string; subject?: string } {
  if (!isAboutComment(type)) return { source: GUESTHOOK }
  const url = textAt(data, 'book.url')
  const subject = textAt(data, 'comment.id')
  return { source: isUriReference(url) ? url : GUESTHOOK, ...(subject && { subject }) }
}

/** Checks for the characters that RFC 3986 allows. The address of a book has no others. */
function isUriReference(url: string): boolean {
  return parseUrl(url) !== null && /^https?:\/\/[\w.:[\]-]+(\/[\w./~-]*)?$/.test(url)
}
