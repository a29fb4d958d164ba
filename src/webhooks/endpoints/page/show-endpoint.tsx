import type { Context } from 'hono'
import type { Child } from '#jsx'
import type { HonoEnv } from '../../../env'
import { Kept } from '../../../kit/html/parts/form'
import { renderForm, renderRows } from '../../../kit/html/render'
import { readFlash } from '../../../kit/http/flash'
import { expectRefusal } from '../../../kit/http/form'
import { pageOrigin } from '../../../kit/http/origin'
import { PAGE_SIZE, readCursor } from '../../../kit/http/pagination'
import type { Refusal } from '../../../kit/http/problem'
import { listOwnTypes, ownType } from '../../event-types/store'
import { readExplanations } from '../../explanations'
import { requireRoomToAct } from '../../registration/manage'
import { EVENT_TYPES } from '../../rules/events/catalogue'
import { type UnknownFilter, unknownFilters } from '../../rules/events/suggest'
import { DeliveryRows } from '../../send/messages/delivery-table'
import { titlesOfMessages } from '../../send/messages/event-titles'
import { readDeliveryFilter, toDeliveryFilter } from '../../send/messages/filter'
import { listSelected } from '../../send/messages/list-deliveries'
import { listAttempts } from '../../send/messages/queries'
import { PullCard } from '../../send/pull/views'
import { NO_REPLAY, type ReplayFields, readPreview, readReplayFields, scopeFrom } from '../../send/resend/form'
import { previewReplay, type ResendPreview } from '../../send/resend/preview'
import { listShownJobs } from '../../send/resend/progress'
import { JobList, ReplayCard } from '../../send/resend/views'
import { currentPublicKey } from '../../signing-keys/store'
import { requireEndpoint, revealSecrets } from '../manage'
import type { EndpointRow } from '../store'
import { EndpointSecretCard, TestCard } from './cards'
import { HealthState } from './health-views'
import { noticesFor } from './notices'
import { mainAct, readHealth, readWatch } from './read-health'
import { SettingsTab } from './settings-card'
import { readSnippets } from './snippets'
import { TypedTests } from './typed-tests'
import { ownerOf, shownOnce, type TabName, tabOf, type Viewed } from './viewer'
import { Deliveries, EndpointPage } from './views'

/** The results of an action, shown in its response. */
type Results = { fields?: ReplayFields | undefined; refusal?: Refusal }

/** Renders `/admin/endpoints/{id}`. */
export async function showEndpoint(c: Context<HonoEnv>, endpoint: EndpointRow, results: Results = {}) {
  const viewed = { endpoint, viewer: ownerOf(endpoint), now: c.get('now') }
  const part = results.refusal ? null : await renderPart(c, viewed)
  if (part) return part
  const [{ refusal, ...state }, recent] = await Promise.all([
    readState(c, viewed, results),
    c.get('recentAttempts')?.(),
  ])
  const done = c.req.query('done')
  const notices = noticesFor(done, endpoint, state.health)
  const unknown = await findUnknown(c.env, endpoint, state.tab === 'settings' || NEW.includes(done ?? ''))
  const view = <EndpointPage {...viewed} {...state} {...notices} {...{ unknown }} recent={recent?.get(endpoint.id)} />
  return renderForm(c, view, refusal, viewed.viewer.page)
}

/** What the address says about an endpoint that was just registered. */
const NEW = ['registered', 'proposed', 'chosen']

/**
 * Finds what an endpoint subscribes to and what matches no event type. @param all whether types without a similar name
 *   count, too: they may be published without a definition
 */
async function findUnknown(env: Env, { event_types }: EndpointRow, all: boolean): Promise<UnknownFilter[]> {
  const filters: string[] = JSON.parse(event_types)
  const builtIn = EVENT_TYPES.map(({ name }) => name)
  // Most endpoints cost no query.
  if (unknownFilters(filters, builtIn).length === 0) return []
  return unknownFilters(filters, await listTypes(env)).filter(({ suggestion }) => all || suggestion !== null)
}

/** Shows the page of the endpoint in the path again, with the reason of a refusal. @param form as it was sent */
export async function showEndpointAgain(c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams) {
  const endpoint = await requireEndpoint(c.env, c.req.param('id') ?? '')
  return showEndpoint(c, endpoint, { fields: readReplayFields(form), refusal })
}

/** A part that updates by itself asks for this part alone, every few seconds, so nothing else is read for it. */
export async function renderPart(c: Context<HonoEnv>, viewed: Viewed) {
  const { endpoint, viewer, now } = viewed
  const part = c.req.query('part')
  if (part === 'rows') {
    const { deliveries, titles } = await readDeliveries(c, viewed)
    const shown = { deliveries: deliveries.data, titles, now, pathOf: viewer.pathTo }
    return renderRows(c, <DeliveryRows {...shown} show="message" />)
  }
  if (part === 'health') {
    const health = await readHealth(c.env, viewed, readWatch(new URL(c.req.url).searchParams))
    const state = <HealthState {...viewed} health={health} />
    return renderRows(c, <Kept.Provider value={c.req.query('flash')}>{state}</Kept.Provider>)
  }
  if (part !== 'jobs') return null
  const jobs = await listShownJobs(c.env, endpoint.id)
  return renderRows(c, <JobList {...{ jobs, endpoint, now }} path={viewer.page} />)
}

