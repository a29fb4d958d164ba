import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { Dashboard } from '../../kit/html/dashboard'
import { renderPage } from '../../kit/html/render'
import { notFound } from '../../kit/http/problem'
import { DASHBOARD } from '../../kit/lib/paths'
import { payloadFor } from '../program'
import { FORMATS } from '../rules/events/formats/index'
import { renderPayload } from '../rules/events/render'
import { findMessage } from '../send/messages/queries'
import { SignatureCheck } from './signature-views'

/** `/admin/signature`: finds out why a signature does not match, in the browser. See browser/signature/page.ts. */
export const signaturePages = new Hono<HonoEnv>()

signaturePages.get('/', (c) => renderPage(c, <SignaturePage />))

/** A message as each kind of endpoint gets it, for a comparison in the browser. */
signaturePages.get('/:id', async (c) => {
  const message = await findMessage(c.env, c.req.param('id'))
  // An erased message has no payload to compare with.
  if (!message || message.erased_at !== null) throw notFound('message')
  // With and without moderation links: it depends on the endpoint.
  const payloads = await Promise.all([true, false].map((links) => payloadFor(c.env, message, links)))
  const bodies = payloads.flatMap((payload) => FORMATS.map((format) => renderPayload(format, payload).body))
  return c.json({ bodies: [...new Set(bodies)] })
})

function SignaturePage() {
  return (
    <Dashboard title="Why doesn't my signature match?" section={DASHBOARD.signingKeys}>
      <div class="card">
        <SignatureCheck sent={null} kind="primary" />
        <p id="comparison" hidden>
          <button type="button" id="compare">
            Compare the body with the message
          </button>{' '}
          <span class="hint">Only the ID is sent.</span>
        </p>
      </div>
    </Dashboard>
  )
}
