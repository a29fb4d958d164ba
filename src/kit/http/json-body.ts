import type { Context, MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../../env'
import { inKib } from '../lib/amounts'
import { type Bytes, decodeUtf8, readAll } from '../lib/bytes'
import { hasTooManyParts, isTooDeep, lostNumbers, MAX_DEPTH } from '../lib/json'
import { invalid, invalidField, Refusal } from './problem'

/** The limit for APIs that accept a few fields. An API that accepts larger bodies exports its own limit. */
const DEFAULT_MAX_BYTES = 64 * 1_024

/** The most names and values. Thousands of unknown fields take long to check. Only events and schemas need more. */
const DEFAULT_MAX_PARTS = 1_000

/**
 * Reads JSON strictly, before Hono: it would replace invalid UTF-8, and accept any size and any type. A path that takes
 * larger bodies comes first. @throws Refusal 413, 415, 400 or 422
 */
export function jsonBody(maxBytes = DEFAULT_MAX_BYTES, maxParts = DEFAULT_MAX_PARTS): MiddlewareHandler<HonoEnv> {
  return async function jsonBody(c, next) {
    const isRead = Object.hasOwn(c.req, 'json')
    if (isRead || c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    const bytes = await readAtMost(c, maxBytes)
    if (bytes.length > 0 && !JSON_TYPE.test(c.req.header('Content-Type') ?? '')) {
      throw new Refusal(415, 'not_json', 'Send JSON, with "Content-Type: application/json".')
    }
    const text = decodeUtf8(bytes)
    if (text === null) throw new Refusal(400, 'not_utf8', 'The body is not valid UTF-8.')
    // An empty body counts as an empty object, so that the errors name the missing fields.
    const value = text === '' ? {} : parseJson(text, maxParts)
    c.req.arrayBuffer = async () => bytes.buffer
    c.req.text = async () => text
    c.req.json = async () => value
    return next()
  }
}

/** Refuses numbers that would change. Use it after `jsonBody` where JSON of any shape is read. @throws Refusal 422 */
export const requireExactNumbers: MiddlewareHandler<HonoEnv> = async (c, next) => {
  refuseLostNumbers(await c.req.text())
  return next()
}

/** @param text valid JSON @param path of the field that contains it @throws Refusal 422 */
export function refuseLostNumbers(text: string, path = ''): void {
  const lost = lostNumbers(text)
  if (lost.length === 0) return
  const pathOf = (below: string) => [path, below].filter(Boolean).join('.')
  throw invalid(lost.slice(0, MAX_ERRORS).map((below) => ({ path: pathOf(below), message: QUOTE_NUMBER })))
}

const MAX_ERRORS = 20
/** What to do about a number that a double cannot hold. */
const QUOTE_NUMBER = 'This number has too many digits, or is too large. Put it in quotes, so that it is kept as text.'

/** https://www.rfc-editor.org/rfc/rfc6838#section-4.2.8 */
const JSON_TYPE = /^application\/([\w.-]+\+)?json\s*(;|$)/i

/**
 * From then on, `now` is the time at which the body was there. A slow client must not choose a time in the past,
 * because whoever pulls messages would miss its message. @throws Refusal 413 as soon as the body is known to be large
 */
export async function readAtMost(c: Context<HonoEnv>, maxBytes: number): Promise<Bytes> {
  const bytes = await readBytes(c.req.raw, maxBytes)
  c.set('now', c.get('clock')())
  return bytes
}

async function readBytes(request: Request, maxBytes: number): Promise<Bytes> {
  const length = request.headers.get('Content-Length')
  if (Number(length ?? 0) > maxBytes) throw tooLarge(maxBytes)
  // The runtime enforces the Content-Length, so the size is counted only if that header is missing.
  if (length !== null) return new Uint8Array(await request.arrayBuffer())
  const bytes = await readAll(request.body, maxBytes)
  if (!bytes) throw tooLarge(maxBytes)
  return bytes
}

/** What to do about JSON that is nested too deeply. */
export const NEST_LESS = `Nest the JSON at most ${MAX_DEPTH} levels deep.`

// biome-ignore lint/suspicious/noExplicitAny: the type of Request.json(). The validators check the value.
function parseJson(text: string, maxParts: number): any {
  if (isTooDeep(text)) {
    const detail = `The JSON is nested more than ${MAX_DEPTH} levels deep.`
    throw new Refusal(422, 'too_deep', detail, { errors: [{ path: '', message: NEST_LESS }] })
  }
  if (hasTooManyParts(text, maxParts)) {
    throw invalidField('', `Send at most ${maxParts.toLocaleString('en')} names and values.`)
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new Refusal(400, 'not_json', `The body is not valid JSON: ${cause.message}.`)
  }
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(413, 'too_large', `The body is larger than ${inKib(maxBytes)}.`)
}
