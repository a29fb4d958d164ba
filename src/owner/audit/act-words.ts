import { optionalFile } from '../../kit/http/paths/public-file'
import { DASHBOARD } from '../../kit/lib/paths'

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

interface Kind {
  noun: string
  /** Stands before the name. */
  by?: string
  /** Where its page is, without its id. */
  path: string
  /** Where to find its name: a table `t`, the name (SQL), whether the thing was deleted (SQL), and the key column. */
  found: [table: string, name: string, isGone?: string, key?: string]
}

/** The kinds of things that have an id with a prefix. */
export const THINGS: Record<string, Kind> = {
  cmt: { noun: 'entry', by: 'by ', path: `${DASHBOARD.entries}/`, found: ['comments', 't.name'] },
  ep: {
    noun: 'endpoint',
    path: `${DASHBOARD.endpoints}/`,
    found: ['endpoints', "json_object('url', t.url, 'description', t.description)", "t.status = 'deleted'"],
  },
  imp: { noun: 'import', path: `${DASHBOARD.moving}/imports/`, found: ['imports', 't.format'] },
  in: { noun: 'request', path: `${DASHBOARD.requests}/`, found: ['inbound_messages', 't.event_type'] },
  key: { noun: 'API key', path: `${DASHBOARD.access}?key=`, found: ['api_keys', 't.name'] },
  msg: { noun: 'event', path: `${DASHBOARD.messages}/`, found: ['messages', 't.type'] },
  src: { noun: 'source', path: `${DASHBOARD.sources}/`, found: ['sources', 't.name', "t.status = 'deleted'"] },
}

const BOOK: Kind = {
  noun: 'book',
  path: `${DASHBOARD.books}/`,
  found: ['books', 't.title', 't.deleted_at is not null', 'slug'],
}

/** Things with a slug or a name, by the first part of the act. Names of event types have a dot; slugs do not. */
export const NAMED: Record<string, Kind> = {
  ban: BOOK,
  book: BOOK,
  picture: BOOK,
  button: BOOK,
  event_type: { noun: 'event type', path: `${DASHBOARD.eventTypes}/`, found: ['event_types', 't.name', '0', 'name'] },
}

/** @returns what acts with this first part are done to */
export const nounOf = (first: string): string => NOUNS[first] ?? first

/** What was done, in the past tense, by the whole act or by its second part. "…" stands for what it was done to. */
type Phrases = Record<string, string>

/** Without the file, acts are called by their names. */
export const readPhrases = optionalFile<Phrases>('acts.json', {})

/** @returns what was done, in the past tense. "…" stands for what it was done to */
export function phraseOf(phrases: Phrases, act: string): string {
  const [, verb = act] = act.split('.')
  return phrases[act] ?? phrases[verb] ?? `${verb.replaceAll('_', ' ')} …`
}
