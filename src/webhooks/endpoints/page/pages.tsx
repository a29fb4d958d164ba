import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../../env'
import { contextOf } from '../../../kit/context'
import { renderForm, renderPage } from '../../../kit/html/render'
import { expectRefusal, readForm } from '../../../kit/http/form'
import type { Refusal } from '../../../kit/http/problem'
import { expectFormRefusal, fieldsOf, parseNewEndpoint, readEndpointFields } from '../form'
import { requireEndpoint } from '../manage'
import { MAX_FORM_BYTES } from '../texts/form'
import { previewExamples } from '../texts/preview'
import { EditEndpointPage } from '../views'
import { showEndpoint } from './show-endpoint'

/** `/admin/endpoints/{id}`: one endpoint and its deliveries. Its forms are in src/owner/operations/endpoints/. */
export const endpointDeliveriesPages = new Hono<HonoEnv>()

endpointDeliveriesPages.get('/:id', async (c) => showEndpoint(c, await requireEndpoint(c.env, c.req.param('id'))))

endpointDeliveriesPages.get('/:id/edit', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  return renderPage(c, <EditEndpointPage endpoint={endpoint} fields={fieldsOf(endpoint)} />)
})

/** Shows the form again, with the reason for its refusal. */
export async function showEditAgain(c: Context<HonoEnv>, cause: Refusal, form: URLSearchParams): Promise<Response> {
  const endpoint = await requireEndpoint(c.env, c.req.param('id') ?? '')
  const fields = readEndpointFields(form)
  const refusal = expectFormRefusal(cause, fields)
  return renderForm(c, <EditEndpointPage endpoint={endpoint} fields={fields} />, refusal)
}

/** The address of a preview, opened again. */
endpointDeliveriesPages.get('/:id/preview', (c) => c.redirect(`/admin/endpoints/${c.req.param('id')}/edit`, 303))

/** Receives the form when it is submitted with the preview button. Nothing is saved. */
endpointDeliveriesPages.post('/:id/preview', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const form = await readForm(c, MAX_FORM_BYTES)
  const fields = readEndpointFields(form)
  try {
    const preview = await previewExamples(contextOf(c), parseNewEndpoint(fields))
    return await renderPage(c, <EditEndpointPage endpoint={endpoint} fields={fields} preview={preview} />)
  } catch (cause) {
    return showEditAgain(c, expectRefusal(cause), form)
  }
})
