import { type Context, Hono } from 'hono'
import { FULL_SIGHT } from '../../access/rights'
import type { HonoEnv } from '../../env'
import { notices } from '../../kit/html/notices'
import { renderPage } from '../../kit/html/render'
import { readTyped } from '../../kit/html/typed-filter'
import { PAGE_SIZE, readCursor } from '../../kit/http/pagination'
import { DASHBOARD } from '../../kit/lib/paths'
import { countParkedOf } from '../send/messages/queries'
import { findReceiver } from './built-in-receiver'
import { endpointFormPages } from './form-pages'
import { lastAttempts } from './last-answers'
import { byTrouble, EndpointsPage, type ListedEndpoint } from './list-views'
import { requireEndpoint } from './manage'
import { showEndpoint } from './page/show-endpoint'
import { listWorstFirst, STATES, searchEndpoints } from './search'
import type { EndpointRow } from './store'

notices(DASHBOARD.endpoints, {
  chosen: 'Registered. Send a test to see what arrives there.',
  registered: 'Registered. Give the receiver its signing secret, then send a test.',
  receiver: 'Registered. Send a test, or sign the guestbook, to see a webhook arrive.',
  duplicated: 'This is the copy. It is disabled: edit it, then enable it.',
  saved: 'Saved.',
  rotated: 'Rotated. Give the receiver the new secret. While the old one is valid, requests are signed with both.',
  replaced: 'Replaced. Give the receiver the new secret now, because the old one is no longer valid.',
  allowed: 'The receiver gave permission. If it asked for a lower rate, we lowered the rate limit.',
  not_allowed:
    'The receiver did not give permission: its response to OPTIONS had no WebHook-Allowed-Origin header. Deliveries continue unless you disable the endpoint.',
  revoked: 'Pull token revoked.',
  replaying: 'Replay started. It sends messages oldest first. Its progress is below.',
  canceled: 'Replay canceled. It sends no more messages.',
  deleted: 'Endpoint deleted.',
})

/** `/admin/endpoints`: the list, and each endpoint. Their forms are in operations.ts and run-operations.ts. */
export const endpointPages = new Hono<HonoEnv>()

endpointPages.get('/', async (c) => {
  const typed = readTyped(new URL(c.req.url).searchParams, ['state', 'q'])
  const before = readCursor('ep', c.req.query('cursor'))
  const [{ data, ...page }, receiver] = await Promise.all([findListed(c.env, typed, before), findReceiver(c.env)])
  const endpoints = (await withNews(c, data)).toSorted(byTrouble)
  return renderPage(c, <EndpointsPage {...page} {...{ endpoints, typed, receiver }} now={c.get('now')} />)
})

async function findListed(env: Env, { state, q }: Record<'state' | 'q', string>, before: string | undefined) {
  if (state === '' && q === '') return listWorstFirst(env, before, PAGE_SIZE)
  const filter = { state: STATES.find((known) => known === state), q, others: true }
  return { ...(await searchEndpoints(env, filter, FULL_SIGHT, before, PAGE_SIZE)), hasMoreNeedy: false }
}

/** Each that is counted costs a row. While an endpoint is enabled and its breaker is closed, nothing is parked. */
const mayHaveParked = ({ status, breaker }: EndpointRow): boolean => status !== 'enabled' || breaker !== 'closed'

async function withNews(c: Context<HonoEnv>, rows: EndpointRow[]): Promise<ListedEndpoint[]> {
  const ids = rows.map(({ id }) => id)
  const waiting = rows.filter(mayHaveParked).map(({ id }) => id)
  const [counts, last, recent] = await Promise.all([
    countParkedOf(c.env, waiting),
    lastAttempts(c.env, ids),
    c.get('recentAttempts')?.(),
  ])
  const parked = new Map(waiting.map((id, i) => [id, counts[i]]))
  return rows.map((row) => ({
    ...row,
    parked: parked.get(row.id) ?? { count: 0, counted_all: true },
    last: last.get(row.id),
    recent: recent?.get(row.id),
  }))
}

endpointPages.route('/', endpointFormPages)

/** One endpoint and its deliveries. */
endpointPages.get('/:id', async (c) => showEndpoint(c, await requireEndpoint(c.env, c.req.param('id'))))
