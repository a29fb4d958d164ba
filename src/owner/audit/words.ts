/* The acts of the audit log in words: "You enabled the endpoint example.com". */

/** What an act is done to, by the first part of its name. Others are called as they are. */
const NOUNS: Record<string, string> = {
  comment: 'entry',
  event_type: 'event type',
  inbound: 'request',
  key: 'API key',
  message: 'event',
  signing_key: 'signing key',
}

/** What is done, by the second part. "…" stands for what it is done to. Others are verbs in the past tense. */
const VERBS: Record<string, string> = {
  handshake: 'sent a challenge to …',
  held: 'put … back into the queue',
  hidden: 'hid …',
  marked_as_spam: 'marked … as spam',
  pull_token_created: 'created a pull token for …',
  pull_token_revoked: 'revoked the pull token of …',
  replayed: 'reprocessed …',
  sampled: 'sent a sample to …',
  secret_removed: 'removed the old secret of …',
  secret_rotated: 'rotated the secret of …',
  sent: 'forwarded …',
  tested: 'sent a test to …',
  updated: 'changed …',
  url_rotated: 'changed the URL of …',
}

/** Acts for which the two parts do not make a sentence. */
const WHOLE: Record<string, string> = {
  'ban.created': 'banned a guest from …',
  'ban.removed': 'ended a ban',
  'comment.created': 'wrote …',
  'delivery.retried': 'sent … to an endpoint again',
  'erase.entries': 'erased the entries of one person',
  'import.canceled': 'canceled …',
  'import.restored': 'restored a backup',
  'import.started': 'started an import',
  'replay.canceled': 'canceled a replay',
  'replay.started': 'started a replay to …',
  'reply.removed': 'removed the reply to …',
  'reply.saved': 'replied to …',
  'session.all_revoked': 'ended all sessions',
  'session.closed': 'logged out',
  'session.opened': 'logged in',
  'session.others_revoked': 'ended all other sessions',
  'session.revoked': 'ended a session',
  'settings.updated': 'changed the settings',
  'signing_key.rotated': 'rotated the signing key',
  'source.reprocessed': 'reprocessed the requests of …',
}

interface Kind {
  noun: string
  /** Stands before the name. */
  by?: string
  /** Where its page is, without its id. */
  path: string
  /** Where its name is found: a table, the column of the name, whether a row is only what is left of it (SQL), the key. */
  found: [table: string, name: string, isGone?: string, key?: string]
}

/** The kinds of things that have an id with a prefix. */
export const THINGS: Record<string, Kind> = {
  cmt: { noun: 'entry', by: 'by ', path: '/admin/comments/', found: ['comments', 'name'] },
  ep: { noun: 'endpoint', path: '/admin/endpoints/', found: ['endpoints', 'url', "t.status = 'deleted'"] },
  imp: { noun: 'import', path: '/admin/moving/imports/', found: ['imports', 'format'] },
  in: { noun: 'request', path: '/admin/inbound/', found: ['inbound_messages', 'event_type'] },
  key: { noun: 'API key', path: '/admin/access?key=', found: ['api_keys', 'name'] },
  msg: { noun: 'event', path: '/admin/messages/', found: ['messages', 'type'] },
  src: { noun: 'source', path: '/admin/sources/', found: ['sources', 'name', "t.status = 'deleted'"] },
}

const BOOK: Kind = {
  noun: 'book',
  path: '/admin/books/',
  found: ['books', 'title', 't.deleted_at is not null', 'slug'],
}

/**
 * The kinds of things that have a slug or a name, by the first part of the act. A slug and a name of an event type are
 * never equal: only the latter has a dot.
 */
export const NAMED: Record<string, Kind> = {
  ban: BOOK,
  book: BOOK,
  event_type: { noun: 'event type', path: '/admin/event-types/', found: ['event_types', 'name', '0', 'name'] },
}

/** @returns what acts with this first part are done to */
export function nounOf(first: string): string {
  return NOUNS[first] ?? first
}

/** @returns what was done, in the past tense. "…" stands for what it was done to */
export function phraseOf(act: string): string {
  const [, verb = act] = act.split('.')
  return WHOLE[act] ?? VERBS[verb] ?? `${verb.replaceAll('_', ' ')} …`
}
