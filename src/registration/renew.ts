import { isId } from '../core/lib/ids'
import { HOUR_MS } from '../core/lib/time'
import { isSigned, signText } from '../db/signed'
import { freshToken, hashToken } from '../db/tokens'
import { type EndpointRow, findEndpoint, findRegistered, replaceManageToken } from '../endpoints/store'
import { iso } from '../http/pagination'
import { Refusal } from '../http/problem'
import { callDirectly, explainCall } from './direct-event'

/*
 * A lost private link. An answer to a challenge does not prove who asks, so nobody gets a new link for it. Instead, the
 * registered URL gets an event with a link, which only those who read its events can use. The old private link is valid until
 * the new one is made.
 */

const LIFETIME_MS = HOUR_MS
/** Enough of a hash to recognize the private link that is replaced. */
const HASH_LENGTH = 16

/**
 * Sends the link to a URL that is registered already.
 * @returns null if the URL accepted it, otherwise what happened and what to do
 */
export async function sendRenewal(env: Env, url: string, origin: string, now: number): Promise<string | null> {
  const endpoint = await findRegistered(env, url)
  if (!endpoint) return 'It has just been deleted. Submit the form again.'
  const expires_at = now + LIFETIME_MS
  const renew_url = `${origin}/webhooks/renew/${await tokenFor(env, endpoint, expires_at)}`
  const data = { renew_url, expires_at: iso(expires_at) }
  return explainCall(await callDirectly(env, endpoint, 'endpoint.link_requested', data, now))
}

async function tokenFor(env: Env, { id, manage_token_hash }: EndpointRow, expires_at: number): Promise<string> {
  const content = `renew_${id}.${manage_token_hash?.slice(0, HASH_LENGTH)}.${expires_at}`
  return `${content}.${await signText(env, 'private link', content)}`
}

const TOKEN = /^(renew_(ep_\w{26})\.([0-9a-f]{16})\.(\d{1,15}))\.([\w-]{43})$/

/** @returns the endpoint. @throws Refusal 404 if the link is not one of ours, 410 if it has expired or was used */
export async function requireRenewable(env: Env, token: string, now: number): Promise<EndpointRow> {
  const [, content = '', id = '', hash = '', expires = '', signature = ''] = TOKEN.exec(token) ?? []
  if (!isId('ep', id) || !(await isSigned(env, 'private link', content, signature)))
    throw new Refusal(404, 'not_found', 'This link is not valid. Make sure that you copied the whole link.')
  const endpoint = now < Number(expires) ? await findEndpoint(env, id) : null
  if (endpoint?.manage_token_hash?.startsWith(hash)) return endpoint
  throw used()
}

/** @returns the token of the new private link. @throws Refusal 410 if another request was faster */
export async function renewLink(env: Env, { id, manage_token_hash }: EndpointRow, now: number): Promise<string> {
  const token = freshToken('link')
  const hashes = { former: manage_token_hash ?? '', next: await hashToken(token) }
  if (await replaceManageToken(env, id, hashes, now)) return token
  throw used()
}

function used(): Refusal {
  const detail = 'This link has expired, or was used. To get another one, register the URL again.'
  return new Refusal(410, 'link_used', detail)
}
