import { type Context, Hono } from 'hono'
import { noteNoChange } from '../../access/audit/record'
import { FULL_GRANT } from '../../access/rights'
import { batch, run } from '../../db/statements'
import {
  expectFormRefusal,
  fieldsOf,
  parseEndpointChange,
  parseNewEndpoint,
  readEndpointFields,
} from '../../endpoints/form'
import { requireEndpoint, rotateSecret } from '../../endpoints/manage'
import { rotation } from '../../endpoints/schemas'
import type { EndpointRow } from '../../endpoints/store'
import { MAX_FORM_BYTES } from '../../endpoints/texts/form'
import { previewExamples } from '../../endpoints/texts/preview'
import { EditEndpointPage } from '../../endpoints/views'
import type { HonoEnv } from '../../env'
import { withFlash } from '../../http/flash'
import { expectRefusal, explain, parseFields, readForm } from '../../http/form'
import { publicOrigin } from '../../http/origin'
import { notFound, Refusal } from '../../http/problem'
import { renderForm, renderPage } from '../../ui/render'
import { planPullToken, revokePullToken } from '../pull/token'
import { previewQuery, readPreview, readReplayFields, scopeFrom } from '../replay/form'
import { planReplay, refuseIfFull, requireEnabled, startReplay, stopReplay } from '../replay/replay'
import { countCandidates } from '../replay/select-messages'
import { shakeHands } from './cloudevents-handshake'
import { alterEndpoint, removeEndpoint, startEndpoint, stopEndpoint } from './lifecycle'
import { sendTest } from './send-test'
import { showEndpoint } from './show-endpoint'

/** `/admin/endpoints/{id}`: one endpoint, its deliveries, and everything that the owner can do with them. */
export const endpointDeliveriesPages = new Hono<HonoEnv>()

/** Redirects to the page, with the result in the URL, so that a reload does not repeat the action. */
function redirect(c: Context, endpoint_id: string, query: string): Response {
  return c.redirect(`/admin/endpoints/${endpoint_id}?${query}`, 303)
}

/** Runs an action. If the action is refused, shows the page again with the reason. */
async function orExplain(c: Context<HonoEnv>, endpoint: EndpointRow, act: () => Promise<Response>): Promise<Response> {
  try {
    return await act()
  } catch (cause) {
    return showEndpoint(c, endpoint, { refusal: expectRefusal(cause) })
  }
}

endpointDeliveriesPages.get('/:id', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const fields = readPreview(new URL(c.req.url).searchParams)
  if (fields === null) return showEndpoint(c, endpoint)
  return orExplain(c, endpoint, async () => {
    const counted = await countCandidates(c.env, scopeFrom(endpoint.id, fields, Date.now()))
    return showEndpoint(c, endpoint, { fields, counted })
  })
})

endpointDeliveriesPages.get('/:id/edit', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  return renderPage(c, <EditEndpointPage endpoint={endpoint} fields={fieldsOf(endpoint)} />)
})

endpointDeliveriesPages.post('/:id', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const fields = readEndpointFields(await readForm(c, MAX_FORM_BYTES))
  try {
    await alterEndpoint(c, endpoint.id, parseEndpointChange(fields), Date.now())
    return redirect(c, endpoint.id, 'done=saved')
  } catch (cause) {
    const refusal = expectFormRefusal(cause, fields)
    const view = <EditEndpointPage endpoint={endpoint} fields={fields} error={explain(refusal)} />
    return renderForm(c, view, refusal)
  }
})

/** The address of a preview, opened again. */
endpointDeliveriesPages.get('/:id/preview', (c) => c.redirect(`/admin/endpoints/${c.req.param('id')}/edit`, 303))

/** Receives the form when it is submitted with the preview button. Nothing is saved. */
endpointDeliveriesPages.post('/:id/preview', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const fields = readEndpointFields(await readForm(c, MAX_FORM_BYTES))
  try {
    const preview = await previewExamples(c.env, parseNewEndpoint(fields), Date.now())
    return await renderPage(c, <EditEndpointPage endpoint={endpoint} fields={fields} preview={preview} />)
  } catch (cause) {
    const refusal = expectFormRefusal(cause, fields)
    const view = <EditEndpointPage endpoint={endpoint} fields={fields} error={explain(refusal)} />
    return renderForm(c, view, refusal)
  }
})

