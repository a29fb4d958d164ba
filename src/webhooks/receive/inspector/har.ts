import type { Context } from 'hono'
import type { HonoEnv } from '../../../env'
import { publicOrigin } from '../../../kit/http/origin'
import { Refusal } from '../../../kit/http/problem'
import { MIB } from '../../../kit/lib/amounts'
import { toHar } from '../../../kit/lib/requests/har'
import { explainRequestReason } from '../messages/explain-reason'
import type { LoadedInbound } from '../messages/load'
import { SECRET, shownBody } from '../messages/stored-request'
import { shownQuery, shownRequestHeaders } from './curl'

/** A longer body does not fit into the memory of a Worker as JSON. It can be downloaded by itself. */
const MAX_BODY_BYTES = 4 * MIB

/** Anyone who knows the path of a source can post to it. */
export const HIDDEN_PATH = `/in/${SECRET}`

/** An HTTP Archive, with `<secret>` for each secret. @throws Refusal 404 if the body was removed, 413 if too large */
export async function harResponse(c: Context<HonoEnv>, loaded: LoadedInbound): Promise<Response> {
  const { row, request, whyIncomplete } = loaded
  if (whyIncomplete !== null) throw new Refusal(404, whyIncomplete, await explainRequestReason(c.env, whyIncomplete))
  if (request.body.length > MAX_BODY_BYTES)
    throw new Refusal(
      413,
      'too_large',
      `This body is larger than ${MAX_BODY_BYTES / MIB} MB. Download the body instead.`
    )
  const archive = toHar({
    at: row.received_at,
    method: row.method,
    url: `${publicOrigin(c)}${HIDDEN_PATH}${shownQuery(loaded, SECRET)}`,
    headers: shownRequestHeaders(loaded, request.headers, SECRET),
    body: shownBody(loaded),
  })
  return c.body(JSON.stringify(archive, null, 2), 200, {
    'Content-Type': 'application/json',
    'Content-Disposition': `attachment; filename="${row.id}.har"`,
    'Cache-Control': 'no-store',
  })
}
