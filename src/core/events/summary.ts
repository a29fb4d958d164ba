import { isolated } from '../lib/bidi'
import type { Payload } from './catalogue'

/** A short summary of an event, for display in a chat. Plain text that has not been escaped yet. */
export interface Summary {
  title: string
  text: string
  /** The page that shows the entry; null for events without an entry. */
  url: string | null
}

/** Never throws, because owners can publish events with any data. */
export function summarize(payload: Payload): Summary {
  const { type, data } = payload
  if (type.startsWith('comment.')) return summarizeComment(type, data)
  if (type.startsWith('endpoint.')) return summarizeEndpoint(type, data)
  if (type === 'delivery.failed') return summarizeDelivery(data)
  if (type === 'inbound.received') return summarizeInbound(data)
  if (type === 'storage.warning') return summarizeStorage(data)
  if (type === 'ping') return { title: 'Test', text: textAt(data, 'text'), url: null }
  return summarizeOther(type, data)
}

const COMMENT_TITLES: Record<string, (name: string, book: string) => string> = {
  'comment.published': (name, book) => `${name} signed ${book}`,
  'comment.held': (name, book) => `${name} signed ${book} (waiting for approval)`,
  'comment.updated': (name, book) => `${name}’s entry in ${book} was changed`,
  'comment.removed': (_, book) => `An entry in ${book} was removed`,
}

function summarizeComment(type: string, data: unknown): Summary {
  const toTitle = COMMENT_TITLES[type]
  if (toTitle === undefined) return summarizeOther(type, data)
  const isRemoved = type === 'comment.removed'
  return {
    title: toTitle(isolated(textAt(data, 'comment.name')), isolated(textAt(data, 'book.title'))),
    text: isRemoved ? 'The entry is no longer on the page.' : textAt(data, 'comment.body'),
    url: isRemoved ? null : textAt(data, 'comment.url') || null,
  }
}

function summarizeEndpoint(type: string, data: unknown): Summary {
  const endpoint = `The endpoint at ${textAt(data, 'endpoint.host')}`
  const since = textAt(data, 'failing_since')
  switch (type) {
    case 'endpoint.failing': {
      const deadline = `The endpoint will be disabled at ${textAt(data, 'disabled_at')}.`
      const text = `No successful delivery since ${since}. ${deadline} ${lastAttempt(data)}`
      return { title: `${endpoint} is failing`, text, url: null }
    }
    case 'endpoint.disabled': {
      const isGone = textAt(data, 'reason') === 'gone'
      const why = isGone ? 'The endpoint responded with 410 Gone.' : `The endpoint had been failing since ${since}.`
      return { title: `${endpoint} was disabled`, text: `${why} ${lastAttempt(data)}`, url: null }
    }
    case 'endpoint.recovered':
      return { title: `${endpoint} is working again`, text: 'Sending pending deliveries.', url: null }
    default:
      return summarizeOther(type, data)
  }
}

function summarizeDelivery(data: unknown): Summary {
  const message = `${textAt(data, 'message.type')} ${textAt(data, 'message.id')}`
  const text = `${message} failed permanently (${textAt(data, 'reason')}). ${lastAttempt(data)}`
  return { title: `Delivery to ${textAt(data, 'endpoint.host')} failed`, text, url: null }
}

function summarizeInbound(data: unknown): Summary {
  const what = textAt(data, 'event_type') || textAt(data, 'provider')
  const body = typeof data === 'object' && data !== null && 'body' in data ? data.body : null
  const text = body ? JSON.stringify(body, null, 2) : `${textAt(data, 'size')} bytes`
  return { title: `${isolated(textAt(data, 'source.name'))}: ${isolated(what)}`, text, url: null }
}

function summarizeStorage(data: unknown): Summary {
  const isFull = Number(textAt(data, 'percent')) >= 95
  const text = isFull
    ? 'Guests and webhooks are refused until you delete something.'
    : 'Delete what you do not need, or keep messages for a shorter time.'
  return { title: `The database is ${textAt(data, 'percent')}% full`, text, url: null }
}

function lastAttempt(data: unknown): string {
  const result = textAt(data, 'last_attempt.status_code') || textAt(data, 'last_attempt.error_class')
  return `Last attempt: ${result}.`
}

function summarizeOther(type: string, data: unknown): Summary {
  return { title: type, text: JSON.stringify(data, null, 2) ?? '', url: null }
}

/** @returns the string or number at a dotted path, as text; an empty string if there is no such value */
export function textAt(data: unknown, path: string): string {
  let value = data
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return ''
    value = (value as Record<string, unknown>)[key]
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
