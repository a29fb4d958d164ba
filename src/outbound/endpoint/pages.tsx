import { type Context, Hono } from 'hono'
import { DELIVERY_STATUSES, type DeliveryStatus } from '../../core/delivering/delivery-state'
import { EVENT_TYPES } from '../../core/events/catalogue'
import { fieldsOf, parseEndpointChange, readEndpointFields } from '../../endpoints/form'
import {
  planPullToken,
  requireEndpoint,
  revealSecrets,
  revokePullToken,
  rotateSecret,
} from '../../endpoints/manage'
import { rotation } from '../../endpoints/schemas'
import type { EndpointRow } from '../../endpoints/store'
import { EditEndpointPage } from '../../endpoints/views'
import type { HonoEnv } from '../../env'
import { listOwnTypes } from '../../event-types/store'
import { expectRefusal, explain, parseFields, readForm } from '../../http/form'
import { publicOrigin } from '../../http/origin'
import { readCursor } from '../../http/pagination'
import type { Refusal } from '../../http/problem'
import { currentPublicKey } from '../../signing-keys/store'
import { renderPage } from '../../ui/render'
import { type AttemptRow, countParked, listAttempts, listDeliveries } from '../messages/queries'
import { NO_REPLAY, type ReplayFields, readReplayFields, scopeFrom } from '../replay/form'
import { planReplay, requireEnabled, startReplay } from '../replay/replay'
import { countCandidates } from '../replay/select-messages'
import { cancelJob, listEndpointJobs } from '../replay/store'
import { shakeHands } from './cloudevents-handshake'
import {
  alterEndpoint,
  missedScope,
  removeEndpoint,
  startEndpoint,
  stopEndpoint,
} from './lifecycle'
import { sendTest } from './send-test'
import { EndpointPage } from './views'

const PAGE_SIZE = 20
/** Jobs that are over and still shown. */
const OVER_SHOWN = 3

/** `/admin/endpoints/{id}`: what is sent there, and what starts and stops it. */
export const endpointDeliveriesPages = new Hono<HonoEnv>()

const DONE: Record<string, string> = {
  registered: 'Registered. Give the receiver its signing secret, then send a test.',
  proposed:
    'Registered. By its URL this is a chat, so it gets messages in the format of that chat; change that if it is not so. Send a test to see one.',
  saved: 'Saved.',
  rotated:
    'Rotated. Give the receiver the new secret; requests are signed with both for as long as you chose.',
  allowed:
    'It agreed to be called from here; if it named a lower pace, that is its pace now for what waited, or is sent again.',
  not_allowed:
    'It did not agree: an OPTIONS request was not answered with WebHook-Allowed-Origin. It is called all the same, unless you disable it.',
  replaced: 'Replaced. Give the receiver the new secret now: the old one no longer signs.',
  enabled: 'Enabled. What waited is on its way, oldest first.',
  disabled: 'Disabled.',
  revoked: 'Nobody can pull any more.',
  replaying: 'In line: they go oldest first, at the pace of this endpoint.',
  canceled: 'Canceled. What was in line already still goes.',
}

endpointDeliveriesPages.get('/:id', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const tested = c.req.query('tested')
  const key = { endpoint_id: endpoint.id, message_id: tested ?? '' }
  const [test] = tested ? await listAttempts(c.env, key) : []
  return showEndpoint(c, endpoint, { test })
})

/** What the page shows besides how the endpoint is. */
interface Shown {
  test?: AttemptRow | undefined
  fields?: ReplayFields
  pullToken?: string
  counted?: Awaited<ReturnType<typeof countCandidates>>
  refusal?: Refusal
}

async function showEndpoint(c: Context<HonoEnv>, endpoint: EndpointRow, shown: Shown) {
  const now = Date.now()
  const status = readStatus(c.req.query('status'))
  const { test = null, fields = NO_REPLAY, counted = null, pullToken = null, refusal } = shown
  const [{ deliveries, jobs, ...state }, secret] = await Promise.all([
    readState(c, endpoint, status, now),
    c.req.query('secret') === 'show' ? revealSecrets(c.env, endpoint.id) : null,
  ])
  const view = (
    <EndpointPage
      endpoint={endpoint}
      secret={secret?.current ?? null}
      deliveries={deliveries}
      {...state}
      replay={{ fields, counted, jobs }}
      status={status}
      test={test}
      pullToken={pullToken}
      notice={DONE[c.req.query('done') ?? '']}
      error={refusal && explain(refusal)}
      now={now}
    />
  )
  return renderPage(c, view, refusal?.status ?? 200)
}

async function readState(
  { env, req }: Context<HonoEnv>,
  endpoint: EndpointRow,
  status: DeliveryStatus | undefined,
  now: number
) {
  const before = readCursor('msg', req.query('cursor'))
  const isDisabled = endpoint.status === 'disabled'
  const [deliveries, parked, jobs, publicKey, own, missed] = await Promise.all([
    listDeliveries(env, endpoint.id, { before, status, limit: PAGE_SIZE }),
    countParked(env, endpoint.id),
    listEndpointJobs(env, endpoint.id),
    currentPublicKey(env, now),
    listOwnTypes(env),
    isDisabled ? countCandidates(env, missedScope(endpoint, now)) : null,
  ])
  const types = [...EVENT_TYPES, ...own].map(({ name }) => name)
  return {
    deliveries,
    parked,
    jobs: [...jobs.running, ...jobs.over.slice(0, OVER_SHOWN)],
    publicKey,
    types,
    missed,
  }
}

