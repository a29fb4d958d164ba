import { type Context, Hono } from 'hono'
import { batch } from '../db/statements'
import type { HonoEnv } from '../env'
import { expectRefusal, explain, readForm } from '../http/form'
import { requestOrigin } from '../http/origin'
import { readCursor } from '../http/pagination'
import type { Refusal } from '../http/problem'
import { readTyped } from '../ui/list'
import { renderForm } from '../ui/render'
import { BY_URL, type EndpointFields, NO_FIELDS, parseNewEndpoint, readEndpointFields } from './form'
import { planEndpoint } from './manage'
import { STATES, searchEndpoints } from './search'
import { EndpointsPage } from './views'

const PAGE_SIZE = 20

/** `/admin/endpoints`: the list and the form for a new endpoint. outbound/endpoint/pages.tsx shows one endpoint. */
export const endpointPages = new Hono<HonoEnv>()

endpointPages.get('/', (c) => showList(c, NO_FIELDS))

async function showList(c: Context<HonoEnv>, fields: EndpointFields, refusal?: Refusal) {
  const typed = readTyped(new URL(c.req.url).searchParams, ['state', 'q'])
  const filter = { state: STATES.find((state) => state === typed.state), q: typed.q }
  const before = readCursor('ep', c.req.query('cursor'))
  const { data, next } = await searchEndpoints(c.env, filter, before, PAGE_SIZE)
  const notice = c.req.query('done') === 'deleted' ? 'Endpoint deleted.' : undefined
  const view = (
    <EndpointsPage
      endpoints={data}
      next={next}
      typed={typed}
      fields={fields}
      error={refusal && explain(refusal)}
      notice={notice}
      now={Date.now()}
    />
  )
  return renderForm(c, view, refusal)
}

endpointPages.post('/', async (c) => {
  const fields = readEndpointFields(await readForm(c))
  try {
    const input = parseNewEndpoint(fields)
    const { row, statements } = await planEndpoint(c.env, input, requestOrigin(c), Date.now())
    await batch(c.env, statements)
    const proposed = fields.format === BY_URL && row.format !== 'standard'
    const done = proposed ? 'proposed' : 'registered'
    return c.redirect(`/admin/endpoints/${row.id}?done=${done}&secret=show`, 303)
  } catch (cause) {
    return showList(c, fields, expectRefusal(cause))
  }
})
