import type { Document } from './read-document'

/* What fields mean, where their schemas in src/ say only their type. A schema that says more is right. */

const CHANGE = 'Omit this field to leave it unchanged.'
const EVENT_TYPES =
  'The events that the endpoint gets: names such as `comment.published`, families such as `comment.*`, or `*` for all.'
const ACT =
  'What happens to a request: `keep` only stores it, `publish` makes it the event `inbound.received`, `sign` writes an entry from `template`.'

const TEXTS: Record<string, string> = {
  'Comment.id': 'The ID of the entry.',
  'Comment.book': 'The slug of its book.',
  'Comment.name': 'The name of the guest.',
  'Comment.website': 'The address of the site of the guest, or null.',
  'Comment.body':
    'What the guest wrote, as plain text without HTML. If the book has `markup`, marks such as `*emphasis*` are part of it, and the page shows what they mean.',
  'Comment.status':
    '`published`: on the page. `held`: waiting for approval. `hidden` and `spam`: only the owner sees the entry.',
  'Comment.created_at': 'When the guest signed.',
  'Comment.edited_at': 'When the entry was last edited. Null if it never was.',
  'Comment.answers': "The answers to the book's questions. A question without an answer is left out.",
  'Comment.mood': 'How the guest feels, in a few words, usually with an emoji. Null if the guest did not say.',
  'Comment.place': 'Where the guest is, in a few words. Null if the guest did not say.',
  'Comment.is_private': 'Whether only the owner can read the entry.',
  'Book.slug': 'The name of the book in addresses. The first book is `main`.',
  'Book.title': 'The title of the book.',
  'Book.url': 'The address of the page of the book.',
  'CommentIn.website': 'The address of the site of the guest.',
  'CommentChange.name': `Up to 80 characters. ${CHANGE}`,
  'CommentChange.body': `The text of the entry. ${CHANGE}`,
  'CommentChange.website': 'Null removes the address.',
  'CommentChange.mood': 'Null removes the mood.',
  'CommentChange.place': 'Null removes the place.',
  'EndpointIn.url': 'Where the requests are sent: a public URL, or a `mailto:` address for the format `email`.',
  'EndpointIn.description': 'A name for yourself, which the dashboard shows in place of the URL.',
  'EndpointIn.event_types': EVENT_TYPES,
  'EndpointChange.url': `Where the requests are sent from now on. ${CHANGE}`,
  'EndpointChange.description': 'A name for yourself, which the dashboard shows in place of the URL.',
  'EndpointChange.event_types': EVENT_TYPES,
  'Enabling.replay_missing': 'Whether to replay the messages that the endpoint missed while it was disabled.',
  'TestRequest.type': 'The event type whose example is sent.',
  'PreviewRequest.type': 'The event type to preview.',
  'PreviewRequest.url': 'The URL that the endpoint would have. Some formats depend on it.',
  'ReplayRequest.event_types': 'Only messages of these types. If omitted, all that the endpoint subscribes to.',
  'ReplayRequest.dry_run': 'Whether to only count the messages. Nothing is sent.',
  'MessageIn.type': 'The name of the event: one of your own types, or any name that no built-in type has.',
  'MessageIn.data': 'What receivers get as `data`. If the event type is yours, it must match its schema.',
  'EventTypeIn.name': 'Letters, digits, underscores and dots, such as `invoice.paid`. It cannot be changed later.',
  'EventTypeIn.description': 'When the event happens, for people who read the list of event types.',
  'EventTypeChange.description': 'When the event happens, for people who read the list of event types.',
  'SourceIn.name': 'A name for yourself.',
  'SourceIn.provider':
    'The service that sends the requests. It decides how they are verified: see `GET /api/providers`.',
  'SourceIn.act': ACT,
  'SourceIn.retention_days': 'How long requests are kept.',
  'SourceIn.body_retention_days': 'How long their bodies are kept. Null means as long as the requests.',
  'SourceChange.name': 'A name for yourself.',
  'SourceChange.act': ACT,
  'SourceChange.retention_days': 'How long requests are kept.',
  'SourceChange.body_retention_days': 'How long their bodies are kept. Null means as long as the requests.',
  'SourceChange.status': '`paused`: requests are stored, but not processed until the source is active again.',
  'SourceReplay.status': 'Which requests to process again.',
  'SettingsChange.retention': 'How long old records are kept, in days.',
  'InboundReplay.method': 'The method of the request that is sent. The default is that of the stored request.',
  'InboundReplay.headers': 'Headers to send in place of the stored ones.',
  'InboundReplay.body': 'A text to send in place of the stored body.',
  'InboundReplay.body_base64': 'Bytes in base64 to send in place of the stored body.',
}

/** Adds the texts to a document. @returns the same document */
export function withFieldTexts<D extends { components?: { schemas?: object } }>(document: D): D {
  const schemas: Document['components']['schemas'] = { ...document.components?.schemas }
  for (const [field, text] of Object.entries(TEXTS)) {
    const [schema = '', name = ''] = field.split('.')
    const found = schemas[schema]?.properties?.[name]
    if (!found || found.$ref || found.description) throw new Error(`${field} needs no text.`)
    found.description = text
  }
  return document
}
