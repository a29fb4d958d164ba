import { type Context, Hono } from 'hono'
import { FULL_SIGHT } from '../../access/rights'
import type { HonoEnv } from '../../env'
import { readTyped } from '../../kit/html/typed-filter'
import { renderForm } from '../../kit/html/render'
import { expectRefusal, readForm } from '../../kit/http/form'
import { PAGE_SIZE, readCursor } from '../../kit/http/pagination'
import type { Refusal } from '../../kit/http/problem'
import { type EndpointFields, expectFormRefusal, NO_FIELDS, parseNewEndpoint, readEndpointFields } from './form'
import { STATES, searchEndpoints } from './search'
import { MAX_FORM_BYTES } from './texts/form'
import { type Previewed, previewExamples } from './texts/preview'
import { EndpointsPage } from './views'

/**
 * `/admin/endpoints`: the list and the form for a new endpoint, which src/owner/operations/endpoints/create.ts
 * receives.
 */
export const endpointPages = new Hono<HonoEnv>()

endpointPages.get('/', (c) => showList(c, NO_FIELDS))

async function showList(
  c: Context<HonoEnv>,
  fields: EndpointFields,
  results: { refusal?: Refusal; preview?: Previewed[] } = {}
) {
  const { refusal, preview } = results
  const typed = readTyped(new URL(c.req.url).searchParams, ['state', 'q'])
  const filter = { state: STATES.find((state) => state === typed.state), q: typed.q }
  const before = readCursor('ep', c.req.query('cursor'))
  const { data, next } = await searchEndpoints(c.env, filter, FULL_SIGHT, before, PAGE_SIZE)
  const view = (
    <EndpointsPage endpoints={data} next={next} typed={typed} fields={fields} preview={preview} now={c.get('now')} />
  )
  return renderForm(c, view, refusal)
}

/** Shows the form again, as it was sent, with the reason why it was refused. */
export function showListAgain(c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams): Promise<Response> {
  const fields = readEndpointFields(form)
  return showList(c, fields, { refusal: expectFormRefusal(refusal, fields) })
}

/** The address of a preview, opened again. */
endpointPages.get('/preview', (c) => c.redirect('/admin/endpoints#new', 303))

/** Receives the form when it is submitted with the preview button. Nothing is saved. */
endpointPages.post('/preview', async (c) => {
  const form = await readForm(c, MAX_FORM_BYTES)
  const fields = readEndpointFields(form)
  try {
    const preview = await previewExamples(c.env, parseNewEndpoint(fields), c.get('now'))
    return await showList(c, fields, { preview })
  } catch (cause) {
    return showListAgain(c, expectRefusal(cause), form)
  }
})
