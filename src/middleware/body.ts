import type { MiddlewareHandler } from 'hono'
import { type Bytes, decodeUtf8 } from '../core/bytes'
import type { HonoEnv } from '../env'
import { Refusal } from './problem'

/**
 * Reads a request body once, strictly, and hands the same bytes on. The framework alone would take
 * invalid UTF-8 for replacement characters, a form for an empty JSON object, and a body of any size.
 */
export function jsonBody(maxBytes: number): MiddlewareHandler<HonoEnv> {
  return async function jsonBody(c, next) {
    if (c.req.method === 'GET' || c.req.method === 'HEAD' || !c.req.raw.body) return next()
    const bytes = await readAtMost(c.req.raw, maxBytes)
    if (bytes.length === 0) return next()
    if (!/^application\/([\w.+-]+\+)?json\b/i.test(c.req.header('Content-Type') ?? '')) {
      throw new Refusal(415, 'not_json', 'Send JSON, with "Content-Type: application/json".')
    }
    parseJson(bytes)
    c.req.raw = new Request(c.req.raw, { body: bytes })
    return next()
  }
}

/** @throws Refusal 413 as soon as it is known that there is more than `maxBytes` */
export async function readAtMost(request: Request, maxBytes: number): Promise<Bytes> {
  if (Number(request.headers.get('Content-Length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return join(chunks, size)
}

/** @throws Refusal 400 for bytes that are no UTF-8 or no JSON */
function parseJson(bytes: Bytes): unknown {
  const text = decodeUtf8(bytes)
  if (text === null) throw new Refusal(400, 'not_utf8', 'The body is not valid UTF-8.')
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
