import { BODY_MAX, NAME_MAX } from '../../core/guestbook/comment-policy'
import {
  holds,
  parseCondition,
  parseTemplate,
  renderTemplate,
  type Scope,
} from '../../core/guestbook/template'
import { applyFilter } from '../../core/guestbook/template-filters'
import { toBase64 } from '../../core/lib/bytes'
import { err, ok, type Result } from '../../core/lib/result'
import { headerOf, readJson } from '../../core/verifying/request'
import { planComment } from '../../guestbook/sign-book'
import { iso } from '../../http/pagination'
import { type Message, planMessage } from '../../outbound/publish/publish'
import { bodyUrl } from '../messages/download'
import type { LoadedInbound } from '../messages/load'
import { type EntryTemplate, templateOf } from '../sources/schemas'
import type { Judgement } from './verify-message'

/** What a message leads to, as statements that run only if the statement before them changed a row. */
export interface Act {
  statements: D1PreparedStatement[]
  message: Message | null
  comment_id: string | null
  /** For the log of the message. */
  note: string
}

/** Larger bodies are not sent along; the link gives the exact bytes of any. */
const SENT_ALONG = 64 * 1_024

const NOTHING = { statements: [], message: null, comment_id: null }

/** @returns what to do, or why the template did not give an entry */
export async function planAct(
  env: Env,
  loaded: LoadedInbound,
  judgement: Judgement,
  now: number
): Promise<Result<Act, string>> {
  const { row, source } = loaded
  const { act } = source.row
  if (act === 'keep') return ok({ ...NOTHING, note: 'Kept.' })
  // Whatever else happens to a message, it never leads to a second of either.
  if (row.message_id ?? row.comment_id) return ok({ ...NOTHING, note: ACTED_BEFORE })
  if (loaded.twin !== null) return ok({ ...NOTHING, note: `A repeat of ${loaded.twin}: kept.` })
  if (act === 'publish') return ok(await publish(env, loaded, judgement, now))
  return sign(env, loaded, judgement, now)
}

const ACTED_BEFORE = 'It had been acted upon before; that is not done twice.'

async function publish(
  env: Env,
  loaded: LoadedInbound,
  judgement: Judgement,
  now: number
): Promise<Act> {
  const data = await inboundEvent(env, loaded, judgement)
  const options = { ifChanged: true }
  const { message, statement } = planMessage(env, 'inbound.received', data, now, options)
  return { statements: [statement], message, comment_id: null, note: `Published as ${message.id}.` }
}

/** `data` of `inbound.received`. */
export async function inboundEvent(env: Env, loaded: LoadedInbound, judgement: Judgement) {
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

function bodyOf({ row, request }: LoadedInbound) {
  const none = { body: null, body_base64: null }
  if (row.size > SENT_ALONG) return none
  const body = readJson(request)
  return body === undefined ? { ...none, body_base64: toBase64(request.body) } : { ...none, body }
}

async function sign(
  env: Env,
  loaded: LoadedInbound,
  judgement: Judgement,
  now: number
): Promise<Result<Act, string>> {
  const template = templateOf(loaded.source.row)
  if (!template) return err('The source has no template.')
  const entry = renderEntry(template, scopeOf(loaded, judgement))
  if (!entry.ok) return entry
  if (entry.value === null) {
    return ok({ ...NOTHING, note: 'The condition does not hold, so the guestbook was not signed.' })
  }
  const { origin } = loaded.row
  const signing = { input: entry.value, visitor: null, suspicious: false, origin, now }
  const planned = await planComment(env, signing, { ifChanged: true })
  if (!planned.ok) return err(planned.error.map(({ message }) => forOwner(message)).join(' '))
  const { comment, message, statements } = planned.value
  const note = `Signed the guestbook: ${comment.id}, ${comment.status}.`
  return ok({ statements, message, comment_id: comment.id, note })
}

/** The rules speak to a guest; whoever wrote the template reads this. */
export function forOwner(message: string): string {
  return message.replace(/^Your (name|message)/, 'The $1 of the entry')
}

/** What a template can speak of: the body, and `$` what is known beside it. */
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
      header: Object.fromEntries(request.headers),
      query: Object.fromEntries(new URLSearchParams(request.query)),
    },
  }
}

export interface Entry {
  name: string
  body: string
  website: string | null
}

/** @returns the entry, cut to what the guestbook takes; null when the condition does not hold; or what is wrong with the template */
export function renderEntry(template: EntryTemplate, scope: Scope): Result<Entry | null, string> {
  const when = template.when?.trim()
  if (when) {
    const condition = parseCondition(when)
    if (!condition.ok) return condition
    if (!holds(condition.value, scope)) return ok(null)
  }
  const [name, body, website] = [template.name, template.body, template.website ?? ''].map(
    (text) => {
      const parsed = parseTemplate(text)
      return parsed.ok ? ok(renderTemplate(parsed.value, scope)) : parsed
    }
  )
  if (!name?.ok) return name ?? err('')
  if (!body?.ok) return body ?? err('')
  if (!website?.ok) return website ?? err('')
  return ok({
    name: shorten(oneLine(name.value), NAME_MAX),
    body: shorten(body.value, BODY_MAX),
    website: website.value.trim() || null,
  })
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function shorten(text: string, max: number): string {
  return String(applyFilter('truncate', text.trim(), [String(max)]))
}
