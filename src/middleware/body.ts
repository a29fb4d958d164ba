import type { MiddlewareHandler } from 'hono'
import { type Bytes, decodeUtf8 } from '../core/bytes'
import type { HonoEnv } from '../env'
import { Refusal } from './problem'

/**
 * Reads a JSON body strictly, before the framework does. It alone would take invalid UTF-8 for replacement characters, a form for an
 * empty object, and a body of any size. What was read here is what the validators get.
 */
export function jsonBody(maxBytes: number): MiddlewareHandler<HonoEnv> {
  return async function jsonBody(c, next) {
    if (c.req.method === 'GET' || c.req.method === 'HEAD' || !c.req.raw.body) return next()
    const bytes = await readAtMost(c.req.raw, maxBytes)
    if (bytes.length > 0) {
      requireJson(c.req.header('Content-Type'))
      const text = requireText(bytes)
      const value = parseJson(text)
      c.req.text = async () => text
      c.req.json = async () => value
    }
    return next()
  }
}

function requireJson(type = ''): void {
  if (/^application\/([\w.+-]+\+)?json\b/i.test(type)) return
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
