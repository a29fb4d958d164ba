import type { Payload } from './catalogue'

/** An event in a few words, for people in a chat. Plain text: whoever shows it escapes it. */
export interface Summary {
  title: string
  text: string
  /** Where to look. */
  url: string | null
}

/** Never throws: the data of an event that the owner publishes may be anything. */
export function summarise(payload: Payload): Summary {
  const { type, data } = payload
  if (type.startsWith('comment.')) return ofComment(type, data)
  if (type.startsWith('endpoint.') && type !== 'endpoint.verify') return ofEndpoint(type, data)
  if (type === 'delivery.failed') return ofDelivery(data)
  if (type === 'inbound.received') return ofInbound(data)
  if (type === 'ping') return { title: 'A test', text: textAt(data, 'text'), url: null }
  return ofAny(type, data)
}

const COMMENTS: Record<string, string> = {
  'comment.published': 'signed',
  'comment.held': 'wants to sign (waits for you)',
  'comment.updated': 'has a changed entry in',
  'comment.removed': 'has no entry any more in',
}

function ofComment(type: string, data: unknown): Summary {
  const verb = COMMENTS[type]
  if (verb === undefined) return ofAny(type, data)
  return {
    title: `${textAt(data, 'comment.name')} ${verb} ${textAt(data, 'book.title')}`,
    text: textAt(data, 'comment.body'),
    url: textAt(data, 'comment.url') || null,
  }
}

function ofEndpoint(type: string, data: unknown): Summary {
  const host = textAt(data, 'endpoint.host')
  const since = textAt(data, 'failing_since')
  const last = `Last answer: ${lastAnswer(data)}.`
  if (type === 'endpoint.failing') {
    const text = `Without one success since ${since}. It is disabled at ${textAt(data, 'disabled_at')}. ${last}`
    return { title: `The endpoint at ${host} is failing`, text, url: null }
  }
  if (type === 'endpoint.disabled') {
    const why =
      textAt(data, 'reason') === 'gone' ? 'It answered 410 Gone.' : `It failed since ${since}.`
    return { title: `The endpoint at ${host} was disabled`, text: `${why} ${last}`, url: null }
  }
  if (type !== 'endpoint.recovered') return ofAny(type, data)
  const text = 'What waited for it is being sent.'
  return { title: `The endpoint at ${host} is well again`, text, url: null }
}

function ofDelivery(data: unknown): Summary {
  const what = `${textAt(data, 'message.type')} ${textAt(data, 'message.id')}`
  const text = `${what}: given up on (${textAt(data, 'reason')}). Last answer: ${lastAnswer(data)}.`
  return { title: `Not delivered to ${textAt(data, 'endpoint.host')}`, text, url: null }
}

function ofInbound(data: unknown): Summary {
  const what = textAt(data, 'event_type') || textAt(data, 'provider')
  const body = typeof data === 'object' && data !== null && 'body' in data ? data.body : null
  const text = body ? JSON.stringify(body, null, 2) : `${textAt(data, 'size')} bytes`
  return { title: `${textAt(data, 'source.name')}: ${what}`, text, url: null }
}

function lastAnswer(data: unknown): string {
  return textAt(data, 'last_attempt.status_code') || textAt(data, 'last_attempt.error_class')
}

function ofAny(type: string, data: unknown): Summary {
  return { title: type, text: JSON.stringify(data, null, 2) ?? '', url: null }
}

/** @returns what stands at a dotted path, as text; nothing, when there is nothing */
function textAt(data: unknown, path: string): string {
  let value = data
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return ''
    value = (value as Record<string, unknown>)[key]
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
