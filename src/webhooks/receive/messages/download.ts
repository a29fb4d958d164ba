import type { Context } from 'hono'
import { hasScope } from '../../../access/rights'
import type { HonoEnv } from '../../../env'
import { breakOff } from '../../../kit/db/daily-limit'
import { deriveKeys } from '../../../kit/db/sealing'
import { configuredOrigin } from '../../../kit/http/origin'
import { Refusal } from '../../../kit/http/problem'
import { equalBytes, toHex, utf8 } from '../../../kit/lib/bytes'
import { hmacSha256 } from '../../../kit/lib/hmac'
import { hasSecretBody } from '../../rules/verifying/credentials'
import { findProvider } from '../../rules/verifying/providers'
import { explainBody, KEPT_BYTES, readChunks, type WhyIncomplete } from './bodies'
import { explainRequestReason } from './explain-reason'
import { requireInbound, requireSize } from './load'
import type { InboundRow } from './store'
import { shownBody } from './stored-request'

/** @returns the `body_url` of an event: a link whose key gives access to this message's body and nothing else */
export async function bodyUrl(env: Env, { id, origin }: Pick<InboundRow, 'id' | 'origin'>) {
  const [key] = await bodyKeys(env, id)
  return `${configuredOrigin(env) ?? origin}/api/inbound/${id}/body?key=${key}`
}

async function bodyKeys(env: Env, id: string): Promise<string[]> {
  const keys = await deriveKeys(env, 'inbound-body')
  return Promise.all(keys.map(async (key) => toHex(await hmacSha256(key, utf8(id)))))
}

/** @returns whether the request has this body's key. @throws Refusal 401 if it is wrong, and the only authorization */
export async function hasBodyKey(c: Context<HonoEnv>): Promise<boolean> {
  const [, id] = /^\/api\/inbound\/([^/]+)\/body$/.exec(c.req.path) ?? []
  const key = c.req.query('key')
  if (id === undefined || key === undefined) return false
  const isValid = (await bodyKeys(c.env, id)).some((valid) => equalBytes(utf8(key), utf8(valid)))
  if (!isValid && c.req.header('Authorization') === undefined)
    throw new Refusal(401, 'bad_key', 'The key in this link is wrong. Make sure that you copied the whole link.')
  return isValid
}

/** A stranger wrote the body, so no page may run it, apply it or show it, whatever the stranger says that it is. */
const INERT = { 'Content-Type': 'application/octet-stream', 'Content-Security-Policy': "default-src 'none'; sandbox" }

/**
 * Streams the exact bytes as an attachment. The content type is one of the message's headers. If the body contains the
 * secret of the source, only those who may see secrets get it. @throws Refusal 404
 */
export async function bodyResponse(c: Context<HonoEnv>, id: string) {
  const { size, provider } = await requireSize(c.env, id)
  const disposition = { 'Content-Disposition': `attachment; filename="${id}"` }
  if (hasSecretBody(findProvider(provider)?.schemes ?? []) && !maySeeSecrets(c)) {
    const loaded = await requireInbound(c.env, id)
    if (loaded.whyIncomplete !== null) throw await incomplete(c.env, loaded.whyIncomplete)
    return c.body(shownBody(loaded), 200, { ...INERT, ...disposition })
  }
  const pieces = readChunks(c.env, id)
  // The first piece is read before the response begins, while its status can still be 404.
  const first = await pieces.next()
  const length = first.done ? 0 : first.value.length
  // If the first chunk is longer than the beginning that is kept of a refused body, the body is whole.
  const reason = explainBody(length === size || length > KEPT_BYTES, length > 0)
  if (reason !== null) throw await incomplete(c.env, reason)
  let sent = 0
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = sent === 0 ? first : await pieces.next().catch(breakOff(c.env, c.get('now')))
      if (next.done) return end(controller, sent === size)
      sent += next.value.length
      controller.enqueue(next.value)
    },
  })
  return c.body(stream, 200, { ...INERT, ...disposition })
}

/** Whoever has the key of an event's `body_url` is nobody who may see secrets. */
const maySeeSecrets = (c: Context<HonoEnv>): boolean =>
  c.get('actor') !== undefined && hasScope({ actor: c.get('actor'), scopes: c.get('scopes') }, 'secrets')

const incomplete = async (env: Env, reason: WhyIncomplete) =>
  new Refusal(404, reason, await explainRequestReason(env, reason))

/** If the body is removed during the download, the stream ends with an error, so that the client notices. */
function end(controller: ReadableStreamDefaultController, isComplete: boolean): void {
  if (isComplete) controller.close()
  else controller.error(new Error('The body was removed during the download.'))
}
