import { fieldsOf } from '../../../kit/lib/json'
import { isolated } from '../../../kit/lib/text/bidi'
import { linksFor } from './action-links'
import { type EventPayload, type Link, ownPart } from './catalogue'
import { textAt } from './value-at-path'

/** A short summary of an event, for people. Plain text that has not been escaped yet. */
export interface Summary {
  /** Empty if the owner's own text has no title. */
  title: string
  text: string
  /** The page that shows the entry, or where the owner acts; null for events without a page. */
  url: string | null
  /** What the owner can do now, at most three. Every link opens a page: following it changes nothing. */
  links: Link[]
  /** Whether something is broken, so that somebody should look soon. */
  is_urgent: boolean
}

type Sentences = Pick<Summary, 'title' | 'text'> & { is_urgent?: boolean }

/** Never throws, whatever the data. @param origin for links to the dashboard; null if it is not known */
export function summarize(payload: EventPayload, origin: string | null = null): Summary {
  const links = linksFor(payload, origin)
  return { is_urgent: false, ...sentencesFor(payload), links, url: links.at(-1)?.url ?? null }
}

/** The title of a test. */
export const TEST = 'Test'

function sentencesFor({ type, data }: EventPayload): Sentences {
  const own = ownPart(type)
  if (own) return own.words(data)
  if (type.startsWith('endpoint.')) return summarizeEndpoint(type, data)
  if (type === 'delivery.failed') return summarizeDelivery(data)
  if (type === 'inbound.received') return summarizeInbound(data)
  if (type === 'storage.warning') return summarizeStorage(data)
  if (type === 'ping') return { title: TEST, text: textAt(data, 'text') }
  return summarizeOther(type, data)
}

function summarizeEndpoint(type: string, data: unknown): Sentences {
  const endpoint = `The endpoint ${endpointIn(data)}`
  const since = timeAt(data, 'failing_since')
  switch (type) {
    case 'endpoint.failing': {
      const deadline = `If nothing changes, it will be disabled on ${timeAt(data, 'disabled_at')}.`
      const text = `No delivery has succeeded since ${since}. ${deadline} ${lastAttempt(data)}`
      return { title: `${endpoint} is failing`, text, is_urgent: true }
    }
    case 'endpoint.disabled': {
      const isGone = textAt(data, 'reason') === 'gone'
      const why = isGone ? 'It responded with 410 Gone.' : `No delivery had succeeded since ${since}.`
      const text = `${why} ${lastAttempt(data)} Nothing more is sent until you enable it again.`
      return { title: `${endpoint} was disabled`, text, is_urgent: true }
    }
    case 'endpoint.recovered':
      return { title: `${endpoint} is working again`, text: 'Its waiting deliveries are being sent.' }
    case 'endpoint.link_requested':
      return { title: 'A new private link', text: `To get it, open ${textAt(data, 'renew_url')}` }
    default:
      return summarizeOther(type, data)
  }
}

/** @returns what people call an endpoint. Several can have the same host */
function endpointIn(data: unknown): string {
  return isolated(textAt(data, 'endpoint.description') || textAt(data, 'endpoint.host'))
}

const FAILURES: Record<string, string> = {
  schedule_spent: 'every attempt has failed',
  gone: 'the receiver responded with 410 Gone',
  blocked: 'the address is not allowed',
}

function summarizeDelivery(data: unknown): Sentences {
  const reason = textAt(data, 'reason')
  const why = FAILURES[reason] ?? reason
  const text = `The event ${textAt(data, 'message.type')} was not delivered: ${why}. ${lastAttempt(data)} You can retry the delivery.`
  return { title: `Delivery to ${endpointIn(data)} failed`, text, is_urgent: true }
}

function summarizeInbound(data: unknown): Sentences {
  const what = textAt(data, 'event_type') || textAt(data, 'provider')
  const { body } = fieldsOf(data)
  const text = body ? JSON.stringify(body, null, 2) : `${textAt(data, 'size')} bytes`
  return { title: `${isolated(textAt(data, 'source.name'))}: ${isolated(what)}`, text }
}

function summarizeStorage(data: unknown): Sentences {
  const text = fieldsOf(data).is_full
    ? 'Guests and webhooks are refused until you delete something.'
    : 'Delete what you do not need, or keep logs for a shorter time.'
  return { title: `The database is ${textAt(data, 'percent')}% full`, text, is_urgent: true }
}

function lastAttempt(data: unknown): string {
  const result = textAt(data, 'last_attempt.status_code') || textAt(data, 'last_attempt.error_class')
  return `The last attempt ended with ${result}.`
}

/** @returns a time as people write it: `2026-11-24 10:00 UTC`. Any other text stays as it is */
function timeAt(data: unknown, path: string): string {
  return textAt(data, path).replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):[\d.]+Z$/, '$1 $2 UTC')
}

function summarizeOther(type: string, data: unknown): Sentences {
  return { title: type, text: JSON.stringify(data, null, 2) ?? '' }
}
