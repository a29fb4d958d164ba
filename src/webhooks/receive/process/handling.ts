import { iso } from '../../../kit/http/pagination'
import { toBase64 } from '../../../kit/lib/bytes'
import { ok, type Result } from '../../../kit/lib/result'
import type { TemplateScope } from '../../rules/templates/values'
import { headerOf, readJson } from '../../rules/verifying/request'
import { planMessage } from '../../send/publish/publish'
import { bodyUrl } from '../messages/download'
import type { LoadedInbound } from '../messages/load'
import { hopsAfter, shownBody, withoutSecrets } from '../messages/stored-request'
import { type Handling, keep, planOwnAct } from './program-act'
import type { Judgement } from './verify-message'

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
    return keep('Kept: this request has already published an event or signed the guestbook.')
  if (loaded.acted_duplicate !== null) return keep(`Kept: this request is a duplicate of ${loaded.acted_duplicate}.`)
  if (act === 'publish') return ok(await publish(env, loaded, judgement, now))
  return planOwnAct(env, loaded, judgement, now)
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

function bodyOf(loaded: LoadedInbound) {
  const none = { body: null, body_base64: null }
  if (loaded.row.size > MAX_BODY_IN_EVENT_BYTES) return none
  const request = { ...loaded.request, body: shownBody(loaded) }
  const body = readJson(request)
  return body === undefined ? { ...none, body_base64: toBase64(request.body) } : { ...none, body }
}

/** @returns what a template can use: the parsed body, and values from outside the body, such as `$event_type` */
export function scopeOf(
  loaded: LoadedInbound,
  { content, event_type, external_id, verification }: Judgement
): TemplateScope {
  const { row, source, request } = loaded
  const { headers, query } = withoutSecrets(request, source, loaded)
  return {
    content,
    known: {
      event_type,
      delivery_id: row.external_id ?? external_id,
      provider: source.row.provider,
      source: source.row.name,
      verified: verification.verified,
      received_at: iso(row.received_at),
      header: Object.fromEntries(headers),
      query: Object.fromEntries(new URLSearchParams(query)),
    },
  }
}
