import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../env'
import { expectRefusal, explain, parseFields, readForm } from '../middleware/form'
import { readCursor, toPage } from '../middleware/listing'
import type { Refusal } from '../middleware/problem'
import { publicOrigin } from '../middleware/visitor'
import { renderPage } from '../ui/render'
import { changeEndpoint, planEndpoint, requireEndpoint } from './manage'
import { endpointChange, endpointIn } from './schemas'
import { type EndpointRow, listEndpoints } from './store'
import { EditEndpointPage, type EndpointFields, EndpointsPage, NO_FIELDS } from './views'

const PAGE_SIZE = 20

/** `/admin/endpoints`: registering and changing, as plain forms. An endpoint's own page is in `deliveries/endpoint-pages.tsx`. */
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
    const input = parseFields(endpointIn, fromFields(fields))
    const { row, statement } = await planEndpoint(c.env, input, publicOrigin(c), Date.now())
    await statement.run()
    return c.redirect(`/admin/endpoints/${row.id}?done=registered&secret=show`, 303)
  } catch (cause) {
    return showList(c, fields, expectRefusal(cause))
  }
})

endpointPages.get('/:id/edit', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  return renderPage(c, <EditEndpointPage endpoint={endpoint} fields={fieldsOf(endpoint)} />)
})

endpointPages.post('/:id', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const fields = toFields(await readForm(c))
  try {
    const change = parseFields(endpointChange, fromFields(fields))
    await changeEndpoint(c.env, endpoint.id, change, publicOrigin(c), Date.now())
    return c.redirect(`/admin/endpoints/${endpoint.id}?done=saved`, 303)
  } catch (cause) {
    const refusal = expectRefusal(cause)
    const view = <EditEndpointPage endpoint={endpoint} fields={fields} error={explain(refusal)} />
    return renderPage(c, view, refusal.status)
  }
})

function toFields(form: URLSearchParams): EndpointFields {
  const { url = '', description = '', event_types = '', rate_limit } = Object.fromEntries(form)
  return { url, description, event_types, rate_limit: rate_limit ?? NO_FIELDS.rate_limit }
}

function fromFields(fields: EndpointFields) {
  return {
    url: fields.url.trim(),
    description: fields.description.trim(),
    event_types: fields.event_types.split(/[\s,]+/).filter(Boolean),
    rate_limit: Number(fields.rate_limit),
  }
}

function fieldsOf(endpoint: EndpointRow): EndpointFields {
  const types: string[] = JSON.parse(endpoint.eventTypes)
  return {
    url: endpoint.url,
    description: endpoint.description,
    event_types: types.join(' '),
    rate_limit: String(endpoint.rateLimit),
  }
}
