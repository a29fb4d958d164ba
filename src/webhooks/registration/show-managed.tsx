import type { Context } from 'hono'
import type { HonoEnv } from '../../env'
import type { Integrator } from '../../kit/caller'
import { renderForm, renderPage } from '../../kit/html/render'
import { pageOrigin, publicOrigin } from '../../kit/http/origin'
import type { Refusal } from '../../kit/http/problem'
import { hostOf } from '../../kit/lib/url'
import { noticesFor } from '../endpoints/page/notices'
import { readState, renderPart } from '../endpoints/page/show-endpoint'
import type { EndpointRow } from '../endpoints/store'
import { sentRequest } from '../send/http/sent-request'
import { renderState } from '../send/messages/pages'
import { findMessage, listAttempts, readDelivery } from '../send/messages/queries'
import { retryNotice } from '../send/messages/retry-notice'
import { readReplayFields } from '../send/resend/form'
import { Unanswered } from './challenge'
import { editedFieldsOf, givenTypes } from './edit'
import { GuidePage } from './guide-views'
import { integratorOf, pageWith, requireManaged } from './manage'
import { EditManagedPage, ManagedDeliveryPage, ManagePage } from './manage-views'
import { readGuide } from './read-guide'
import { readRegistrationFields } from './register'

/** Renders `/webhooks/manage/{token}`. @param refused why a form of the page was refused @param form as it was sent */
export async function showManaged(c: Context<HonoEnv>, refused?: Refusal, form?: URLSearchParams) {
  const { endpoint, page } = await findManaged(c)
  const viewed = { endpoint, viewer: integratorOf(endpoint, page), now: c.get('now') }
  const part = refused ? null : await renderPart(c, viewed)
  if (part) return part
  const { refusal, ...state } = await readState(
    c,
    viewed,
    refused && { refusal: refused, fields: form && readReplayFields(form) }
  )
  const tested = c.req.query('tested')
  const last = tested ? { message_id: tested } : (state.health.test ?? state.health.last)
  const view = (
    <ManagePage
      {...viewed}
      {...state}
      host={hostOf(pageOrigin(c))}
      check={state.tab === 'test' && (await readCheck(c.env, endpoint, last))}
      {...noticesFor(c.req.query('done'), endpoint, state.health)}
    />
  )
  return renderForm(c, view, refusal, page)
}

/** @returns the endpoint that the link in the path manages, and the path of its page. @throws Refusal 404 */
async function findManaged(c: Context<HonoEnv>) {
  const token = c.req.param('token') ?? ''
  return { endpoint: await requireManaged(c.env, token), page: pageWith(token) }
}

/** @returns who has the link in the path: this person sends the forms of its page. @throws Refusal 404 */
export async function requireIntegrator(c: Context<HonoEnv>): Promise<Integrator> {
  const { endpoint, page } = await findManaged(c)
  return { actor: undefined, scopes: ['read'], manages: { id: endpoint.id, page } }
}

/** Renders `/webhooks/manage/{token}/messages/{id}`. @param refusal why the delivery is not sent again */
export async function showManagedDelivery(c: Context<HonoEnv>, refusal?: Refusal) {
  const now = c.get('now')
  const { endpoint, page } = await findManaged(c)
  const key = { endpoint_id: endpoint.id, message_id: c.req.param('message_id') ?? '' }
  if (c.req.query('part') === 'rows') return renderState(c, key)
  // What the endpoint gets, its integrator may see.
  const sight = { links: endpoint.moderation_links === 1, secrets: true, headers: true }
  const detail = await readDelivery(c.env, key, sight, now)
  const notice = retryNotice(c.req.query('done'), detail.delivery, now)
  const more = { endpoint, page, notice, now }
  return renderForm(c, <ManagedDeliveryPage {...detail} {...more} />, refusal, `${page}/messages/${key.message_id}`)
}

/** Renders `/webhooks/manage/{token}/edit`. @param refusal why the form was refused @param form as it was sent */
export async function showManagedEdit(c: Context<HonoEnv>, refusal?: Refusal, form?: URLSearchParams) {
  const { endpoint, page } = await findManaged(c)
  const fields = form ? readRegistrationFields(form) : editedFieldsOf(endpoint)
  const challenge = refusal instanceof Unanswered ? refusal.challenge : null
  return renderForm(c, <EditManagedPage {...{ page, fields, given: givenTypes(endpoint), challenge }} />, refusal)
}

/** Renders `/webhooks/manage/{token}/guide`: the guide, with the id of the endpoint filled in. */
export async function showManagedGuide(c: Context<HonoEnv>) {
  const { endpoint, page } = await findManaged(c)
  const origin = publicOrigin(c)
  const guide = await readGuide(c.env, origin, endpoint.id, `${page}?tab=test#signature`)
  return renderPage(c, <GuidePage {...{ origin, page, guide }} />)
}

/** A longer body would make the page of the endpoint slow. The page of its delivery shows it. */
const MAX_BODY = 16_384

/** Writes the last request to an endpoint again, for the check of its signature. @param last what was sent last */
async function readCheck(env: Env, endpoint: EndpointRow, last: { message_id: string } | null | undefined) {
  if (!last) return { sent: null }
  const { message_id } = last
  const key = { endpoint_id: endpoint.id, message_id }
  const [message, [attempt]] = await Promise.all([findMessage(env, message_id), listAttempts(env, key)])
  if (!message || message.erased_at !== null || !attempt) return { sent: null }
  const sent = await sentRequest(env, endpoint, message, attempt)
  return { sent: sent && sent.body.length <= MAX_BODY ? sent : null }
}
