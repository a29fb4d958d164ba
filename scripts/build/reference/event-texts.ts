import { EVENT_TYPES } from '../../../src/webhooks/rules/events/catalogue'
import type { Document, Schema } from './read-document'

/*
 * What the fields of events mean. The schemas in src/ say only their type, because the Worker contains them. Fields that
 * the API returns, too, take the text of its schema.
 */

/** The objects in the data of events that are part of a schema of the API, and its name. */
const SAME: Record<string, string> = { comment: 'Comment', book: 'Book' }

const ENVELOPE = {
  id: 'The message ID, which is also the header `webhook-id`. It is the same on every attempt.',
  type: 'The event type.',
  timestamp: 'When the event happened.',
  data: 'What happened. Its fields depend on the event type.',
}

const ENDPOINT = {
  endpoint: 'The endpoint that the event is about.',
  'endpoint.host': "The host of the endpoint's URL. The rest of the URL is left out, because it may contain a secret.",
  'endpoint.description': 'What the owner, or the integrator, calls the endpoint. It can be empty.',
  'endpoint.id': 'The ID of the endpoint.',
  last_attempt: 'The attempt that led to this event.',
  'last_attempt.message_id': 'The message that was sent.',
  'last_attempt.outcome':
    'What came of the attempt. `refused`: the response had another status than 2xx. `blocked`: the URL is not allowed, so nothing was sent.',
  'last_attempt.status_code': 'The HTTP status of the response, or null if there was none.',
  'last_attempt.error_class':
    'The kind of failure, such as `http_5xx`, `deadline` or `dns_or_tls`. Null if the attempt succeeded.',
  'last_attempt.started_at': 'When the attempt started.',
}

const FAILING = {
  failing_since: 'When the first of the failures in a row happened.',
  consecutive_failures: 'How many attempts in a row had failed.',
}

const BOOK = {
  book: 'The book that the entry is in.',
}

const ENTRY = {
  ...BOOK,
  comment: 'The entry, as the API returns it.',
  'comment.is_private': 'Always false: an entry that only the owner can read causes no events.',
  'comment.answers.question_id':
    'Identifies the question in the book, wherever the owner moves it. A question with another text has another ID.',
  'comment.answers.question': 'The question, as it was when the guest signed.',
  'comment.answers.answer': "The guest's answer, as plain text.",
  'comment.reply.body': 'The text of the reply, as plain text, like the `body` of the entry.',
  'comment.reply.created_at': 'When the owner replied.',
}

/** By event type, then by the path of the field in `data`. */
const TEXTS: Record<string, Record<string, string>> = {
  'comment.published': ENTRY,
  'comment.updated': ENTRY,
  'comment.held': {
    ...ENTRY,
    moderation:
      'Links that act for whoever opens them. Null if the endpoint gets no moderation links, or if they cannot be made.',
    'moderation.approve_url': 'A page that publishes the entry.',
    'moderation.hide_url': 'A page that hides the entry.',
    'moderation.spam_url': 'A page that marks the entry as spam.',
    'moderation.expires_at': 'When the links stop working.',
  },
  'comment.removed': {
    ...BOOK,
    comment: 'The entry that was removed, without its name, website and text.',
    'comment.status': 'What the entry is now. An entry that was deleted for good is `hidden`.',
  },
  'endpoint.failing': {
    ...ENDPOINT,
    ...FAILING,
    percent: 'How much of the time has passed for which an endpoint may keep failing.',
    disabled_at: 'When the endpoint will be disabled if it keeps failing.',
  },
  'endpoint.disabled': {
    ...ENDPOINT,
    ...FAILING,
    reason: '`failing`: it failed for too long. `gone`: it responded with 410 Gone.',
  },
  'endpoint.recovered': {
    ...ENDPOINT,
    ...FAILING,
    failing_since: 'When the failures began that are over now. Null if that is not known.',
  },
  'delivery.failed': {
    ...ENDPOINT,
    message: 'The message that could not be delivered.',
    'message.id': 'Its ID.',
    'message.type': 'Its event type.',
    reason:
      '`schedule_spent`: the last retry failed. `gone`: the endpoint responded with 410 Gone. `blocked`: its URL is not allowed.',
    attempt_count: 'How many attempts were made.',
  },
  'inbound.received': {
    inbound_id: 'The ID of the request that was received.',
    source: 'The source that received the request.',
    'source.id': 'The ID of the source.',
    'source.name': 'What the owner calls the source.',
    provider: 'The service that sends requests to the source, such as `github`: see `GET /api/providers`.',
    event_type: "The event type, in the provider's words. Null if the request has none.",
    delivery_id: "The provider's own ID of the request. Null if it has none.",
    verified: 'True if the signature or the token of the request is valid; false if the source verifies neither.',
    received_at: 'When the request arrived.',
    content_type: 'The `Content-Type` of the request, or null.',
    size: 'The size of the body in bytes.',
    body: 'The body, parsed, if it is JSON of at most 64 KiB. Otherwise null.',
    body_base64: 'The body in base64, if it is not JSON and has at most 64 KiB. Otherwise null.',
    body_url: 'A link to the exact bytes of the body, of any size. It works for anyone, without a token.',
  },
  'storage.warning': {
    percent: 'Which mark the database has passed, in percent of its limit.',
    size_bytes: 'The size of the database.',
    limit_bytes: 'How large the database can become.',
    is_full: 'Whether new entries, webhooks and registrations are refused now.',
  },
  'endpoint.verify': {
    challenge: 'The value with which to respond, as text or as `{"challenge": "..."}`.',
    event_types: 'The event types for which somebody is registering the URL.',
  },
  'endpoint.link_requested': {
    renew_url: 'A page that replaces the private link of the endpoint by a new one.',
    expires_at: 'When the page stops working.',
  },
  ping: { text: 'A greeting. There is nothing to do.' },
}

/** Describes every field of the webhooks in a document. @returns the same document @throws Error if a text is missing */
export function withEventTexts<D extends object>(document: D): D {
  const { webhooks, components } = document as unknown as Document
  for (const { name } of EVENT_TYPES) {
    const schema = webhooks[name]?.post.requestBody?.content['application/json']?.schema
    if (!schema) throw new Error(`The document has no webhook ${name}.`)
    const texts = { ...fromApi(components.schemas), ...TEXTS[name] }
    addTexts(schema, ENVELOPE, name)
    addTexts(schema.properties?.data ?? {}, texts, name)
  }
  return document
}

/** @returns what the schemas of the API say about the fields that events have, too, by their paths */
function fromApi(schemas: Record<string, Schema>): Record<string, string> {
  const texts = Object.entries(SAME).flatMap(([path, name]) =>
    Object.entries(schemas[name]?.properties ?? {}).map(([field, { description = '' }]) => [
      `${path}.${field}`,
      description,
    ])
  )
  return Object.fromEntries(texts)
}

/** Describes the fields of an object, and those of the objects inside it. @throws Error if a field has no text */
function addTexts(
  { properties = {} }: Schema,
  texts: Record<string, string>,
  event: string,
  path: string[] = []
): void {
  for (const [name, field] of Object.entries(properties)) {
    const here = [...path, name]
    const text = texts[here.join('.')]
    if (!text) throw new Error(`The field ${here.join('.')} of ${event} needs a text.`)
    field.description = text
    // The envelope does not know the fields of its data.
    if (name !== 'data') for (const inner of [field, field.items ?? {}]) addTexts(inner, texts, event, here)
  }
}
