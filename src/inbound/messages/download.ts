import type { Context } from 'hono'
import { equalBytes, toHex, utf8 } from '../../core/lib/bytes'
import { hmacSha256 } from '../../core/lib/hmac'
import { headerOf } from '../../core/verifying/request'
import { deriveKeys } from '../../db/derived-keys'
import type { HonoEnv } from '../../env'
import { configuredOrigin } from '../../http/origin'
import { Refusal } from '../../http/problem'
import { readChunks } from './body-chunks'
import { findHead, type InboundRow } from './load'

/** For whoever is told of a message: its body can be had with the key in the link, and nothing else can. */
export async function bodyUrl(env: Env, { id, origin }: Pick<InboundRow, 'id' | 'origin'>) {
  const [key] = await bodyKeys(env, id)
  return `${configuredOrigin(env) ?? origin}/api/inbound/${id}/body?key=${key}`
}

async function bodyKeys(env: Env, id: string): Promise<string[]> {
  const keys = await deriveKeys(env, 'inbound-body')
  return Promise.all(keys.map(async (key) => toHex(await hmacSha256(key, utf8(id)))))
}

/** Whether a request is for a body, with the key of it. @throws Refusal 401 when there is a key that does not fit, and nothing else */
export async function hasBodyKey(c: Context<HonoEnv>): Promise<boolean> {
  const [, id] = /^\/api\/inbound\/([^/]+)\/body$/.exec(c.req.path) ?? []
  const key = c.req.query('key')
  if (id === undefined || key === undefined) return false
  const fits = (await bodyKeys(c.env, id)).some((right) => equalBytes(utf8(key), utf8(right)))
  if (!fits && c.req.header('Authorization') === undefined)
    throw new Refusal(401, 'bad_key', 'This link is not whole: its key does not fit.')
  return fits
}

/**
 * The exact bytes of a body, a piece at a time. An attachment, and in a sandbox: what a stranger sent is not to run here.
 * @throws Refusal 404
 */
export async function bodyResponse(c: Context<HonoEnv>, id: string) {
  const { size, headers } = await findHead(c.env, id)
  const pieces = readChunks(c.env, id)
  // Read before the answer begins: what is gone is told with a status.
  const first = await pieces.next()
  if (size > 0 && first.done) {
    throw new Refusal(404, 'body_removed', 'The body was removed, being old.')
  }
  let sent = 0
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = sent === 0 ? first : await pieces.next()
      if (next.done) return end(controller, sent === size)
      sent += next.value.length
      controller.enqueue(next.value)
    },
  })
  return c.body(stream, 200, {
    'Content-Type': headerOf({ headers }, 'content-type') ?? 'application/octet-stream',
    'Content-Disposition': `attachment; filename="${id}"`,
    'Content-Security-Policy': 'sandbox',
  })
}

/** What is removed while it is read ends as an error: half of a body is not to pass for one. */
function end(controller: ReadableStreamDefaultController, isWhole: boolean): void {
  if (isWhole) controller.close()
  else controller.error(new Error('The body was removed while it was read.'))
}
