import { isSigned, signText } from '../../kit/db/signed'
import { hashToken } from '../../kit/db/tokens'
import { iso } from '../../kit/http/pagination'
import { Refusal, unknownLink } from '../../kit/http/problem'
import { withinLimit } from '../../kit/http/rate-limit'
import { isId } from '../../kit/lib/ids'
import { HOUR_MS, MINUTE_MS } from '../../kit/lib/time'
import {
  type EndpointRow,
  findByManageToken,
  findEndpoint,
  findRegistered,
  replaceManageToken,
} from '../endpoints/store'
import { formatOf } from '../rules/events/formats'
import { callDirectly, explainCall } from './direct-event'

/*
 * Replaces a lost private link. Answering a challenge does not prove who asks, so the URL gets an event with a link,
 * which only those who read its events can use. The old link is valid until the new one is made.
 */

const LIFETIME_MS = HOUR_MS
/** How long a form that is submitted again gets the same link. */
const AGAIN_MS = MINUTE_MS
/** Enough of a hash to recognize the private link that is replaced. */
const HASH_LENGTH = 16

/** Sends the link to a registered URL, whoever asks. @returns null if it accepted it, otherwise what happened */
export async function sendRenewal(env: Env, url: string, origin: string, now: number): Promise<string | null> {
  const endpoint = await findRegistered(env, url)
  if (!endpoint) return 'It has just been deleted. Submit the form again.'
  const { hasNoTexts, isEmail } = formatOf(endpoint.format)
  if (hasNoTexts || isEmail) return 'Its format cannot contain a link. Ask the owner of the guestbook.'
  if (!(await withinLimit(env.REGISTER_LIMIT, `renew ${endpoint.id}`))) return 'It has already received several links.'
  const expires_at = now + LIFETIME_MS
  const renew_url = `${origin}/webhooks/renew/${await tokenFor(env, endpoint, expires_at)}`
  const data = { renew_url, expires_at: iso(expires_at) }
  const { called } = await callDirectly(env, endpoint, 'endpoint.link_requested', data, now)
  return explainCall(env, endpoint, called)
}

async function tokenFor(env: Env, { id, manage_token_hash }: EndpointRow, expires_at: number): Promise<string> {
  const content = `renew_${id}.${manage_token_hash?.slice(0, HASH_LENGTH)}.${expires_at}`
  return `${content}.${await signText(env, 'private link', content)}`
}

const TOKEN = /^(renew_(ep_\w{26})\.([0-9a-f]{16})\.(\d{1,15}))\.([\w-]{43})$/

interface Renewal {
  id: string
  /** Null if the private link has been replaced. */
  endpoint: EndpointRow | null
  /** The token of the new private link. It follows from the renewal, so that nothing needs to be stored. */
  next: string
}

/** @throws Refusal 404 if the link is not one of ours, 410 if it has expired */
async function openRenewal(env: Env, token: string, now: number): Promise<Renewal> {
  const [, content = '', id = '', hash = '', expires = '', signature = ''] = TOKEN.exec(token) ?? []
  if (!isId('ep', id) || !(await isSigned(env, 'private link', content, signature))) throw unknownLink()
  if (now >= Number(expires)) throw used()
  const endpoint = await findEndpoint(env, id)
  const isSame = endpoint?.manage_token_hash?.startsWith(hash) ?? false
  return {
    id,
    endpoint: isSame ? endpoint : null,
    next: `link_${await signText(env, 'private link', `new ${content}`)}`,
  }
}

/** @returns the endpoint. @throws Refusal 404 if the link is not one of ours, 410 if it has expired or was used */
export async function requireRenewable(env: Env, token: string, now: number): Promise<EndpointRow> {
  const { endpoint } = await openRenewal(env, token, now)
  if (endpoint === null) throw used()
  return endpoint
}

/** Makes the link. A form sent twice within a minute gets one link. @returns its token. @throws Refusal 404, 410 */
export async function renewLink(env: Env, token: string, now: number): Promise<string> {
  const { id, endpoint, next } = await openRenewal(env, token, now)
  const hash = await hashToken(next)
  if (endpoint === null) {
    const renewed = await findByManageToken(env, hash)
    if (renewed?.id === id && now < renewed.updated_at + AGAIN_MS) return next
    throw used()
  }
  if (await replaceManageToken(env, id, { former: endpoint.manage_token_hash ?? '', next: hash }, now)) return next
  return renewLink(env, token, now)
}

function used(): Refusal {
  const detail = 'This link has expired, or was used. Register the URL again to get another one, or ask the owner.'
  return new Refusal(410, 'link_used', detail)
}
