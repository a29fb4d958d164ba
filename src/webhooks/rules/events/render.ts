import { parsePayload } from './catalogue'
import { type Digest, summarizeDigest } from './digest'
import { type Format, formatOf } from './formats'
import { renderOwnText } from './own-text'
import { type Summary, summarize } from './summary'

/** What a body can depend on besides the payload. */
interface RenderOptions {
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

/** The same payload and options always give the same body, so that every attempt sends the same bytes. */
export function renderPayload(
  format: Format,
  payload: string,
  options: RenderOptions = {}
): { contentType: string; body: string } {
  const { text, origin = null, digest, endpoint = { id: '', url: '' }, from = '' } = options
  const { contentType = 'application/json', hasNoOwnText, render } = formatOf(format)
  const own = text && !hasNoOwnText && !digest ? renderOwnText(text, payload, origin) : null
  const event = () => parsePayload(payload)
  const summary = () =>
    wellFormed(digest ? summarizeDigest(digest, origin) : withOwnText(summarize(event(), origin), own))
  return { contentType, body: render({ payload, event, own, summary, endpoint, from }) }
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