function readStatus(status: string | undefined): DeliveryStatus | undefined {
  return DELIVERY_STATUSES.find((known) => known === status)
}

endpointDeliveriesPages.get('/:id/edit', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  return renderPage(c, <EditEndpointPage endpoint={endpoint} fields={fieldsOf(endpoint)} />)
})

endpointDeliveriesPages.post('/:id', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const fields = readEndpointFields(await readForm(c))
  try {
    await alterEndpoint(c, endpoint.id, parseEndpointChange(fields), Date.now())
    return c.redirect(`/admin/endpoints/${endpoint.id}?done=saved`, 303)
  } catch (cause) {
    const refusal = expectRefusal(cause)
    const view = <EditEndpointPage endpoint={endpoint} fields={fields} error={explain(refusal)} />
    return renderPage(c, view, refusal.status)
  }
})

endpointDeliveriesPages.post('/:id/test', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const type = (await readForm(c)).get('type') ?? 'ping'
  try {
    const { message_id: messageId } = await sendTest(c.env, endpoint, type)
    return c.redirect(`/admin/endpoints/${endpoint.id}?tested=${messageId}`, 303)
  } catch (cause) {
    return showEndpoint(c, endpoint, { refusal: expectRefusal(cause) })
  }
})

endpointDeliveriesPages.post('/:id/handshake', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  try {
    const { isAllowed } = await shakeHands(c.env, endpoint, publicOrigin(c), Date.now())
    const done = isAllowed ? 'allowed' : 'not_allowed'
    return c.redirect(`/admin/endpoints/${endpoint.id}?done=${done}`, 303)
  } catch (cause) {
    return showEndpoint(c, endpoint, { refusal: expectRefusal(cause) })
  }
})

endpointDeliveriesPages.post('/:id/secret/rotate', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const form = await readForm(c)
  const own = form.get('secret')?.trim()
  const grace = Number(form.get('grace_seconds') || 'NaN')
  try {
    const request = parseFields(rotation, { grace_seconds: grace, ...(own && { secret: own }) })
    await rotateSecret(c.env, endpoint.id, request, Date.now())
    const done = grace === 0 ? 'replaced' : 'rotated'
    return c.redirect(`/admin/endpoints/${endpoint.id}?done=${done}&secret=show`, 303)
  } catch (cause) {
    return showEndpoint(c, endpoint, { refusal: expectRefusal(cause) })
  }
})

/** Shown in the answer itself: it is kept nowhere, and a reload makes another. */
endpointDeliveriesPages.post('/:id/pull-token', async (c) => {
  const { token: pullToken, statement } = await planPullToken(c.env, c.req.param('id'), Date.now())
  await statement.run()
  return showEndpoint(c, await requireEndpoint(c.env, c.req.param('id')), { pullToken })
})

endpointDeliveriesPages.post('/:id/pull-token/revoke', async (c) => {
  const id = c.req.param('id')
  await revokePullToken(c.env, id, Date.now())
  return c.redirect(`/admin/endpoints/${id}?done=revoked`, 303)
})

endpointDeliveriesPages.post('/:id/replay', async (c) => {
  const now = Date.now()
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const form = await readForm(c)
  const fields = readReplayFields(form)
  try {
    requireEnabled(endpoint)
    const scope = scopeFrom(endpoint.id, fields, now)
    if (form.get('dry_run') === 'true') {
      return showEndpoint(c, endpoint, { fields, counted: await countCandidates(c.env, scope) })
    }
    const { statement } = await planReplay(c.env, scope, now)
    await statement.run()
    c.executionCtx.waitUntil(startReplay(c.env, endpoint.id, now))
    return c.redirect(`/admin/endpoints/${endpoint.id}?done=replaying#replay`, 303)
  } catch (cause) {
    return showEndpoint(c, endpoint, { fields, refusal: expectRefusal(cause) })
  }
})

endpointDeliveriesPages.post('/:id/jobs/:job/cancel', async (c) => {
  await cancelJob(c.env, c.req.param('job'), Date.now())
  return c.redirect(`/admin/endpoints/${c.req.param('id')}?done=canceled#replay`, 303)
})

endpointDeliveriesPages.post('/:id/enable', async (c) => {
  const id = c.req.param('id')
  const replayMissing = (await readForm(c)).get('replay_missing') === 'true'
  await startEndpoint(c, id, replayMissing, Date.now())
  return c.redirect(`/admin/endpoints/${id}?done=enabled`, 303)
})

endpointDeliveriesPages.post('/:id/disable', async (c) => {
  const { id } = await stopEndpoint(c.env, c.req.param('id'), Date.now())
  return c.redirect(`/admin/endpoints/${id}?done=disabled`, 303)
})

endpointDeliveriesPages.post('/:id/delete', async (c) => {
  await removeEndpoint(c.env, c.req.param('id'), Date.now())
  return c.redirect('/admin/endpoints?done=deleted', 303)
})