/** The query string selects the deliveries. */
async function readDeliveries({ env, req }: Context<HonoEnv>, { endpoint, viewer, now }: Viewed) {
  const searchParams = new URLSearchParams(viewer.may.filter && new URL(req.url).search)
  if (!viewer.isOwner) searchParams.delete('type')
  const typed = readDeliveryFilter(searchParams)
  const before = readCursor('msg', req.query('cursor'))
  const page = { before, limit: PAGE_SIZE }
  const deliveries = await listSelected(env, endpoint.id, toDeliveryFilter(typed, now), page)
  const titles = await titlesOfMessages(
    env,
    deliveries.data.map(({ message_id: id, event_type: type }) => ({ id, type })),
    viewer.isOwner
  )
  return { typed, deliveries, titles }
}

/** Reads what every viewer sees: the health of the endpoint, and one tab. */
export async function readState(c: Context<HonoEnv>, viewed: Viewed, results: Results = {}) {
  const { pathname, searchParams } = new URL(c.req.url)
  const tab = tabOf(pathname, searchParams)
  const reading = readHealth(c.env, viewed, readWatch(searchParams))
  const act = async () => mainAct(viewed, await reading)
  const [health, flash, { content, refusal = results.refusal }] = await Promise.all([
    reading,
    readFlash(c, shownOnce, viewed.viewer.page),
    READERS[tab]({ c, results, act, ...viewed }),
  ])
  const once = flash && { ...flash, kept: c.req.query('flash'), origin: pageOrigin(c) }
  return { tab, health, content, refusal, once }
}

/** `act`: what the top of the page offers to do. It is read at the same time as the tab. */
type Reading = Viewed & { c: Context<HonoEnv>; results: Results; act: () => Promise<unknown> }
type Read = { content: Child; refusal?: Refusal | undefined }

const READERS: Record<TabName, (read: Reading) => Promise<Read>> = {
  deliveries: async (read) => {
    const found = await readDeliveries(read.c, read)
    return { content: <Deliveries {...read} {...found} /> }
  },
  test: async (read) => {
    if (!read.viewer.may.test)
      return {
        content: (
          <p>
            You can send a test as soon as the owner lets this endpoint receive events. You can check a signature now,
            for example that of the challenge.
          </p>
        ),
      }
    const { env, req } = read.c
    const tested = req.query('tested')
    const key = { endpoint_id: read.endpoint.id, message_id: tested ?? '' }
    const [test, own] = await Promise.all([tested ? findTest(env, key) : null, listOwnTypes(env)])
    const content = (
      <>
        <TestCard {...read} test={test} hasAct={(await read.act()) !== null} />
        <TypedTests {...read} own={own.map(ownType)} origin={pageOrigin(read.c)} />
      </>
    )
    return { content }
  },
  replay: async (read) => {
    const { c, endpoint, viewer, results } = read
    const asked = readPreview(new URL(c.req.url).searchParams)
    const fields = results.fields ?? asked ?? NO_REPLAY
    const [jobs, types] = await Promise.all([
      listShownJobs(c.env, endpoint.id),
      viewer.isOwner ? listTypes(c.env) : JSON.parse(endpoint.event_types),
    ])
    const { preview = null, refusal } = asked && !results.refusal ? await countReplay(read, asked, types) : {}
    return { content: <ReplayCard {...read} {...{ jobs, fields, preview, types }} />, refusal }
  },
  secret: async (read) => {
    const { env, req } = read.c
    const isOwner = read.viewer.isOwner
    const { refusal, ...secrets } =
      isOwner && req.query('secret') === 'show' ? await openSecret(env, read.endpoint.id) : {}
    const [snippets, publicKey] = await Promise.all([
      readSnippets(env),
      isOwner ? currentPublicKey(env, read.now) : undefined,
    ])
    return { content: <EndpointSecretCard {...read} {...{ ...secrets, publicKey, snippets }} />, refusal }
  },
  pull: async ({ endpoint, viewer: { may } }) => ({
    content: may.pull ? (
      <PullCard endpoint={endpoint} path={may.pull} />
    ) : (
      <p>You can create a pull token as soon as the owner lets this endpoint receive events.</p>
    ),
  }),
  settings: async (read) => ({ content: <SettingsTab {...read} /> }),
}

/** Counts what a replay would send. It reads many rows, so an integrator may do it only now and then. */
async function countReplay(
  { c, endpoint, viewer, now }: Reading,
  fields: ReplayFields,
  types: string[]
): Promise<{ preview?: ResendPreview; refusal?: Refusal }> {
  try {
    if (!viewer.isOwner) await requireRoomToAct({ env: c.env, manages: { id: endpoint.id, page: viewer.page } })
    const scope = scopeFrom(endpoint, viewer.isOwner, fields, now)
    return { preview: await previewReplay(c.env, scope, viewer.isOwner ? types : null) }
  } catch (cause) {
    return { refusal: expectRefusal(cause) }
  }
}

/** @returns null for a delivery that is no test: its own page hides what its reader may not see */
async function findTest(env: Env, key: { endpoint_id: string; message_id: string }) {
  const [[attempt], explanations] = await Promise.all([listAttempts(env, key), readExplanations(env)])
  return attempt?.trigger === 'test' ? { attempt, explanations } : null
}

/** @returns the names of all event types */
async function listTypes(env: Env): Promise<string[]> {
  return [...EVENT_TYPES, ...(await listOwnTypes(env))].map(({ name }) => name)
}

/** The rest of the page is still useful if SECRETS_KEY is wrong. */
async function openSecret(
  env: Env,
  id: string
): Promise<{ secret?: string; old_until?: number | undefined; refusal?: Refusal }> {
  try {
    const { current: secret, previousUntil: old_until } = await revealSecrets(env, id)
    return { secret, old_until }
  } catch (cause) {
    return { refusal: expectRefusal(cause) }
  }
}
