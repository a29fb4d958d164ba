import type { Context } from 'hono'
import * as z from 'zod'
import type { HonoEnv } from '../../env'
import { noticeOf } from '../../kit/html/dashboard'
import { renderForm, renderRows } from '../../kit/html/render'
import { readFlash } from '../../kit/http/flash'
import { explain } from '../../kit/http/form'
import { publicOrigin } from '../../kit/http/origin'
import { PAGE_SIZE, readCursor } from '../../kit/http/pagination'
import type { Refusal } from '../../kit/http/problem'
import type { EndpointRow } from '../endpoints/store'
import { listDeliveries } from '../send/messages/list-deliveries'
import { countParked, listAttempts, readDelivery } from '../send/messages/queries'
import { retryNotice } from '../send/messages/retry-notice'
import { listShownJobs } from '../send/replay/progress'
import { JobList } from '../send/replay/views'
import { requireManaged } from './manage'
import { LogRows, ManagePage } from './manage-views'
import { ManagedDeliveryPage } from './managed-delivery-views'

const DONE: Record<string, string> = {
  saved: 'Saved.',
  canceled: 'Replay canceled. It sends no more messages.',
  replaying: 'Replay started. It sends messages oldest first.',
}

/** A notice about pausing is shown only while it is true, because the page can be reloaded later. */
function noticeFor(done: string | undefined, { status }: EndpointRow): string | undefined {
  if (done === 'paused')
    return status === 'enabled' ? undefined : 'Paused. Nothing will be sent until you resume the endpoint.'
  if (done === 'resumed') return status === 'enabled' ? 'Resumed. Parked deliveries are sent oldest first.' : undefined
  return noticeOf(DONE, done)
}

/** What is shown once, after a redirect. `is_new_link`: the private link is shown, too. */
const FLASH = z.object({ secret: z.string().optional(), is_new_link: z.boolean().optional() })

/** Renders `/webhooks/manage/{token}`. */
export async function showEndpoint(c: Context<HonoEnv>, endpoint: EndpointRow, refusal?: Refusal) {
  const now = c.get('now')
  const part = await renderPart(c, endpoint, now)
  if (part) return part
  const flash = await readFlash(c, FLASH, now)
  const tested = c.req.query('tested')
  const [deliveries, jobs, parked, attempts] = await Promise.all([
    readDeliveries(c, endpoint),
    listShownJobs(c.env, endpoint.id),
    countParked(c.env, endpoint.id),
    tested ? listAttempts(c.env, { endpoint_id: endpoint.id, message_id: tested }) : [],
  ])
  const view = (
    <ManagePage
      path={pathOf(c)}
      endpoint={endpoint}
      deliveries={deliveries}
      jobs={jobs}
      parked={parked}
      test={attempts[0] ?? null}
      secret={flash?.secret ?? null}
      link={flash?.is_new_link ? `${publicOrigin(c)}${pathOf(c)}` : null}
      notice={noticeFor(c.req.query('done'), endpoint)}
      error={refusal && explain(refusal)}
      now={now}
    />
  )
  return renderForm(c, view, refusal)
}

/** A list that updates by itself asks for its rows alone, every few seconds, so nothing else is read for it. */
async function renderPart(c: Context<HonoEnv>, endpoint: EndpointRow, now: number) {
  const part = c.req.query('part')
  const path = pathOf(c)
  if (part === 'rows') {
    const { data } = await readDeliveries(c, endpoint)
    return renderRows(c, <LogRows path={path} deliveries={data} now={now} />)
  }
  if (part !== 'jobs') return null
  return renderRows(c, <JobList {...{ endpoint, path, now }} jobs={await listShownJobs(c.env, endpoint.id)} />)
}

function readDeliveries({ env, req }: Context<HonoEnv>, { id }: EndpointRow) {
  const before = readCursor('msg', req.query('cursor'))
  return listDeliveries(env, id, {}, { before, limit: PAGE_SIZE })
}

/** The path of an integrator's page. */
export function pathOf(c: Context<HonoEnv>): string {
  return `/webhooks/manage/${c.req.param('token')}`
}

/** Renders `/webhooks/manage/{token}/messages/{id}`. */
export async function showDelivery(c: Context<HonoEnv>, refusal?: Refusal) {
  const now = c.get('now')
  const endpoint = await requireManaged(c.env, c.req.param('token') ?? '')
  const key = { endpoint_id: endpoint.id, message_id: c.req.param('id') ?? '' }
  // What the endpoint gets, its integrator may see.
  const sight = { links: endpoint.moderation_links === 1, secrets: true }
  const detail = await readDelivery(c.env, key, sight, now)
  const notice = retryNotice(c.req.query('done'), detail.delivery, now)
  const mayRetry = endpoint.status === 'enabled'
  const view = (
    <ManagedDeliveryPage
      path={pathOf(c)}
      {...detail}
      {...{ mayRetry, notice, now }}
      error={refusal && explain(refusal)}
    />
  )
  return renderForm(c, view, refusal)
}
