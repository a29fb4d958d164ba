import type { Context } from 'hono'
import { byPlan, type HonoEnv } from '../../../env'
import { seal, unseal } from '../../../kit/db/sealing'
import { readAtMost } from '../../../kit/http/json-body'
import { publicOrigin } from '../../../kit/http/origin'
import { MIB } from '../../../kit/lib/amounts'
import type { Bytes } from '../../../kit/lib/bytes'
import { cut } from '../../../kit/lib/text/shorten'
import { logFault } from '../../../log'
import { HOPS_HEADER, readHops } from '../../rules/delivering/hops'
import {
  hasSecretQuery,
  isSecretHeader,
  withoutSecretBody,
  withoutSecretParameter,
} from '../../rules/verifying/credentials'
import { findProvider } from '../../rules/verifying/providers'
import { headerOf, type InboundRequest } from '../../rules/verifying/request'
import type { Provider } from '../../rules/verifying/scheme'
import type { Source } from '../../sources/cache'

/** The largest body. The 10 ms of CPU time on the Free plan suffice to hash and store 4 MiB: see docs/benchmarks.md. */
const maxBodyBytes = (env: Env): number => byPlan(env, { free: 4, paid: 8 }) * MIB

/** Headers in which proxies pass on an IP address, which is never stored. Names differ, so their ends decide. */
const IP_HEADER =
  /(^|[-_])((client|socket|remote|real)?ip(v[46])?|(remote|external|peer)[-_]addr(ess)?|forwarded([-_]for)?|proxied[-_]for)$/

/** The runtime lowercases and sorts names, and joins repeated ones. @throws Refusal 413 if the body is too large */
export async function readInbound(c: Context<HonoEnv>, source: Source): Promise<InboundRequest> {
  const url = new URL(c.req.url)
  return {
    method: c.req.method,
    address: addressOf(source, publicOrigin(c), url.pathname),
    query: url.search.slice(1),
    headers: [...c.req.raw.headers].filter(([name]) => !IP_HEADER.test(name)),
    body: await readAtMost(c, maxBodyBytes(c.env)),
  }
}

/** @returns the URL that the sender posts to, without a query. Some schemes sign it. The `url` option replaces it */
export function addressOf({ options }: Pick<Source, 'options'>, origin: string, path: string) {
  return options.url?.replace(/[?#].*$/, '') ?? origin + path
}

/** @returns how many guestbooks a request has passed through, including this one */
export function hopsAfter(request: Pick<InboundRequest, 'headers'>): number {
  return readHops(headerOf(request, HOPS_HEADER)) + 1
}

type StoredHeader = [name: string, value: string] | [name: string, value: null, sealed: string]

/** @param id of the message, which unsealing needs @returns JSON with sealed secrets, in ASCII: see `prefixOf` */
export async function storeHeaders(env: Env, id: string, headers: InboundRequest['headers'], provider: Provider) {
  // Reading the database must not be enough to send webhooks.
  const stored = headers.map(async ([name, value]): Promise<StoredHeader> => {
    if (!isSecretHeader(name, provider.schemes)) return [name, value]
    return [name, null, await seal(env, value, id)]
  })
  return JSON.stringify(await Promise.all(stored)).replace(/[^ -~]/g, escapeUnit)
}

/** @returns a UTF-16 code unit as JSON can write it, for example `\u00e9` */
const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Marks a sealed query. The query in a request never begins with a space. */
const SEALED = ' '

export async function storeQuery(env: Env, id: string, query: string, provider: Provider) {
  return query !== '' && hasSecretQuery(provider.schemes) ? SEALED + (await seal(env, query, id)) : query
}

export async function openQuery(env: Env, id: string, stored: string): Promise<string> {
  return stored.startsWith(SEALED) ? unsealOr(env, id, stored.slice(1)) : stored
}

/** Stands in for a value that cannot be unsealed. No sender can send this value, because it contains a line break. */
export const UNREADABLE_VALUE = '\n(sealed with a SECRETS_KEY that is no longer available)'

export async function openHeaders(env: Env, id: string, stored: string): Promise<[string, string][]> {
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
    // The rest of the request can still be shown.
    logFault('inbound.header_unreadable', cause, { id })
    return UNREADABLE_VALUE
  }
}

/** The names of the headers that were stored sealed. The source may have had other options then. */
export const sealedHeaders = (stored: string): string[] =>
  (JSON.parse(stored) as StoredHeader[]).flatMap(([name, value]) => (value === null ? [name] : []))

/** @returns whether a header contains a secret. Pages hide the values of such headers */
export function isCredential(name: string, { source, sealed }: Kept): boolean {
  return isSecretHeader(name, source.provider.schemes) || sealed.includes(name.toLowerCase())
}

type Kept = { source: Source; sealed: readonly string[] }

/**
 * Removes secrets from what event types, delivery IDs, fields and templates can read, because their values are shown
 * and published. The places that the provider itself names contain no secrets.
 */
export function withoutSecrets<R extends Pick<InboundRequest, 'headers' | 'query'>>(
  request: R,
  source: Source,
  { sealed = [], row }: { sealed?: readonly string[]; row?: { query: string } } = {}
): R {
  const own = findProvider(source.row.provider)
  const places = own ? [...own.eventType, ...own.deliveryId] : []
  const isShown = ([name]: readonly [string, string]) =>
    places.includes(`header:${name}`) || !isCredential(name, { source, sealed })
  // Of a query that was stored sealed, it is not known which parameter was the secret.
  const rest = row?.query.startsWith(SEALED) ? '' : request.query
  const query = withoutSecretParameter(request.query, source.provider.schemes) ?? rest
  return { ...request, headers: request.headers.filter(isShown), query }
}

/** Stands in for a secret. */
export const SECRET = '<secret>'

/** @returns the body as it is shown and published. @param hidden stands in for a secret in it */
export function shownBody({ request, source }: { request: InboundRequest; source: Source }, hidden = SECRET): Bytes {
  return withoutSecretBody(request, source.provider.schemes, hidden).body
}

const MAX_LISTED_TEXT = 255

/** Shortens a value from the sender (an event type or a delivery id) to a length that fits in a list. */
export function cutText(text: string | null): string | null {
  return text === null ? null : cut(text.replaceAll('\0', ' '), MAX_LISTED_TEXT)
}
