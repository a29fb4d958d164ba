import { MAIN_BOOK } from '../../../guestbook/books/book'
import { loadBook } from '../../../guestbook/books/cache'
import { BODY_MAX, NAME_MAX } from '../../../guestbook/rules/entries/comment-policy'
import { visibleName } from '../../../guestbook/rules/entries/fold'
import { type Draft, planEntry } from '../../../guestbook/signing/sign'
import type { Bound } from '../../../kit/db/statements'
import { configuredOrigin } from '../../../kit/http/origin'
import { iso } from '../../../kit/http/pagination'
import { toBase64 } from '../../../kit/lib/bytes'
import { err, ok, type Result } from '../../../kit/lib/result'
import { holds, parseCondition } from '../../rules/templates/conditions'
import { applyFilter } from '../../rules/templates/filters'
import { parseTemplate, renderTemplate } from '../../rules/templates/template'
import type { Scope } from '../../rules/templates/values'
import { headerOf, readJson } from '../../rules/verifying/request'
import { type Message, planMessage } from '../../send/publish/publish'
import { type EntryTemplate, templateOf } from '../../sources/schemas'
import { bodyUrl } from '../messages/download'
import type { LoadedInbound } from '../messages/load'
import { hasSecretQuery, hopsAfter, isCredential } from '../messages/stored-request'
import type { Judgement } from './verify-message'

/** What to do with a message. Each statement runs only if the previous statement in the batch changed a row. */
export interface Handling {
  statements: Bound<unknown>[]
  message: Message | null
  comment_id: string | null
  /** The text for the message's log. */
  note: string
}

/** @returns what to do, or why the template did not produce an entry */
export async function planHandling(
  env: Env,
  loaded: LoadedInbound,
  judgement: Judgement,
  now: number
): Promise<Result<Handling, string>> {
  const { row, source } = loaded
  const { act } = source.row
  if (act === 'keep') return keep('Kept.')
  // A message never publishes an event twice or signs the guestbook twice, however often it is replayed.
  if (row.message_id ?? row.comment_id)
    return keep('Kept: this message has already published an event or signed the guestbook.')
  if (loaded.acted_duplicate !== null) return keep(`Kept: this message is a duplicate of ${loaded.acted_duplicate}.`)
  if (act === 'publish') return ok(await publish(env, loaded, judgement, now))
  return sign(env, loaded, judgement, now)
}

function keep(note: string): Result<Handling, never> {
  return ok({ statements: [], message: null, comment_id: null, note })
}

async function publish(env: Env, loaded: LoadedInbound, judgement: Judgement, now: number): Promise<Handling> {
  const data = await inboundEvent(env, loaded, judgement)
  const { message, statement } = planMessage(env, 'inbound.received', data, now, {
    ifChanged: true,
    hops: hopsAfter(loaded.request),
  })
  return { statements: [statement], message, comment_id: null, note: `Published as ${message.id}.` }
}

/** @returns the `data` of the `inbound.received` event */
async function inboundEvent(env: Env, loaded: LoadedInbound, judgement: Judgement) {
  const { row, source, request } = loaded
  return {
    inbound_id: row.id,
    source: { id: source.row.id, name: source.row.name },
    provider: source.row.provider,
    event_type: judgement.event_type,
    delivery_id: row.external_id ?? judgement.external_id,
    verified: judgement.verification.verified,
    received_at: iso(row.received_at),
    content_type: headerOf(request, 'content-type'),
    size: row.size,
    ...bodyOf(loaded),
    body_url: await bodyUrl(env, row),
  }
}

/** Larger bodies are not included in `inbound.received`, but can be downloaded from the event's `body_url`. */
const MAX_BODY_IN_EVENT_BYTES = 64 * 1_024

function bodyOf({ row, request }: LoadedInbound) {
  const none = { body: null, body_base64: null }
  if (row.size > MAX_BODY_IN_EVENT_BYTES) return none
  const body = readJson(request)
  return body === undefined ? { ...none, body_base64: toBase64(request.body) } : { ...none, body }
}

async function sign(
  env: Env,
  loaded: LoadedInbound,
  judgement: Judgement,
  now: number
): Promise<Result<Handling, string>> {
  const template = templateOf(loaded.source.row)
  if (!template) return err('The source has no template.')
  const entry = renderEntry(template, scopeOf(loaded, judgement))
  if (!entry.ok) return entry
  if (entry.value === null) return keep("Kept: the template's condition is false.")
  const { book: slug = MAIN_BOOK } = template
  const book = await loadBook(env, slug, now)
  if (!book) return err(`The book "${slug}" of the template no longer exists. Choose another book in the source.`)
  const origin = configuredOrigin(env) ?? loaded.row.origin
  const cause = { inbound_id: loaded.row.id, hops: hopsAfter(loaded.request) }
  const draft: Draft = { door: 'source', input: entry.value, book, ...cause, ifChanged: true, origin, now }
  const planned = await planEntry(env, draft)
  if (!planned.ok) return err(planned.error.map(({ message }) => forOwner(message)).join(' '))
  const { comment, message, statements } = planned.value
  const note = `Signed the guestbook: ${comment.id}, ${comment.status}.`
  return ok({ statements, message, comment_id: comment.id, note })
}

/** Rewrites an error message for guests so that it makes sense to the author of a template. */
export function forOwner(message: string): string {
  return message.replace(/^Your (name|message)/, "The entry's $1")
}

/** The result of a template is a public entry or a preview, so a template gets no secret. */
function withoutCredentials({ provider }: LoadedInbound['source'], { headers, query }: LoadedInbound['request']) {
  return {
    header: Object.fromEntries(headers.filter(([name]) => !isCredential(name, provider))),
    query: hasSecretQuery(provider) ? {} : Object.fromEntries(new URLSearchParams(query)),
  }
}

/** @returns what a template can use: the parsed body, and values from outside the body, such as `$event_type` */
export function scopeOf(
  { row, source, request }: LoadedInbound,
  { content, event_type, external_id, verification }: Judgement
): Scope {
  return {
    content,
    known: {
      event_type,
      delivery_id: row.external_id ?? external_id,
      provider: source.row.provider,
      source: source.row.name,
      verified: verification.verified,
      received_at: iso(row.received_at),
      ...withoutCredentials(source, request),
    },
  }
}

export interface RenderedEntry {
  name: string
  body: string
  website: string | null
}

/** @returns the entry, shortened to the lengths that the guestbook accepts, or null if the condition is false */
export function renderEntry(template: EntryTemplate, scope: Scope): Result<RenderedEntry | null, string> {
  const when = template.when?.trim()
  if (when) {
    const condition = parseCondition(when)
    if (!condition.ok) return condition
    if (!holds(condition.value, scope)) return ok(null)
  }
  const name = render(template.name, scope)
  if (!name.ok) return name
  const body = render(template.body, scope)
  if (!body.ok) return body
  const website = render(template.website ?? '', scope)
  if (!website.ok) return website
  return ok({
    name: shorten(visibleName(name.value.replace(/\s+/g, ' ')), NAME_MAX),
    body: shorten(body.value, BODY_MAX),
    website: website.value.trim() || null,
  })
}

function render(text: string, scope: Scope): Result<string, string> {
  const template = parseTemplate(text)
  return template.ok ? ok(renderTemplate(template.value, scope)) : template
}

function shorten(text: string, max: number): string {
  return String(applyFilter('truncate', text.trimEnd(), [String(max)]))
}
