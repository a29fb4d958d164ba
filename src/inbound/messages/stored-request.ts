import type { Context } from 'hono'
import { type InboundRequest, splitPlace } from '../../core/verifying/request'
import type { Provider } from '../../core/verifying/scheme'
import { seal, unseal } from '../../db/sealing'
import type { HonoEnv } from '../../env'
import { readAtMost } from '../../http/json-body'
import { publicOrigin } from '../../http/origin'
import { logFault } from '../../log'
import type { Source } from '../sources/cache'

export const BODY_MAX = 8 * 1_024 * 1_024

/** Who a sender is by its address is not kept (DESIGN section 10), and these are added on the way to us. */
const NOT_KEPT = new Set([
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'cf-pseudo-ipv4',
  'true-client-ip',
  'x-forwarded-for',
  'x-real-ip',
  'forwarded',
])

/**
 * A request as it came in: its bytes, untouched. The platform gives the names of headers in lower case and sorted, and joins those that repeat;
 * what it gives is what is kept.
 * @throws Refusal 413 as soon as it is known that the body has more than 8 MB
 */
export async function readInbound(c: Context<HonoEnv>, source: Source): Promise<InboundRequest> {
  const url = new URL(c.req.url)
  return {
    method: c.req.method,
    address: addressOf(source, publicOrigin(c), url.pathname),
    query: url.search.slice(1),
    headers: [...c.req.raw.headers].filter(([name]) => !NOT_KEPT.has(name)),
    body: await readAtMost(c.req.raw, BODY_MAX),
  }
}

/** The address as the sender knows it: some schemes sign it. */
export function addressOf({ options }: Pick<Source, 'options'>, origin: string, path: string) {
  return options.url?.replace(/[?#].*$/, '') ?? origin + path
}

/** Whoever reads the database is not to be able to send: what is a secret by itself is sealed. */
const CREDENTIALS = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-gitlab-token',
  'x-hook-secret',
  'x-telegram-bot-api-secret-token',
  'x-webhook-secret',
])

type StoredHeader = [name: string, value: string] | [name: string, value: null, sealed: string]

/** @param id of the message: the boxes open nowhere else */
export async function storeHeaders(
  env: Env,
  id: string,
  headers: InboundRequest['headers'],
  provider: Provider
): Promise<string> {
  const secret = secretHeaders(provider)
  const stored = headers.map(async ([name, value]): Promise<StoredHeader> => {
    if (!CREDENTIALS.has(name) && !secret.includes(name)) return [name, value]
    return [name, null, await seal(env, value, id)]
  })
  return JSON.stringify(await Promise.all(stored))
}

function secretHeaders(provider: Provider): string[] {
  return secretPlaces(provider).flatMap(([kind, name]) => (kind === 'header' ? [name] : []))
}

function secretPlaces({ schemes }: Provider) {
  return schemes.flatMap((scheme) =>
    scheme.kind === 'shared-secret' ? [splitPlace(scheme.at)] : []
  )
}

/** A query never begins with a space: what does is a box. */
const SEALED = ' '

export async function storeQuery(env: Env, id: string, query: string, provider: Provider) {
  return query !== '' && hasSecretQuery(provider) ? SEALED + (await seal(env, query, id)) : query
}

export function hasSecretQuery(provider: Provider): boolean {
  return secretPlaces(provider).some(([kind]) => kind === 'query')
}

export async function openQuery(env: Env, id: string, stored: string): Promise<string> {
  return stored.startsWith(SEALED) ? unsealOr(env, id, stored.slice(1)) : stored
}

/** Stands for what was sealed under a key that is gone. Nobody can send it: no header or query holds the end of a line. */
export const LOST = '\n(sealed under a SECRETS_KEY that is gone)'

export async function openHeaders(
  env: Env,
  id: string,
  stored: string
): Promise<[string, string][]> {
  const headers = JSON.parse(stored) as StoredHeader[]
  return Promise.all(
    headers.map(async ([name, value, sealed]): Promise<[string, string]> => {
      if (value !== null) return [name, value]
      return [name, await unsealOr(env, id, sealed ?? '')]
    })
  )
}

async function unsealOr(env: Env, id: string, sealed: string): Promise<string> {
  try {
    return await unseal(env, sealed, id)
  } catch (cause) {
    // The rest of the request is still worth looking at.
    logFault('inbound.header_unreadable', cause, { id })
    return LOST
  }
}

/** Names of headers that hold a secret: a page does not show them unasked. */
export function isCredential(name: string, provider: Provider): boolean {
  return CREDENTIALS.has(name) || secretHeaders(provider).includes(name)
}

const MAX_TEXT = 255

/** What a sender says of a message, short enough for a list. */
export function cutText(text: string | null): string | null {
  return text === null ? null : text.replaceAll('\0', ' ').slice(0, MAX_TEXT).toWellFormed()
}
