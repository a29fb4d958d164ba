import { isSigned, signText } from '../../kit/db/signed'
import { freshToken, hashToken } from '../../kit/db/tokens'
import { iso } from '../../kit/http/pagination'
import { Refusal, unknownLink } from '../../kit/http/problem'
import { withinLimit } from '../../kit/http/rate-limit'
import { isId } from '../../kit/lib/ids'
import { HOUR_MS } from '../../kit/lib/time'
import { type EndpointRow, findEndpoint, findRegistered, replaceManageToken } from '../endpoints/store'
import { formatOf } from '../rules/events/formats'
import { callDirectly, explainCall } from './registration-events'

/*
 * Replaces a lost private link. Answering a challenge does not prove who asks, so the URL gets an event with a link,
 * which only those who read its events can use. The old link is valid until the new one is made.
 */

const LIFETIME_MS = HOUR_MS
/** Enough of a hash to recognize what it was made from. */
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

async function tokenFor(env: Env, endpoint: EndpointRow, expires_at: number): Promise<string> {
  const content = `renew_${endpoint.id}.${await markOf(endpoint)}.${expires_at}`
  return `${content}.${await signText(env, 'private link', content)}`
}

/** @returns hex that changes with the private link and the URL, so that a link sent to an old URL stops working */
async function markOf({ manage_token_hash, url }: EndpointRow): Promise<string> {
  return (await hashToken(`${manage_token_hash} ${url}`)).slice(0, HASH_LENGTH)
}

const TOKEN = /^(renew_(ep_\w{26})\.([0-9a-f]{16})\.(\d{1,15}))\.([\w-]{43})$/

/** @returns what the link was made for. @throws Refusal 404 if the link is not one of ours, 410 if it has expired */
export async function readRenewal(env: Env, token: string, now: number): Promise<{ id: string; mark: string }> {
  const [, content = '', id = '', mark = '', expires = '', signature = ''] = TOKEN.exec(token) ?? []
  if (!isId('ep', id) || !(await isSigned(env, 'private link', content, signature))) throw unknownLink()
  if (now >= Number(expires)) throw used()
  return { id, mark }
}

/** @returns the endpoint. @throws Refusal 404 if the link is not one of ours, 410 if it has expired or was used */
export async function requireRenewable(env: Env, token: string, now: number): Promise<EndpointRow> {
  const { id, mark } = await readRenewal(env, token, now)
  const endpoint = await findEndpoint(env, id)
  if (endpoint === null || (await markOf(endpoint)) !== mark) throw used()
  return endpoint
}

/** Makes the link. @returns its token. @throws Refusal 404, 410 */
export async function renewLink(env: Env, token: string, now: number): Promise<string> {
  const { id, manage_token_hash } = await requireRenewable(env, token, now)
  const next = freshToken('link')
  const tokens = { former: manage_token_hash ?? '', next: await hashToken(next) }
  if (await replaceManageToken(env, id, tokens, now)) return next
  throw used()
}

function used(): Refusal {
  const detail = 'This link has expired, or was used. Register the URL again to get another one, or ask the owner.'
  return new Refusal(410, 'link_used', detail)
}
