import type { Context } from 'hono'
import { headerOf } from '../core/inbound-request'
import type { HonoEnv } from '../env'
import { Refusal } from '../middleware/problem'
import { readChunks } from './body'
import { findHead } from './load'

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
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      if (!first.done) controller.enqueue(first.value)
    },
    async pull(controller) {
      const next = await pieces.next()
      if (next.done) controller.close()
      else controller.enqueue(next.value)
    },
  })
  return c.body(stream, 200, {
    'Content-Type': headerOf({ headers }, 'content-type') ?? 'application/octet-stream',
    'Content-Disposition': `attachment; filename="${id}"`,
    'Content-Security-Policy': 'sandbox',
  })
}
