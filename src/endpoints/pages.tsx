import { type Context, Hono } from 'hono'
import type { z } from 'zod'
import { DELIVERY_STATUSES, type DeliveryStatus } from '../core/delivery-state'
import { type AttemptRow, listAttempts, listDeliveries } from '../deliveries/history'
import { resumeEndpoint } from '../deliveries/sweep'
import { sendTest } from '../deliveries/test-send'
import type { HonoEnv } from '../env'
import { readForm } from '../middleware/form'
import { readCursor, toPage } from '../middleware/listing'
import { fieldProblems } from '../middleware/openapi'
import { invalid, Refusal } from '../middleware/problem'
import { publicOrigin } from '../middleware/visitor'
import { renderPage } from '../ui/render'
import { EndpointPage } from './detail-view'
import {
  changeEndpoint,
  planEndpoint,
  removeEndpoint,
  requireEndpoint,
  revealSecrets,
  rotateSecret,
} from './manage'
import { endpointChange, endpointIn, rotation } from './schemas'
import { disableEndpoint, type EndpointRow, enableEndpoint, listEndpoints } from './store'
import { type EndpointFields, EndpointsPage, NO_FIELDS } from './views'

const PAGE_SIZE = 20

/** `/admin/endpoints`: what the API does, as plain forms. */
export const endpointPages = new Hono<HonoEnv>()

endpointPages.get('/', (c) => showList(c, NO_FIELDS))

async function showList(c: Context<HonoEnv>, fields: EndpointFields, refusal?: Refusal) {
  const rows = await listEndpoints(c.env, readCursor('ep', c.req.query('cursor')), PAGE_SIZE + 1)
  const { data, next } = toPage(rows, PAGE_SIZE, (row) => row.id)
  const notice = c.req.query('done') === 'deleted' ? 'Deleted.' : undefined
  const view = (
    <EndpointsPage
      endpoints={data}
      next={next}
      fields={fields}
      error={refusal && explain(refusal)}
      notice={notice}
      now={Date.now()}
    />
  )
  return renderPage(c, view, refusal?.status ?? 200)
}

endpointPages.post('/', async (c) => {
  const fields = toFields(await readForm(c))
  try {
    const input = parse(endpointIn, fromFields(fields))
    const { row, statement } = await planEndpoint(c.env, input, publicOrigin(c), Date.now())
    await statement.run()
    return c.redirect(`/admin/endpoints/${row.id}?done=registered&secret=show`, 303)
  } catch (cause) {
    return showList(c, fields, expectRefusal(cause))
  }
})

const DONE: Record<string, string> = {
  registered: 'Registered. Give the receiver its signing secret, then send a test.',
  saved: 'Saved.',
  rotated:
    'Rotated. Give the receiver the new secret; requests are signed with both for as long as you chose.',
  enabled: 'Enabled. What was parked is on its way; what waits for a retry keeps its time.',
  disabled: 'Disabled.',
}

endpointPages.get('/:id', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const tested = c.req.query('tested')
  const key = { endpointId: endpoint.id, messageId: tested ?? '' }
  const [test] = tested ? await listAttempts(c.env, key) : []
  return showEndpoint(c, endpoint, fieldsOf(endpoint), test ?? null)
})

async function showEndpoint(
  c: Context<HonoEnv>,
  endpoint: EndpointRow,
  fields: EndpointFields,
  test: AttemptRow | null,
  refusal?: Refusal
) {
  const status = readStatus(c.req.query('status'))
  const before = readCursor('msg', c.req.query('cursor'))
  const deliveries = await listDeliveries(c.env, endpoint.id, { before, status, limit: PAGE_SIZE })
  const show = c.req.query('secret') === 'show'
  const secret = show ? (await revealSecrets(c.env, endpoint.id)).current : null
  const view = (
    <EndpointPage
      endpoint={endpoint}
      secret={secret}
      fields={fields}
      deliveries={deliveries}
      status={status}
      test={test}
      notice={DONE[c.req.query('done') ?? '']}
      error={refusal && explain(refusal)}
      now={Date.now()}
    />
  )
  return renderPage(c, view, refusal?.status ?? 200)
}

function readStatus(status: string | undefined): DeliveryStatus | undefined {
  return DELIVERY_STATUSES.find((known) => known === status)
}

endpointPages.post('/:id', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const fields = toFields(await readForm(c))
  try {
    const change = parse(endpointChange, fromFields(fields))
    await changeEndpoint(c.env, endpoint.id, change, publicOrigin(c), Date.now())
    return c.redirect(`/admin/endpoints/${endpoint.id}?done=saved`, 303)
  } catch (cause) {
    return showEndpoint(c, endpoint, fields, null, expectRefusal(cause))
  }
})

endpointPages.post('/:id/test', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const type = (await readForm(c)).get('type') ?? 'ping'
  try {
    const { messageId } = await sendTest(c.env, endpoint, type)
    return c.redirect(`/admin/endpoints/${endpoint.id}?tested=${messageId}`, 303)
  } catch (cause) {
    return showEndpoint(c, endpoint, fieldsOf(endpoint), null, expectRefusal(cause))
  }
})

endpointPages.post('/:id/secret/rotate', async (c) => {
  const id = c.req.param('id')
  const grace = Number((await readForm(c)).get('grace_seconds') || 'NaN')
  await rotateSecret(c.env, id, parse(rotation, { grace_seconds: grace }), Date.now())
  return c.redirect(`/admin/endpoints/${id}?done=rotated&secret=show`, 303)
})

endpointPages.post('/:id/enable', async (c) => {
  const { id } = await requireEndpoint(c.env, c.req.param('id'))
  const now = Date.now()
  await enableEndpoint(c.env, id, now)
  c.executionCtx.waitUntil(resumeEndpoint(c.env, id, now))
  return c.redirect(`/admin/endpoints/${id}?done=enabled`, 303)
})

endpointPages.post('/:id/disable', async (c) => {
  const { id } = await requireEndpoint(c.env, c.req.param('id'))
  await disableEndpoint(c.env, id, 'manual', Date.now())
  return c.redirect(`/admin/endpoints/${id}?done=disabled`, 303)
})

endpointPages.post('/:id/delete', async (c) => {
  await removeEndpoint(c.env, c.req.param('id'), Date.now())
  return c.redirect('/admin/endpoints?done=deleted', 303)
})

function toFields(form: URLSearchParams): EndpointFields {
  const { url, description, event_types } = Object.fromEntries(form)
  return { url: url ?? '', description: description ?? '', event_types: event_types ?? '' }
}

function fromFields(fields: EndpointFields) {
  const eventTypes = fields.event_types.split(/[\s,]+/).filter(Boolean)
  return { url: fields.url.trim(), description: fields.description.trim(), event_types: eventTypes }
}

function fieldsOf(endpoint: EndpointRow): EndpointFields {
  const types: string[] = JSON.parse(endpoint.eventTypes)
  return { url: endpoint.url, description: endpoint.description, event_types: types.join(' ') }
}

/** @throws Refusal 422 with what does not fit */
function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw invalid(fieldProblems(parsed.error.issues))
}

/** A refusal goes back into the form it came from; a fault of ours goes on. */
function expectRefusal(cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause
  throw cause
}

function explain(refusal: Refusal): string {
  return refusal.errors.map((error) => error.message).join(' ') || refusal.detail
}
