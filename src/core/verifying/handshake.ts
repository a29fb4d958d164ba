import { equalBytes, utf8 } from '../lib/bytes'
import { err, ok, type Result } from '../lib/result'
import { computeMac } from './keys'
import { type Content, firstTextAt, headerOf, type InboundRequest, type Place } from './request'
import type { Handshake, Match, Value } from './scheme'
import { encode } from './verify'

/*
 * Answers that a provider needs in the same response, before it sends anything: as data (core/providers), worked out here.
 */

export interface HandshakeAnswer {
  status: 200 | 204
  headers: Record<string, string>
  body: string
}

/** `bad_token`: the verify token is another. `no_secret`: the answer has to be signed. */
export type HandshakeRefusal = 'bad_token' | 'no_secret'

/** An echo is never longer than this. */
const MAX_ECHO = 4_000
/**
 * What is signed on request is a token and nothing else: with other characters in it, the answer could be the signature of an event that
 * somebody made up (what providers sign holds a brace, a colon, or `=` between a name and a value).
 */
const SIGNABLE = /^[\w/.~+-]{1,512}={0,2}$/

export function findHandshake(
  handshakes: readonly Handshake[],
  request: InboundRequest,
  content: Content
): Handshake | undefined {
  return handshakes.find(
    ({ when, answer }) => matches(when, request, content) && isSafe(answer, request, content)
  )
}

function matches(when: Match, request: InboundRequest, content: Content): boolean {
  if (when.method && when.method !== request.method) return false
  const text = (place: Place) => firstTextAt(request, content, [place])
  return (
    when.has.every((has) =>
      typeof has === 'string' ? text(has) !== null : text(has[0]) === has[1]
    ) && (when.hasNot ?? []).every((place) => text(place) === null)
  )
}

function isSafe(
  { text, json = {} }: Handshake['answer'],
  request: InboundRequest,
  content: Content
): boolean {
  return [text, ...Object.values(json)].every((value) => {
    if (typeof value !== 'object') return true
    const given = firstTextAt(request, content, ['hmac' in value ? value.hmac : value.from]) ?? ''
    return 'hmac' in value ? SIGNABLE.test(given) : given.length <= MAX_ECHO
  })
}

/**
 * @param options.secret what the provider shows its customer, when the source has one
 * @param options.verifyToken what the owner entered at the provider, when it is set
 */
export async function answerHandshake(
  { answer, token }: Handshake,
  request: InboundRequest,
  content: Content,
  options: { secret?: string | undefined; verifyToken?: string | undefined }
): Promise<Result<HandshakeAnswer, HandshakeRefusal>> {
  const { secret, verifyToken } = options
  if (token && verifyToken !== undefined) {
    const given = firstTextAt(request, content, [token]) ?? ''
    if (!equalBytes(utf8(given), utf8(verifyToken))) return err('bad_token')
  }
  const of = (value: Value) => write(value, request, content, secret)
  const headers = await writeAll(answer.headers ?? {}, of)
  const json = answer.json && (await writeAll(answer.json, of))
  const text = answer.text === undefined ? '' : await of(answer.text)
  if (headers === null || json === null || text === null) return err('no_secret')
  const type = json ? 'application/json' : 'text/plain; charset=utf-8'
  const body = json ? JSON.stringify(json) : String(text)
  const withType = body === '' ? {} : { 'Content-Type': type }
  return ok({
    status: answer.status,
    headers: { ...(headers as Record<string, string>), ...withType },
    body,
  })
}

async function writeAll(
  values: Readonly<Record<string, Value>>,
  of: (value: Value) => Promise<string | number | null>
): Promise<Record<string, string | number> | null> {
  const written: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(values)) {
    const text = await of(value)
    if (text === null) return null
    written[name] = text
  }
  return written
}

async function write(
  value: Value,
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
 * CloudEvents asks whether it may send, by OPTIONS: section 4.1 of https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md
 * A callback that it names is not called: whoever asks would choose where to.
 * @returns the headers of the consent; null when nobody asked
 */
export function consentTo(request: Pick<InboundRequest, 'headers'>): Record<string, string> | null {
  const origin = headerOf(request, 'webhook-request-origin')
  if (origin === null || !/^[\x21-\x7e]{1,255}$/.test(origin)) return null
  const rate = headerOf(request, 'webhook-request-rate')
  const allowed = rate !== null && /^[1-9]\d{0,8}$/.test(rate) ? rate : '*'
  return { 'WebHook-Allowed-Origin': origin, 'WebHook-Allowed-Rate': allowed }
}
