import type { MiddlewareHandler } from 'hono'
import { type Bytes, decodeUtf8 } from '../core/lib/bytes'
import { isTooDeep, MAX_DEPTH } from '../core/lib/json'
import type { HonoEnv } from '../env'
import { Refusal } from './problem'

/**
 * Reads a JSON body strictly, before the framework does. It alone would take invalid UTF-8 for replacement characters, a form for an
 * empty object, and a body of any size. What was read here is what the validators get.
 */
export function jsonBody(maxBytes: number): MiddlewareHandler<HonoEnv> {
  return async function jsonBody(c, next) {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    const bytes = await readAtMost(c.req.raw, maxBytes)
    if (bytes.length > 0) requireJson(c.req.header('Content-Type'))
    const text = requireText(bytes)
    // Nothing at all counts as an empty object: what is required is then missed by its name.
    const value = text === '' ? {} : parseJson(text)
    c.req.arrayBuffer = async () => bytes.buffer
    c.req.text = async () => text
    c.req.json = async () => value
    return next()
  }
}

/** What the framework's validators take for JSON (its own answer to anything else says less). */
const JSON_TYPE = /^application\/([a-z-.]+\+)?json(;\s*[a-zA-Z0-9-]+=([^;]+))*$/

function requireJson(type = ''): void {
  if (JSON_TYPE.test(type)) return
  throw new Refusal(415, 'not_json', 'Send JSON, with "Content-Type: application/json".')
}

/** @throws Refusal 413 as soon as it is known that there is more than `maxBytes` */
export async function readAtMost(request: Request, maxBytes: number): Promise<Bytes> {
  const announced = request.headers.get('Content-Length')
  if (Number(announced ?? 0) > maxBytes) throw tooLarge(maxBytes)
  // The platform holds a body to the length that was announced; only one without is counted here.
  if (announced !== null) return new Uint8Array(await request.arrayBuffer())
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return join(chunks, size)
}

function requireText(bytes: Bytes): string {
  const text = decodeUtf8(bytes)
  if (text === null) throw new Refusal(400, 'not_utf8', 'The body is not valid UTF-8.')
  return text
}

// biome-ignore lint/suspicious/noExplicitAny: what Request.json() gives; the validators say what it is
function parseJson(text: string): any {
  if (isTooDeep(text)) {
    throw new Refusal(
      422,
      'too_deep',
      `JSON nested deeper than ${MAX_DEPTH} levels is not taken.`,
      {
        errors: [{ path: '', message: 'Send it flatter.' }],
      }
    )
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new Refusal(400, 'not_json', `The body is not valid JSON: ${cause.message}.`)
  }
}

function tooLarge(maxBytes: number): Refusal {
  const kib = Math.floor(maxBytes / 1_024)
  return new Refusal(413, 'too_large', `The body has more than ${kib} KiB.`)
}

function join(chunks: Uint8Array[], size: number): Bytes {
  const all = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
