import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { Hono } from 'hono'
import type { HonoEnv } from '../../../../src/env'
import { forgetVersions } from '../../../../src/guestbook/books/cache'
import { feedPages } from '../../../../src/guestbook/feeds/pages'
import { timed } from '../../../../src/kit/context'
import { problemResponse, toRefusal } from '../../../../src/kit/http/problem'
import { responseHeaders } from '../../../../src/kit/http/security-headers'
import { noCounts } from '../../../support/counting'
import type { World } from '../../../support/world'

const app = new Hono<HonoEnv>()
app.use(timed(() => Date.now()))
app.use(responseHeaders)
app.route('/', feedPages)
app.onError((cause, c) => {
  const refusal = toRefusal(cause)
  if (!refusal) throw cause
  return problemResponse(c, refusal)
})

/** Requests a feed, a card or a list for search engines, and counts what this costs. */
export async function get(world: World, path: string, headers: Record<string, string> = {}, method = 'GET') {
  const counts = noCounts()
  world.recorder.counts = counts
  forgetVersions(world.env)
  const context = createExecutionContext()
  const response = await app.fetch(new Request(world.base + path, { method, headers }), world.env, context)
  await waitOnExecutionContext(context)
  world.recorder.counts = noCounts()
  return { response, rowsRead: counts.rowsRead, d1RoundTrips: counts.d1RoundTrips, rowsWritten: counts.rowsWritten }
}

export async function getText(world: World, path: string): Promise<string> {
  return (await get(world, path)).response.text()
}
