import type { Context } from 'hono'
import type { HonoEnv } from '../../../env'
import { renderForm, renderRows } from '../../../kit/html/render'
import { readFlash } from '../../../kit/http/flash'
import { expectRefusal } from '../../../kit/http/form'
import { PAGE_SIZE, readCursor } from '../../../kit/http/pagination'
import type { Refusal } from '../../../kit/http/problem'
import * as z from '../../../zod'
import { listOwnTypes } from '../../event-types/store'
import { EVENT_TYPES } from '../../rules/events/catalogue'
import { unknownFilters } from '../../rules/events/suggest'
import { readExplanations } from '../../send/http/explain-failure'
import { DeliveryRows } from '../../send/messages/delivery-table'
import { readDeliveryFilter, toDeliveryFilter } from '../../send/messages/filter'
import { listDeliveries } from '../../send/messages/list-deliveries'
import { countParked, listAttempts } from '../../send/messages/queries'
import { NO_REPLAY, type ReplayFields, readReplayFields } from '../../send/replay/form'
import { listShownJobs } from '../../send/replay/progress'
import { type CandidateCount, countCandidates } from '../../send/replay/select-messages'
import { JobList } from '../../send/replay/views'
import { currentPublicKey } from '../../signing-keys/store'
import { requireEndpoint, revealSecrets } from '../manage'
import type { EndpointRow } from '../store'
import { missedScope } from './lifecycle'
import { noticeFor } from './notices'
import { readSnippets } from './snippets'
import { ownerOf, type Viewer } from './viewer'
import { EndpointPage } from './views'

/** What is shown once, after a redirect. */
const FLASH = z.object({ pull_token: z.string() })

/** The results of an action, shown in its response. */
interface Results {
  fields?: ReplayFields
  counted?: CandidateCount
  refusal?: Refusal
}

/** Renders `/admin/endpoints/{id}`. */
export async function showEndpoint(c: Context<HonoEnv>, endpoint: EndpointRow, results: Results = {}) {
  const now = c.get('now')
  const viewer = ownerOf(endpoint)
  const part = results.refusal ? null : await renderPart(c, endpoint, viewer, now)
  if (part) return part
  const { fields = NO_REPLAY, counted = null } = results
  const flash = await readFlash(c, FLASH)
  const shown = c.req.query('secret') === 'show' ? await openSecret(c.env, endpoint.id) : {}
  const [state, more] = await Promise.all([readState(c, endpoint, viewer), readForOwner(c.env, endpoint, now)])
  const refusal = results.refusal ?? shown.refusal
  const view = (
    <EndpointPage
      {...{ endpoint, viewer, now, ...state, ...more }}
      secret={shown.secret}
      asked={{ fields, counted }}
      pullToken={flash?.pull_token}
      notice={noticeFor(c.req.query('done'), endpoint, state.parked.count)}
    />
  )
  return renderForm(c, view, refusal)
}

/** Shows the page of the endpoint in the path again, with the reason why something was refused. */
export async function showEndpointAgain(c: Context<HonoEnv>, refusal: Refusal): Promise<Response> {
  return showEndpoint(c, await requireEndpoint(c.env, c.req.param('id') ?? ''), { refusal })
}

/** Like `showEndpointAgain`, with the fields of the replay as they were sent. */
export async function showReplayAgain(c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams): Promise<Response> {
  const endpoint = await requireEndpoint(c.env, c.req.param('id') ?? '')
  return showEndpoint(c, endpoint, { fields: readReplayFields(form), refusal })
}

/** A list that updates by itself asks for its rows alone, every few seconds, so nothing else is read for it. */
export async function renderPart(c: Context<HonoEnv>, endpoint: EndpointRow, viewer: Viewer, now: number) {
  const part = c.req.query('part')
  if (part === 'rows') {
    const { data } = await readDeliveries(c, endpoint.id, viewer).page
    return renderRows(c, <DeliveryRows deliveries={data} now={now} show="message" pathOf={viewer.pathTo} />)
  }
  if (part !== 'jobs') return null
  const jobs = await listShownJobs(c.env, endpoint.id)
  return renderRows(c, <JobList {...{ jobs, endpoint, now }} path={viewer.page} />)
}

/** The query string selects the deliveries. */
function readDeliveries(c: Context<HonoEnv>, id: string, { may }: Viewer) {
  const { env, req } = c
  const typed = readDeliveryFilter(may.filter ? new URL(req.url).searchParams : new URLSearchParams())
  const before = readCursor('msg', req.query('cursor'))
  return { typed, page: listDeliveries(env, id, toDeliveryFilter(typed, c.get('now')), { before, limit: PAGE_SIZE }) }
}

/** Reads what every viewer sees. The query string also selects the test whose result is shown. */
export async function readState(c: Context<HonoEnv>, { id }: EndpointRow, viewer: Viewer) {
  const tested = c.req.query('tested')
  const { typed, page } = readDeliveries(c, id, viewer)
  const [deliveries, parked, jobs, test, snippets] = await Promise.all([
    page,
    countParked(c.env, id),
    listShownJobs(c.env, id),
    tested ? findTest(c.env, { endpoint_id: id, message_id: tested }) : null,
    readSnippets(c.env),
  ])
  return { deliveries, typed, parked, jobs, test, snippets }
}

async function findTest(env: Env, key: { endpoint_id: string; message_id: string }) {
  const [[attempt], explanations] = await Promise.all([listAttempts(env, key), readExplanations(env)])
  return attempt ? { attempt, explanations } : null
}

async function readForOwner(env: Env, endpoint: EndpointRow, now: number) {
  const [publicKey, ownTypes, missed] = await Promise.all([
    currentPublicKey(env, now),
    listOwnTypes(env),
    endpoint.status === 'disabled' ? countCandidates(env, missedScope(endpoint, now)) : null,
  ])
  const types = [...EVENT_TYPES, ...ownTypes].map(({ name }) => name)
  return { publicKey, types, missed, unknown: unknownFilters(JSON.parse(endpoint.event_types), types) }
}

/** The rest of the page is still useful if SECRETS_KEY is wrong. */
async function openSecret(env: Env, id: string): Promise<{ secret?: string; refusal?: Refusal }> {
  try {
    return { secret: (await revealSecrets(env, id)).current }
  } catch (cause) {
    return { refusal: expectRefusal(cause) }
  }
}