endpointDeliveriesPages.post('/:id/test', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const type = (await readForm(c)).get('type') ?? 'ping'
  return orExplain(c, endpoint, async () => {
    const { message_id } = await sendTest(c.env, endpoint, type)
    return redirect(c, endpoint.id, `tested=${message_id}`)
  })
})

endpointDeliveriesPages.post('/:id/handshake', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  return orExplain(c, endpoint, async () => {
    const { allowed } = await shakeHands(c.env, endpoint, publicOrigin(c), Date.now())
    return redirect(c, endpoint.id, `done=${allowed ? 'allowed' : 'not_allowed'}`)
  })
})

endpointDeliveriesPages.post('/:id/secret/rotate', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const form = await readForm(c)
  const secret = form.get('secret')?.trim()
  const grace_seconds = Number(form.get('grace_seconds') || 'NaN')
  return orExplain(c, endpoint, async () => {
    const request = parseFields(rotation, { grace_seconds, ...(secret && { secret }) })
    await rotateSecret(c.env, endpoint.id, request, Date.now())
    const done = grace_seconds === 0 ? 'replaced' : 'rotated'
    return redirect(c, endpoint.id, `done=${done}&secret=show`)
  })
})

endpointDeliveriesPages.post('/:id/pull-token', async (c) => {
  const now = Date.now()
  const { id } = await requireEndpoint(c.env, c.req.param('id'))
  const { token: pull_token, statements } = await planPullToken(c.env, id, now, FULL_GRANT)
  await batch(c.env, statements)
  return c.redirect(`${await withFlash(c.env, `/admin/endpoints/${id}`, { pull_token }, now)}#pull`, 303)
})

endpointDeliveriesPages.post('/:id/pull-token/revoke', async (c) => {
  await revokePullToken(c.env, c.req.param('id'), Date.now())
  return redirect(c, c.req.param('id'), 'done=revoked')
})

/** A preview is a redirect to the page with the form in its URL, so that it can be reloaded. */
endpointDeliveriesPages.post('/:id/replay', async (c) => {
  const now = Date.now()
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const form = await readForm(c)
  const fields = readReplayFields(form)
  try {
    requireEnabled(endpoint)
    const scope = scopeFrom(endpoint.id, fields, now)
    if (form.get('dry_run') === 'true') {
      noteNoChange(c)
      return redirect(c, endpoint.id, `${previewQuery(fields)}#replay`)
    }
    const { statement } = await planReplay(c.env, scope, now)
    await refuseIfFull(() => run(statement))
    c.executionCtx.waitUntil(startReplay(c.env, endpoint.id, now))
    return redirect(c, endpoint.id, 'done=replaying#replay')
  } catch (cause) {
    return showEndpoint(c, endpoint, { fields, refusal: expectRefusal(cause) })
  }
})

endpointDeliveriesPages.post('/:id/jobs/:job/cancel', async (c) => {
  const job = await stopReplay(c.env, c.req.param('job'), Date.now())
  if (!job) throw notFound('job')
  return redirect(c, c.req.param('id'), 'done=canceled#replay')
})

endpointDeliveriesPages.post('/:id/enable', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const form = await readForm(c)
  const replayMissing = form.get('replay_missing') === 'true'
  return orExplain(c, endpoint, async () => {
    requireSeen(endpoint, form.get('url'))
    await startEndpoint(c, endpoint.id, replayMissing, Date.now())
    return redirect(c, endpoint.id, 'done=enabled')
  })
})

/** An integrator may have changed the URL since the owner looked. @throws Refusal 409 */
function requireSeen({ disabled_reason, url }: EndpointRow, seen: string | null): void {
  if (disabled_reason !== 'awaiting_approval' || seen === url) return
  const detail = 'The integrator has changed this URL in the meantime. Look at the new one, then approve it.'
  throw new Refusal(409, 'changed_meanwhile', detail)
}

endpointDeliveriesPages.post('/:id/disable', async (c) => {
  const { id } = await stopEndpoint(c.env, c.req.param('id'), Date.now())
  return redirect(c, id, 'done=disabled')
})

endpointDeliveriesPages.post('/:id/delete', async (c) => {
  await removeEndpoint(c.env, c.req.param('id'), Date.now())
  return c.redirect('/admin/endpoints?done=deleted', 303)
})
