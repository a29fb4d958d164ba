import { configuredOrigin } from '../../../kit/http/origin'
import { Refusal, requireStorage, toRefusal } from '../../../kit/http/problem'
import { utf8 } from '../../../kit/lib/bytes'
import { readContent } from '../../rules/verifying/request'
import type { HandedOver } from '../../send/http/built-in-receiver'
import { findById, type Source } from '../../sources/cache'
import { wakeInbound } from '../../work/send-orders'
import { addressOf } from '../messages/stored-request'
import { acceptInbound } from './accept'

/**
 * Stores a request as `/in/{token}` would. The source may only keep messages: otherwise, an entry could cause an event
 * that causes the next entry. @returns the response that a sender would get
 */
export async function receiveBuiltIn(env: Env, request: HandedOver, now: number): Promise<Response> {
  try {
    const { id, repeat } = await accept(env, request, now)
    return repeat ? Response.json({ id, repeat }) : Response.json({ id }, { status: 202 })
  } catch (cause) {
    const refusal = toRefusal(cause)
    if (!refusal) throw cause
    return new Response(refusal.detail, { status: refusal.status, headers: refusal.headers })
  }
}

async function accept(env: Env, { source_id, headers, body }: HandedOver, now: number) {
  const source = requireKeeping(await findById(env, source_id, now))
  requireStorage(env, 'The database is almost full. Delete what you no longer need: see Storage.')
  const origin = configuredOrigin(env) ?? ''
  const request = {
    method: 'POST',
    address: addressOf(source, origin, '/in/'),
    query: '',
    headers: [...new Headers(headers)],
    body: utf8(body),
  }
  const accepted = await acceptInbound(env, { source, origin, request, content: readContent(request), now })
  if (accepted.isDue) await wakeInbound(env, [accepted.id])
  return accepted
}

/** @throws Refusal 404 or 409 */
function requireKeeping(source: Source | null): Source {
  if (!source) throw new Refusal(404, 'not_found', DELETED)
  if (source.row.act === 'keep') return source
  throw new Refusal(409, 'not_keeping', NOT_KEEPING)
}

const DELETED =
  'The source of the built-in receiver was deleted. Delete this endpoint too, then register a new built-in receiver.'
const NOT_KEEPING = 'The source of the built-in receiver could cause a loop. Set it to "Store only".'
