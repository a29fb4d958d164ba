import { equalBytes, utf8 } from '../../../kit/lib/bytes'
import { err, ok, type Result } from '../../../kit/lib/result'
import { computeMac } from './keys'
import { type Content, firstTextAt, headerOf, type InboundRequest, type ValuePlace } from './request'
import type { Handshake, HandshakeValue } from './scheme'
import { encode } from './signature'

/* Some providers check a URL first, and expect a specific response, which is data as well: see providers/. */

type HandshakeAnswer = { status: 200 | 204; headers: Record<string, string>; body: string }

/** `bad_token`: the verify token does not match. `no_secret`: there is no valid secret to sign the response with. */
type HandshakeRefusal = 'bad_token' | 'no_secret'

/** Longer values are not echoed. */
const MAX_ECHO_CHARACTERS = 4_000
/** Only a bare token is signed. A text with a brace, a colon or `=` could be an event that somebody wants to forge. */
const SIGNABLE = /^[\w/.~+-]{1,512}={0,2}$/

/** The verification of intent in WebSub, which Meta also uses: https://www.w3.org/TR/websub/#hub-verifies-intent */
export const HUB_CHALLENGE: Handshake = {
  name: 'hub.challenge',
  // Only `subscribe` is confirmed. Otherwise, anyone who knows the URL could cancel the subscription.
  when: { method: 'GET', has: [['query:hub.mode', 'subscribe'], 'query:hub.challenge'] },
  token: 'query:hub.verify_token',
  answer: { status: 200, text: { from: 'query:hub.challenge' } },
}

/** @returns the handshake that the request matches, or undefined for an ordinary request */
export function findHandshake(handshakes: readonly Handshake[], request: InboundRequest, content: Content) {
  return handshakes.find(({ when, answer }) => matches(when, request, content) && isSafe(answer, request, content))
}

function matches({ method, has, hasNot = [] }: Handshake['when'], request: InboundRequest, content: Content): boolean {
  if (method && method !== request.method) return false
  const textAt = (place: ValuePlace) => firstTextAt(request, content, [place])
  return (
    has.every((each) => (typeof each === 'string' ? textAt(each) !== null : textAt(each[0]) === each[1])) &&
    hasNot.every((place) => textAt(place) === null)
  )
}

function isSafe({ text, json = {} }: Handshake['answer'], request: InboundRequest, content: Content): boolean {
  return [text, ...Object.values(json)].every((value) => {
    if (typeof value !== 'object') return true
    const given = firstTextAt(request, content, ['hmac' in value ? value.hmac : value.from]) ?? ''
    return 'hmac' in value ? SIGNABLE.test(given) : given.length <= MAX_ECHO_CHARACTERS
  })
}

/** @param options.secret as the provider shows it. @returns the response, or why there is none */
export async function answerHandshake(
  { answer, token }: Handshake,
  request: InboundRequest,
  content: Content,
  { secret, verifyToken }: { secret?: string | undefined; verifyToken?: string | undefined }
): Promise<Result<HandshakeAnswer, HandshakeRefusal>> {
  if (token && verifyToken !== undefined) {
    const given = firstTextAt(request, content, [token]) ?? ''
    if (!equalBytes(utf8(given), utf8(verifyToken))) return err('bad_token')
  }
  const resolve = (value: HandshakeValue) => resolveValue(value, request, content, secret)
  const headers = await resolveAll(answer.headers ?? {}, resolve)
  const json = answer.json && (await resolveAll(answer.json, resolve))
  const text = await resolve(answer.text ?? '')
  if (headers === null || json === null || text === null) return err('no_secret')
  const body = json ? JSON.stringify(json) : String(text)
  const type = json ? 'application/json' : 'text/plain; charset=utf-8'
  return ok({
    status: answer.status,
    headers: { ...(headers as Record<string, string>), ...(body && { 'Content-Type': type }) },
    body,
  })
}

/** @returns null if a value must be signed but there is no valid secret */
async function resolveAll(
  values: Readonly<Record<string, HandshakeValue>>,
  resolve: (value: HandshakeValue) => Promise<string | number | null>
): Promise<Record<string, string | number> | null> {
  const resolved: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(values)) {
    const text = await resolve(value)
    if (text === null) return null
    resolved[name] = text
  }
  return resolved
}

async function resolveValue(
  value: HandshakeValue,
  request: InboundRequest,
  content: Content,
  secret: string | undefined
): Promise<string | number | null> {
  if (typeof value !== 'object') return value
  if ('from' in value) return firstTextAt(request, content, [value.from]) ?? ''
  if (secret === undefined) return null
  const text = utf8(firstTextAt(request, content, [value.hmac]) ?? '')
  const mac = await computeMac({ hash: 'SHA-256' }, secret, text)
  return mac === null ? null : (value.prefix ?? '') + encode(value.encoding, mac)
}

/**
 * CloudEvents senders ask for permission with OPTIONS. The callback URL is never called: any sender could choose it.
 * Section 4.1 of https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md
 * @returns the headers that grant permission, or null if the request does not ask for it
 */
export function consentTo(request: Pick<InboundRequest, 'headers'>): Record<string, string> | null {
  const origin = headerOf(request, 'webhook-request-origin')
  if (origin === null || !/^[\x21-\x7e]{1,255}$/.test(origin)) return null
  const rate = headerOf(request, 'webhook-request-rate')
  const allowed = rate !== null && /^[1-9]\d{0,8}$/.test(rate) ? rate : '*'
  return { 'WebHook-Allowed-Origin': origin, 'WebHook-Allowed-Rate': allowed }
}
