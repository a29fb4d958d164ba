import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { contextOf } from '../../kit/context'
import { renderForm } from '../../kit/html/render'
import { expectRefusal, MAX_LONG_FORM_BYTES, readForm } from '../../kit/http/form'
import type { Refusal } from '../../kit/http/problem'
import { listOwnTypes } from '../event-types/store'
import { booksOfProgram } from '../program'
import { expectFormRefusal, formOfEndpoint, newEndpointForm, parseNewForm } from './form'
import { EndpointFormPage } from './form-views'
import { requireEndpoint } from './manage'
import { type Previewed, previewExamples } from './preview'

/** The form of an endpoint: of a new one, or of the one in the path. operations.ts receives it. */
export const endpointFormPages = new Hono<HonoEnv>()

type More = { preview?: Previewed[]; refusal?: Refusal }

/** @param given what the owner has entered. By default, the form shows the endpoint as it is */
async function showForm(c: Context<HonoEnv>, given?: URLSearchParams, { preview, refusal }: More = {}) {
  const id = c.req.param('id')
  const [endpoint, own, books] = await Promise.all([
    id === undefined ? undefined : requireEndpoint(c.env, id),
    listOwnTypes(c.env),
    booksOfProgram(c.env),
  ])
  const form = given ?? (endpoint ? formOfEndpoint(endpoint) : newEndpointForm())
  return renderForm(c, <EndpointFormPage {...{ endpoint, form, own, books, preview }} />, refusal)
}

endpointFormPages.on('GET', ['/new', '/:id/edit'], (c) => showForm(c))

/** Shows the form again, with the reason for its refusal. */
export async function showFormAgain(c: Context<HonoEnv>, cause: Refusal, form: URLSearchParams): Promise<Response> {
  return showForm(c, form, { refusal: expectFormRefusal(cause, form) })
}

/** The addresses of a preview. */
const PREVIEWS = ['/preview', '/:id/preview']

/** The address of a preview, opened again. */
endpointFormPages.on('GET', PREVIEWS, (c) =>
  c.redirect(c.req.path.replace(/preview$/, c.req.param('id') ? 'edit' : 'new'), 303)
)

/** Receives the form when it is submitted with the preview button. Nothing is saved. */
endpointFormPages.on('POST', PREVIEWS, async (c) => {
  const form = await readForm(c, MAX_LONG_FORM_BYTES)
  try {
    return await showForm(c, form, { preview: await previewExamples(contextOf(c), parseNewForm(form)) })
  } catch (cause) {
    return showFormAgain(c, expectRefusal(cause), form)
  }
})
